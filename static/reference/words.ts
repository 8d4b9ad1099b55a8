// What the reference says besides the description, and the description's own sentences in Chinese.
import type { Locale } from '../state/settings.ts';

const en = {
  title: 'API reference',
  toChat: 'Chat',
  raw: 'The description as JSON',
  language: '中文',
  light: 'Light',
  dark: 'Dark',
  cannotLoad: 'The description could not be loaded. Is the server running? Load the page again.',
  parameters: 'Parameters',
  body: 'Body',
  answers: 'Answers',
  required: 'required',
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

/** A sentence that is not here stays as the server wrote it. */
const sentences = new Map([
  [
    'Conversations with an AI agent: sessions, chat (blocking and streamed), history, the agent’s state and its thoughts, kept in PostgreSQL.',
    '与 AI 智能体对话：会话、聊天（整体返回或流式）、历史、智能体的状态与思考过程，都保存在 PostgreSQL 中。',
  ],
  ['Conversations', '会话'],
  ['Saying something to the agent', '与智能体对话'],
  ['What was said', '历史消息'],
  ['A message and the work of answering it', '轮次：一条消息及其回复过程'],
  ['For callers of the FastAPI application', '供原 FastAPI 应用的调用方使用'],
  ['The server itself', '服务器本身'],
  ['Make a session', '新建会话'],
  ['List sessions, most recently updated first', '列出会话，最近更新的在前'],
  ['A session with the agent’s state', '会话及智能体的状态'],
  ['Rename a session, or replace its metadata', '重命名会话，或替换其元数据'],
  ['Delete a session and all it holds', '删除会话及其全部内容'],
  ['Say something and get the reply', '发送消息并得到回复'],
  ['The messages of a session', '会话的消息'],
  ['The turns of a session, newest first', '会话的轮次，最新的在前'],
  [
    'A turn, or with `Accept: text/event-stream` its events',
    '一个轮次；带 `Accept: text/event-stream` 时为其事件流',
  ],
  ['Stop a turn; what was generated so far is kept as the reply', '停止轮次；已生成的内容保留为回复'],
  ['Run a failed turn again, without repeating the user’s message', '重新运行失败的轮次，不重复用户的消息'],
  ['Say something in the most recently updated session', '在最近更新的会话中发送消息'],
  ['The messages of the most recently updated session', '最近更新的会话的消息'],
  ['Is the process alive?', '进程是否存活？'],
  [
    'Can it serve: does the database answer, take what is written, and have this version’s tables?',
    '能否提供服务：数据库可用、可写，且表结构与此版本一致？',
  ],
]);

export const told = (sentence: string, locale: Locale): string =>
  (locale === 'zh-CN' ? sentences.get(sentence) : undefined) ?? sentence;
