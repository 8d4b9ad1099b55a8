// What the admin page says, in the page's language, with its {values} filled in.
import type { Locale, Values } from '../state/settings.ts';
import { type Word, wordsEn } from './words-en.ts';
import { wordsZhCn } from './words-zh-cn.ts';

const words: Record<Locale, Record<Word, string>> = { en: wordsEn, 'zh-CN': wordsZhCn };

export const say = (locale: Locale, word: Word, values: Values = {}): string =>
  words[locale][word].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
