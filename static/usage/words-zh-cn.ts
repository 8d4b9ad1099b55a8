// The same in Chinese.
import type { Word } from './words-en.ts';

export const wordsZhCn: Record<Word, string> = {
  roleViewer: '只读',
  roleMember: '成员',
  roleAdmin: '管理员',
  administration: '管理',
  signOutTitle: '退出登录并放弃未发送的内容？',
  signOutUnsent: '以下内容只保存在这个浏览器中，退出后会被删除：',
  unsentMessages: '正在发送的消息：{count} 条',
  unsentDrafts: '草稿：{count} 份',
  stay: '保持登录',
  signOutAnyway: '仍然退出',
  limitRequests: '本分钟请求',
  limitRunning: '同时回复',
  limitTurns: '今日消息',
  limitTokens: '今日词元',
  limitCost: '本月费用',
  limitsOfKey: '此外，登录所用的密钥限于：',
  leftOf: '剩余 {left} / {most}',
  heldForTurns: '余量已为正在回复的消息预留，其中一条回复结束后即可继续。',
  usedToday: '今日已用：{turns} 条消息，{tokens} 个词元',
  usedMonth: '本月费用：{cost}',
};
