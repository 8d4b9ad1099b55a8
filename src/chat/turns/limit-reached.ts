// What a caller is told whose limits do not let a turn begin.
import type { Reached, Refusal } from '../../db/access/admission.ts';
import type { Bilingual } from '../../words/bilingual.ts';
import type { LimitName } from '../../words/limits.ts';
import { Failure } from '../failure.ts';
import { agentNotAllowed } from '../principal.ts';

export const turnRefused = (refusal: Refusal, agent: string): Failure =>
  refusal.limit === 'agents' ? agentNotAllowed(refusal.agent ?? agent) : limitReached(refusal);

export const limitReached = ({ limit, value, ofKey, held, retryAfter }: Reached): Failure => {
  const number = String(value);
  const { 'zh-CN': zh, en } = held ? heldTexts[limit] : limitTexts[limit];
  const whose = ofKey ? { 'zh-CN': '此密钥', en: ', which this key has' } : { 'zh-CN': '您', en: '' };
  return new Failure('limit_reached', {
    retry_after: Math.max(1, Math.ceil(retryAfter)),
    limit,
    quota: value,
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

/** Where turns that run may use what is left. */
const heldTexts: Record<LimitName, Bilingual> = {
  ...limitTexts,
  tokens_per_day: {
    'zh-CN': '每天最多 {n} 个词元，余下的已为运行中的轮次预留，请等其中一个结束',
    en: 'what is left of the limit of {n} tokens a day{whose} is held for turns that run: wait until one of them has ended',
  },
  cost_per_month: {
    'zh-CN': '每月费用最多 {n}，余下的已为运行中的轮次预留，请等其中一个结束',
    en: 'what is left of the limit of {n} for the cost of a month{whose} is held for turns that run: wait until one of them has ended',
  },
};
