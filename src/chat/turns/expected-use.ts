// What a turn may be expected to use before it has begun: so much is held for it of who has limits.
import type { Agent } from '../../agent/agent.ts';
import { longestUnset } from '../../agent/model-limit.ts';
import type { Expected } from '../../db/access/admission.ts';
import { countTokens } from '../../models/tokens.ts';
import { framingOf } from '../context/framing.ts';

/** More messages than these are not looked at. */
const mostMessages = 1000;

/** `content` is what is said now, and is not stored yet. */
export function expectedOf(agent: Agent, content = ''): Expected {
  const { window, model, prices } = agent;
  const { tokens, contextTokens } = framingOf(agent);
  return {
    promptTokens: tokens + countTokens(content),
    contextMessages: Math.min(mostMessages, window.head + window.tail),
    contextTokens,
    replyTokens: model.maxTokens ?? longestUnset,
    promptPrice: prices?.prompt ?? 0,
    completionPrice: prices?.completion ?? 0,
  };
}
