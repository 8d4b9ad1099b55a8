// Which language a caller reads.
import { accepted } from './accepted.ts';

export const locales = ['zh-CN', 'en'] as const;
export type Locale = (typeof locales)[number];

/** The best of our languages for an `Accept-Language` header; `fallback` where it names neither. */
export function pickLocale(header: string | undefined, fallback: Locale): Locale {
  if (header === undefined) return fallback;
  const wanted = accepted(header)
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { name } of wanted) {
    if (/^zh(-|$)/.test(name)) return 'zh-CN';
    if (/^en(-|$)/.test(name)) return 'en';
    if (name === '*') return fallback;
  }
  return fallback;
}

/** A text in both languages. */
export type Bilingual = Record<Locale, string>;
