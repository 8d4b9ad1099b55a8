import type { Word } from './words-en.ts';

export const wordsZhCn: Record<Word, string> = {
  cannotFork: '没能另起会话。',
  versions: '版本',
  previous: '上一个版本',
  next: '下一个版本',
  versionOf: '第 {n} 个版本，共 {count} 个',
  fork: '从这里另起一个会话',
  edited: '修改您的消息',
  send: '发送',
  cancel: '取消',
  kept: '原来的内容会保留，作为另一个版本。',
};
