// What the next message of a session would be answered with: read and cut as a turn reads and cuts it.
import type { Agent, Context } from '../../agent/agent.ts';
import type { SessionUsage } from '../../db/messages.ts';
import type { SessionKey } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import type { LlmMessage } from '../../models/messages.ts';
import { Failure } from '../failure.ts';
import { everything, readConversation } from './conversation.ts';
import { framingOf } from './framing.ts';

export type NextContext = Pick<Context, 'policy' | 'modelLimit' | 'leftOut'> & {
  agent: string;
  model: string;
  /** Of what would be sent before the message, about. */
  tokens: number;
  /** The most that is sent, where that is known. */
  tokenLimit: number | undefined;
  /** How many messages would be sent before it. */
  sent: number;
  usage?: SessionUsage | undefined;
};

/** It takes the place of the message: some policies count that. */
const next: LlmMessage = { type: 'UserMessage', content: '?', source: 'user' };

/** Throws a Failure where there is no such session. */
export async function nextContext(
  store: Store,
  key: SessionKey,
  agent: Agent,
  withUsage: boolean,
): Promise<NextContext> {
  const session = await store.sessions.find(key);
  if (!session) throw new Failure('session_not_found');
  const counting = { ...agent, window: { ...agent.window, countsSkipped: true } };
  const [conversation, usage] = await Promise.all([
    readConversation(store, counting, key, session, everything),
    withUsage ? store.messages.usage(key) : undefined,
  ]);
  conversation.tail.push(next);
  const context = agent.context(conversation);
  const { policy, modelLimit, leftOut } = context;
  const said = context.messages.filter(({ type }) => type !== 'SystemMessage');
  const { contextTokens } = framingOf(agent);
  const limits = [contextTokens, modelLimit ?? Number.MAX_SAFE_INTEGER];
  const tokenLimit = Math.min(...limits);
  return {
    agent: agent.name,
    model: agent.model.name,
    policy,
    modelLimit,
    leftOut,
    tokens: context.tokens,
    tokenLimit: tokenLimit === Number.MAX_SAFE_INTEGER ? undefined : tokenLimit,
    sent: said.length - 1,
    usage,
  };
}
