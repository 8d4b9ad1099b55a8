// What is said of files.
import { ownWords } from '../shell/own-words.ts';
import { type Word, wordsEn } from './words-en.ts';
import { wordsZhCn } from './words-zh-cn.ts';

export type { Word };

export const useWords = ownWords<Word>({ en: wordsEn, 'zh-CN': wordsZhCn });
