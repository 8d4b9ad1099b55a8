// What the reference says besides the description.
import type { Locale } from '../state/settings.ts';

const en = {
  title: 'API reference',
  toChat: 'Chat',
  raw: 'The description as JSON',
  // A computer without a Chinese font shows boxes for the first.
  language: '中文 (Chinese)',
  light: 'Light',
  dark: 'Dark',
  cannotLoad: 'The description could not be loaded. Is the server running? Load the page again.',
  parameters: 'Parameters',
  body: 'Body',
  answers: 'Answers',
  required: 'required',
  operation: 'Name in generated clients',
  codes: 'Codes',
  types: 'Types',
  oneOf: 'One of',
  example: 'Example',
  tryIt: 'Try it',
  send: 'Send',
  stop: 'Stop',
  copy: 'Copy',
  copied: 'Copied',
  command: 'The same with curl',
  answer: 'Answer',
  failed: 'The server did not answer.',
  changes: 'This is sent to the real server, and changes what it holds.',
};
export type Word = keyof typeof en;

const zhCn: Record<Word, string> = {
  title: 'API 文档',
  toChat: '返回聊天',
  raw: 'JSON 格式的接口描述',
  language: 'English',
  light: '浅色',
  dark: '深色',
  cannotLoad: '无法加载接口描述。请确认服务器正在运行，然后重新加载页面。',
  parameters: '参数',
  body: '请求正文',
  answers: '响应',
  required: '必填',
  operation: '生成的客户端中的名称',
  codes: '代码',
  types: '类型',
  oneOf: '以下之一',
  example: '示例',
  tryIt: '试一试',
  send: '发送',
  stop: '停止',
  copy: '复制',
  copied: '已复制',
  command: '等效的 curl 命令',
  answer: '响应内容',
  failed: '服务器没有响应。',
  changes: '请求会发送到真实的服务器，并改变其中的数据。',
};

export const words: Record<Locale, Record<Word, string>> = { en, 'zh-CN': zhCn };
