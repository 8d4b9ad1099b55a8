// The same in Chinese.
import type { Word } from './words-en.ts';

export const wordsZhCn: Record<Word, string> = {
  signInTitle: '登录 AgentChat',
  signInText: '登录后才会显示你的对话。',
  signInAgainText: '{owner} 的登录已失效。写下的内容都会保留，重新登录后会自动继续。',
  signInProvider: '使用单点登录',
  or: '或',
  key: '访问密钥',
  keyHint: '密钥由服务器的管理者发放，不会保存在浏览器中。',
  showKey: '显示密钥',
  hideKey: '隐藏密钥',
  signInWithKey: '用密钥登录',
  signingIn: '正在登录…',
  wrongKey: '密钥无效：可能输错了、已过期或已被吊销。请检查后再试，或索取新的密钥。',
  signInByProxy: '此服务器由前面的代理确认身份，但代理没有给出用户。请通过代理的地址打开本页。',
  signInNoWay: '此服务器没有提供页面登录，请联系管理者。',
  signInCancelled: '登录被中断了。请重试，或换一种方式。',
  signInExpired: '登录用时过长，或是在另一个浏览器中开始的。请重新开始。',
  signInEmailUnverified: '单点登录服务尚未验证你的邮箱地址。请先在那里完成验证，再重新登录。',
  signInNotAllowed: '你已登录，但无权使用此服务器。请联系管理者开通。',
  signInProviderAway: '无法连接单点登录服务，请稍后重试。',
  signInTooMany: '来自此地址的失败登录过多。请稍等一分钟再试。',
  signInFailed: '登录没有成功。请重试；如果仍然失败，请告诉服务器的管理者。',
};
