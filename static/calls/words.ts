// What is said of calls.
import { ownWords } from '../shell/own-words.ts';
import type { Values } from '../state/settings.ts';
import { type Word, wordsEn } from './words-en.ts';
import { wordsZhCn } from './words-zh-cn.ts';

export type SayOfCalls = (word: Word, values?: Values) => string;

export const useWords: () => SayOfCalls = ownWords<Word>({ en: wordsEn, 'zh-CN': wordsZhCn });
