// What is said of calls, in the page's language, with its {values} filled in.
import { useSettings } from '../shell/settings-context.ts';
import type { Locale, Values } from '../state/settings.ts';
import { type Word, wordsEn } from './words-en.ts';
import { wordsZhCn } from './words-zh-cn.ts';

const words: Record<Locale, Record<Word, string>> = { en: wordsEn, 'zh-CN': wordsZhCn };

export type SayOfCalls = (word: Word, values?: Values) => string;

export function useWords(): SayOfCalls {
  const locale = useSettings().locale.value;
  return (word, values = {}) =>
    words[locale][word].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
