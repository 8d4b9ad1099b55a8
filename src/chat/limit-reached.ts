// What a caller is told whose limit is reached, and what of a message counts before it is answered.
import type { Agent } from '../agent/agent.ts';
import { costOf } from '../agent/prices.ts';
import type { Refusal } from '../db/access/allowances.ts';
import { countTokens } from '../models/tokens.ts';
import type { Bilingual } from '../words/bilingual.ts';
import type { LimitName } from '../words/limits.ts';
import { Failure } from './failure.ts';

export const limitReached = ({ limit, value, ofKey, retryAfter }: Refusal): Failure => {
  const number = String(value);
  const { 'zh-CN': zh, en } = limitTexts[limit];
  const whose = ofKey ? { 'zh-CN': '此密钥', en: ', which this key has' } : { 'zh-CN': '您', en: '' };
  return new Failure('limit_reached', {
    retry_after: Math.max(1, Math.ceil(retryAfter)),
    reason: {
      'zh-CN': `${whose['zh-CN']}${zh.replace('{n}', number)}`,
      en: en.replace('{n}', number).replace('{whose}', whose.en),
    },
  });
};

const limitTexts: Record<LimitName, Bilingual> = {
  requests_per_minute: {
    'zh-CN': '每分钟最多 {n} 次请求，下一分钟即可继续',
    en: 'the limit of {n} requests a minute{whose} is reached, and the next minute brings new ones',
  },
  running_turns: {
    'zh-CN': '同时最多有 {n} 个轮次在运行或排队，请等其中一个结束',
    en: 'the limit of {n} turns that run or wait at once{whose} is reached: wait until one of them has ended',
  },
  turns_per_day: {
    'zh-CN': '每天最多 {n} 个轮次，UTC 零点后可继续',
    en: 'the limit of {n} turns a day{whose} is reached, and midnight (UTC) brings new ones',
  },
  tokens_per_day: {
    'zh-CN': '每天最多 {n} 个词元，UTC 零点后可继续',
    en: 'the limit of {n} tokens a day{whose} is reached, and midnight (UTC) brings new ones',
  },
  cost_per_month: {
    'zh-CN': '每月费用最多 {n}，下月初（UTC）后可继续',
    en: 'the limit of {n} for the cost of a month{whose} is reached, and the next month (UTC) begins anew',
  },
};

/** Of the message alone: what stands before it, and the reply, are known by what turns cost as a rule. */
export function estimateOf({ prices }: Agent, { content }: { content: string }) {
  const tokens = countTokens(content);
  return { tokens, cost: costOf(prices, { prompt_tokens: tokens, completion_tokens: 0 }) };
}
