// Reads a conversation as the agent needs it: what was imported, then the stored messages, through a window.
import type { Assistant } from '../agent/assistant.ts';
import type { Conversation } from '../agent/context.ts';
import type { SessionKey } from '../db/owner.ts';
import type { Json } from '../db/schema.ts';
import type { Store } from '../db/store.ts';
import type { BegunTurn } from '../db/turns/turns.ts';
import type { LlmMessage } from '../models/messages.ts';
import { type AssistantAgentState, llmMessageOf, stateMessages, stateOf } from './state.ts';

/** A session's part that stands before its stored messages: the imported state, up to message `seq`. */
export type Imported = { agentState: Json | null; agentStateSeq: number };

/** How many messages before a new one its turn needs from the conversation's end. */
export const messagesBefore = ({ window }: Pick<Assistant, 'window'>): number =>
  Math.max(0, countable(window.tail) - 1);

/**
 * The conversation up to and with message `upTo`; with `asOf`, as it was when that turn ran. Each end that is needed is a
 * read, but for an end that `begun` brought.
 */
export async function readConversation(
  store: Store,
  assistant: Pick<Assistant, 'window' | 'initialMessages'>,
  session: SessionKey,
  begun: Imported & Pick<BegunTurn, 'tail'>,
  upTo: number,
  asOf?: string,
): Promise<Conversation> {
  const { window } = assistant;
  const before = beginning(assistant, begun);
  const after = begun.agentStateSeq;
  const headLimit = countable(Math.max(0, window.head - before.length));
  const [headRows, tailRows] = await Promise.all([
    headLimit === 0 ? [] : store.messages.head(session, { after, upTo, asOf, limit: headLimit }),
    window.tail === 0
      ? []
      : (begun.tail ?? store.messages.tail(session, { after, upTo, asOf, limit: countable(window.tail) })),
  ]);
  const headEnd = headRows.at(-1)?.seq ?? after;
  const tail = tailRows.filter((row) => row.seq > headEnd);
  const head = [...before, ...headRows.map(llmMessageOf)];
  const firstOfTail = tail[0]?.seq ?? headEnd + 1;
  const skipped = window.countsSkipped
    ? await store.messages.countBetween(session, headEnd, firstOfTail, asOf)
    : 0;
  return { head, skipped, tail: tail.map(llmMessageOf), name: session.session };
}

/** AutoGen's state of the session: all of it, as AutoGen itself would have saved it. */
export async function readAgentState(
  store: Store,
  assistant: Pick<Assistant, 'initialMessages'>,
  session: SessionKey,
  imported: Imported,
): Promise<AssistantAgentState> {
  const rows = await store.messages.head(session, {
    after: imported.agentStateSeq,
    upTo: everything,
    limit: everything,
  });
  return stateOf([...beginning(assistant, imported), ...rows.map(llmMessageOf)]);
}

// AutoGen seeds initial messages once, when there is no state yet; they are part of it from then on.
function beginning(assistant: Pick<Assistant, 'initialMessages'>, imported: Imported): LlmMessage[] {
  return imported.agentState === null ? [...assistant.initialMessages] : stateMessages(imported.agentState);
}

// More than a session has, and no more than the database counts to.
const everything = 2_147_483_647;
const countable = (limit: number): number => Math.min(everything, limit);
