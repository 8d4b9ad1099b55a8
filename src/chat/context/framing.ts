// What of an agent's prompts is always so: how much stands before a conversation, and how much of that fits.
import type { Agent } from '../../agent/agent.ts';

const nothingSaid = { head: [], skipped: 0, tail: [] };
const known = new WeakMap<object, Framing>();

/** In tokens; `contextTokens` is the most that is sent of a conversation. */
export type Framing = { tokens: number; contextTokens: number };

export function framingOf(agent: Pick<Agent, 'context'>): Framing {
  const before = known.get(agent);
  if (before) return before;
  const { tokens, policy } = agent.context(nothingSaid);
  const framing = { tokens, contextTokens: 'limit' in policy ? policy.limit : Number.MAX_SAFE_INTEGER };
  known.set(agent, framing);
  return framing;
}
