// Which language a caller reads.
import type { Locale } from '../words/bilingual.ts';
import { accepted } from './accepted.ts';

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
