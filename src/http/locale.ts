// Which language a caller reads.

export const locales = ['zh-CN', 'en'] as const;
export type Locale = (typeof locales)[number];

/** The best of our languages for an `Accept-Language` header; `fallback` where it names neither. */
export function pickLocale(header: string | undefined, fallback: Locale): Locale {
  if (header === undefined) return fallback;
  const wanted = header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const weight = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean);
      return { tag: tag.trim(), q: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q);
  for (const { tag } of wanted) {
    if (/^zh(-|$)/.test(tag)) return 'zh-CN';
    if (/^en(-|$)/.test(tag)) return 'en';
    if (tag === '*') return fallback;
  }
  return fallback;
}

/** A text in both languages. */
export type Bilingual = Record<Locale, string>;
