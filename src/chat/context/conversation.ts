// Reads a conversation as the agent needs it: what was imported, then the stored messages, through a window.
import type { Agent } from '../../agent/agent.ts';
import type { Conversation } from '../../agent/context.ts';
import type { ContextRow, Place } from '../../db/message-row.ts';
import type { SessionKey } from '../../db/owner.ts';
import type { Json } from '../../db/schema.ts';
import type { Store } from '../../db/store.ts';
import type { BegunTurn } from '../../db/turns/change-turns.ts';
import type { LlmMessage } from '../../models/messages.ts';
import type { Instructed } from '../../words/instructed.ts';
import { stoppedCalls } from '../calls/open-calls.ts';
import { framingOf } from './framing.ts';
import { type Room, withFiles } from './shown-files.ts';
import { type AssistantAgentState, llmMessages, stateMessages, stateOf, wholeMessages } from './state.ts';

/** A session's part that stands before its stored messages: the imported state, up to message `seq`. */
export type Imported = { agentState: Json | null; agentStateSeq: number };

/** What of a session is read for each turn. */
export type Shown = Imported & Instructed & Pick<BegunTurn, 'tail' | 'path'>;

/** How many messages before a new one its turn needs from the conversation's end. */
export const messagesBefore = ({ window }: Pick<Agent, 'window'>): number =>
  Math.max(0, countable(window.tail) - 1);

/**
 * The conversation up to and with message `upTo`; with `asOf`, as it was when that turn ran. Each end that is needed is a
 * read, but for an end that `begun` brought.
 */
export async function readConversation(
  store: Store,
  agent: Agent,
  session: SessionKey,
  begun: Shown,
  upTo: number,
  asOf?: string,
): Promise<Conversation> {
  const { window } = agent;
  const before = beginning(agent, begun);
  const after = begun.agentStateSeq;
  const shown = { path: begun.path, asOf };
  const headLimit = countable(Math.max(0, window.head - before.length));
  const [headRows, tailRows] = await Promise.all([
    headLimit === 0 ? [] : store.messages.head(session, { ...shown, after, upTo, limit: headLimit }),
    window.tail === 0
      ? []
      : (begun.tail ??
        store.messages.tail(session, { ...shown, after, upTo, limit: countable(window.tail) })),
  ]);
  const headEnd: Place = headRows.at(-1) ?? { seq: after, step: behindAll };
  const tail = tailRows.filter((row) => isBehind(row, headEnd));
  const room = roomFor(agent, session.session);
  const rows = await asShown(store, session, [...headRows, ...tail], room);
  const head = [...before, ...llmMessages(rows.slice(0, headRows.length))];
  const firstOfTail = tail[0];
  const skipped =
    window.countsSkipped && firstOfTail
      ? await store.messages.countBetween(session, headEnd, firstOfTail, shown)
      : 0;
  const { instructions, temperature } = begun;
  const said = llmMessages(rows.slice(headRows.length));
  return { head, skipped, tail: said, name: session.session, instructions, temperature };
}

/** AutoGen's state of the session: all of it, as AutoGen itself would have saved it. */
export async function readAgentState(
  store: Store,
  agent: Pick<Agent, 'initialMessages'>,
  session: SessionKey,
  imported: Imported & Pick<BegunTurn, 'path'>,
): Promise<AssistantAgentState> {
  const rows = await store.messages.head(session, {
    path: imported.path,
    after: imported.agentStateSeq,
    upTo: everything,
    limit: everything,
  });
  const shown = await asShown(store, session, rows, { ...all, imageBytes: stateImageBytes });
  return stateOf([...beginning(agent, imported), ...wholeMessages(shown)]);
}

/** With what came with them, and what the ledger has of calls whose results are none of them. */
async function asShown(store: Store, session: SessionKey, rows: readonly ContextRow[], room: Room) {
  const shown = await withFiles(store, session.owner, rows, room);
  const stopped = await stoppedCalls(store, session, shown);
  return stopped.size === 0
    ? shown
    : shown.map((row) => ({ ...row, ...(stopped.has(row) && { stopped: stopped.get(row)?.calls }) }));
}

/** As many of the newest images as a session may be made with; and as a model is sent at once. */
const stateImageBytes = 12 * 1024 * 1024;
const sentImageBytes = 20 * 1024 * 1024;
const all = { sees: true, tokens: Number.MAX_SAFE_INTEGER };
/** The part of what an agent's context holds that is for files: the rest is for what is said. */
const forFiles = 0.8;

function roomFor(agent: Agent, name: string): Room {
  const { contextTokens } = framingOf(agent);
  const told = agent.context({ head: [], skipped: 0, tail: [], name }).modelLimit ?? contextTokens;
  const tokens = Math.floor(Math.min(contextTokens, told) * forFiles);
  return { sees: agent.model.vision, tokens, imageBytes: sentImageBytes };
}

// AutoGen seeds initial messages once, when there is no state yet; they are part of it from then on.
function beginning(agent: Pick<Agent, 'initialMessages'>, imported: Imported): LlmMessage[] {
  return imported.agentState === null ? [...agent.initialMessages] : stateMessages(imported.agentState);
}

// More than a session has, and no more than the database counts to.
export const everything = 2_147_483_647;
const behindAll = everything;

const isBehind = (one: Place, other: Place): boolean =>
  one.seq > other.seq || (one.seq === other.seq && one.step > other.step);

const countable = (limit: number): number => Math.min(everything, limit);
