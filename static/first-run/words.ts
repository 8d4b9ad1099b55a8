// What is said until there is a model.
import { ownWords } from '../shell/own-words.ts';
import { type Word, wordsEn } from './words-en.ts';
import { wordsZhCn } from './words-zh-cn.ts';

export const useWords = ownWords<Word>({ en: wordsEn, 'zh-CN': wordsZhCn });
