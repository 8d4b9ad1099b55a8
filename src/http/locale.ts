// Which language a caller reads.

import { parseAccept } from 'hono/utils/accept';
import type { Locale } from '../words/bilingual.ts';

/** The best of our languages for an `Accept-Language` header; `fallback` where it names neither. */
export function pickLocale(header: string | undefined, fallback: Locale): Locale {
  // The most wanted first.
  for (const { type, q } of parseAccept(header ?? '')) {
    if (q === 0 || type === '*') break;
    if (/^zh(-|$)/i.test(type)) return 'zh-CN';
    if (/^en(-|$)/i.test(type)) return 'en';
  }
  return fallback;
}
