// What the model was sent for a turn, made again from what is stored; for one that has not run, what it would be sent.
import type { Assistant, Context } from '../agent/assistant.ts';
import type { Owner } from '../db/owner.ts';
import type { Store } from '../db/store.ts';
import type { TurnRow } from '../db/turns/turns.ts';
import { readConversation } from './conversation.ts';
import { Failure } from './failure.ts';
import { trimmedOf } from './reply-draft.ts';

/** What of the assistant it takes to tell. */
export type ContextTeller = Pick<Assistant, 'window' | 'initialMessages' | 'context'>;

/** With the model configuration of now. Throws a Failure where the session was deleted meanwhile. */
export async function turnContext(
  store: Store,
  assistant: ContextTeller,
  owner: Owner,
  row: TurnRow,
): Promise<Context> {
  const key = { owner, session: row.sessionId };
  const session = await store.sessions.find(key);
  if (!session) throw new Failure('session_not_found');
  const { agentState, agentStateSeq } = session;
  const conversation = await readConversation(
    store,
    { ...assistant, window: { ...assistant.window, countsSkipped: true } },
    key,
    { agentState, agentStateSeq },
    row.seq,
    row.id,
  );
  return assistant.context(
    conversation,
    row.reply ? (trimmedOf(row.reply.metadata) ?? untrimmed) : undefined,
  );
}

const untrimmed = { leftOut: 0, limit: undefined };
