// In which language a person at the terminal is spoken to. Imports nothing that is not in Bun.

import type { Environment } from '../settings.ts';
import type { Locale } from '../words/bilingual.ts';

/** Chinese where the terminal's own setting says so, else English. */
export function terminalLocale(environment: Environment): Locale {
  const setting = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return /^zh/i.test(setting) ? 'zh-CN' : 'en';
}
