// What the model was sent for a turn, made again from what is stored; for one that has not run, what it would be sent.
import type { Agents, Context } from '../../agent/agent.ts';
import type { Owner } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import type { TurnWithSteps } from '../../db/turns/find-turns.ts';
import { answererOf } from '../answerer.ts';
import { Failure } from '../failure.ts';
import { trimmedOf } from '../turns/reply-draft.ts';
import { pathOfTurn } from '../versions/tree.ts';
import { readConversation } from './conversation.ts';
import { llmMessages } from './state.ts';

/**
 * With the model configuration of now. Throws a Failure where the session was deleted meanwhile, or the turn's agent is
 * not known here.
 */
export async function turnContext(
  store: Store,
  agents: Agents,
  owner: Owner,
  row: TurnWithSteps,
): Promise<Context> {
  const agent = answererOf(agents, row.agent, row.userMessage);
  const key = { owner, session: row.sessionId };
  const session = await store.sessions.find(key);
  if (!session) throw new Failure('session_not_found');
  const path = await pathOfTurn(store, key, session.path, row);
  const conversation = await readConversation(
    store,
    { ...agent, window: { ...agent.window, countsSkipped: true } },
    key,
    { ...session, path },
    row.seq,
    row.id,
  );
  // Before its last step it was also sent what it had said by then.
  conversation.tail.push(...llmMessages(row.settled));
  return agent.context(conversation, row.reply ? (trimmedOf(row.reply.metadata) ?? untrimmed) : undefined);
}

const untrimmed = { leftOut: 0, limit: undefined };
