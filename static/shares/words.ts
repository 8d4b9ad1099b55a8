// What is said of links that show a session.
import { ownWords } from '../shell/own-words.ts';

const en = {
  title: '“{name}”',
  saveAs: 'Save as',
  md: 'Markdown',
  html: 'Web page',
  json: 'JSON',
  links: 'Links',
  about:
    'A link shows this session as it is now, with thoughts and calls, to whoever has it, without sign-in. What is said later is not shown.',
  create: 'Make a link',
  copy: 'Copy',
  copied: 'Copied',
  take: 'Take back',
  madeAt: 'Made {time}',
  none: 'No link shows this session.',
};

export type Word = keyof typeof en;

const zhCn: Record<Word, string> = {
  title: '“{name}”',
  saveAs: '保存为',
  md: 'Markdown',
  html: '网页',
  json: 'JSON',
  links: '链接',
  about: '拿到链接的人无需登录，即可查看此会话现在的内容，包括思考和调用；之后所说的不会显示。',
  create: '创建链接',
  copy: '复制',
  copied: '已复制',
  take: '取消分享',
  madeAt: '创建于 {time}',
  none: '没有展示此会话的链接。',
};

export const useWords = ownWords<Word>({ en, 'zh-CN': zhCn });
