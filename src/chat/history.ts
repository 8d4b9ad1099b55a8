// Pages of what was said in a session, oldest first: what is stored and, where it is asked for, what was imported before.
import { dataOf } from '../agent/said-step.ts';
import type { MessageRow } from '../db/message-row.ts';
import type { PageRow } from '../db/messages.ts';
import type { SessionKey } from '../db/owner.ts';
import { type MeasuredPage, type Page, pageBytes } from '../db/page-bytes.ts';
import type { Store } from '../db/store.ts';
import type { StoppedCalls } from '../db/turns/find-calls.ts';
import type { Relation } from '../db/versions/versions.ts';
import { requestsOf } from './calls/call-outcome.ts';
import { stoppedCalls, stoppedResults } from './calls/open-calls.ts';
import { Failure } from './failure.ts';
import { type ImportedMessage, importedMessages, importedPlace } from './imported-messages.ts';
import { type ApprovalRequestEvent, approvalRequests } from './log/turn-event.ts';
import { relationOf, type StepEvent, stepMessage, thoughtEvent } from './messages.ts';
import { relationsOf } from './versions/message-relations.ts';

export type HistoryQuery = Range & {
  /** Whether what was imported belongs to it, and of that the calls of tools and their results too. */
  imported?: 'said' | 'with steps' | undefined;
  /** Whether what was stored of these belongs to it. */
  events?: boolean;
  /** Of all versions, not only what the session shows. */
  all?: boolean;
};

/** A message, what a person was asked before it could be said, and what is told behind it that is no message of its own. */
export type HistoryEntry = {
  message: ImportedMessage;
  asked: readonly ApprovalRequestEvent[];
  behind?: readonly (ApprovalRequestEvent | StepEvent)[];
};

/** All of an entry, in its order: the thought, what a person was asked, the message, and what is behind it. */
export function toldOf({ message, asked, behind = [] }: HistoryEntry) {
  const thought = thoughtEvent(message);
  return [...(thought ? [thought] : []), ...asked, message, ...behind];
}

/** By what agent a session names, null for none. */
type Speaker = (agent: string | null) => string;

/** Oldest first. `speaker` said what an imported state names nobody for. Throws a Failure where there is no such session or message. */
export const readHistory = (
  store: Store,
  speaker: Speaker,
  session: SessionKey,
  { imported, ...range }: HistoryQuery,
): Promise<Page<HistoryEntry>> =>
  imported === undefined
    ? readStored(store, session, range)
    : readWithImported(store, speaker, session, { ...range, steps: imported === 'with steps' });

/** Up to `limit` messages: right before the one with the id `before`, or else behind the first `offset`. */
type Range = {
  limit: number;
  offset: number;
  before?: string | undefined;
  events?: boolean;
  all?: boolean;
};

/** Throws a Failure where there is no such session or message. `bytes` is how much text it may hold. */
async function readStored(
  store: Store,
  session: SessionKey,
  range: Range,
  bytes?: number,
): Promise<MeasuredPage<HistoryEntry>> {
  const { rows, ...rest } = await readRows(store, session, range, bytes);
  const [relations, stopped] = await Promise.all([
    relationsOf(store, session, rows, range),
    range.events ? stoppedCalls(store, session, rows) : noneStopped,
  ]);
  return { rows: rows.map((row) => storedEntry(row, relations.get(row.id), stopped.get(row))), ...rest };
}

const noneStopped: Awaited<ReturnType<typeof stoppedCalls<PageRow>>> = new Map();

/** What came of calls that were stopped with their turn. Of a turn that goes on, or may, it is not settled. */
function behindCalls(
  row: MessageRow,
  stopped: StoppedCalls | undefined,
): NonNullable<HistoryEntry['behind']> {
  if (!stopped?.isCancelled) return [];
  const { calls } = stopped;
  return [...approvalRequests(row.source, requestsOf(calls)), stoppedResults(row, calls)];
}

export const storedEntry = (
  row: MessageRow,
  relation: Relation | undefined,
  stopped: StoppedCalls | undefined,
): HistoryEntry => ({
  message: { ...stepMessage(row), ...relationOf(relation) },
  asked:
    row.type === 'ToolCallExecutionEvent' ? approvalRequests(row.source, dataOf(row).requests ?? []) : [],
  behind: behindCalls(row, stopped),
});

export const importedEntries = (...page: Parameters<typeof importedMessages>): HistoryEntry[] =>
  importedMessages(...page).map((message) => ({ message, asked: [] }));

async function readRows(
  store: Store,
  session: SessionKey,
  { limit, offset, before, events = false, all = false }: Range,
  bytes?: number,
): Promise<MeasuredPage<PageRow>> {
  if (before !== undefined) {
    const place = await store.messages.placeOf(session, before);
    if (place) return store.messages.pageBefore(session, place, limit, { events, all });
    throw new Failure(
      (await store.messages.sessionExists(session)) ? 'message_not_found' : 'session_not_found',
    );
  }
  const page = await store.messages.page(session, limit, offset, { bytes, events, all });
  if (page.rows.length === 0 && !(await store.messages.sessionExists(session)))
    throw new Failure('session_not_found');
  return page;
}

/** The same of one list, which begins with what was imported. `steps`: with the calls of tools and their results. */
async function readWithImported(
  store: Store,
  speaker: Speaker,
  session: SessionKey,
  range: Range & { steps: boolean },
): Promise<Page<HistoryEntry>> {
  const { limit, before, steps } = range;
  if (before === undefined) return readForwards(store, speaker, session, range);
  const place = importedPlace(session.session, before);
  if (place !== undefined) return readBackwards(store, speaker, session, { limit, before: place, steps });
  const stored = await readStored(store, session, range);
  if (stored.more) return stored;
  const room = { limit: limit - stored.rows.length, bytes: pageBytes - stored.bytes };
  const imported = await readBackwards(store, speaker, session, { ...room, steps });
  return { rows: [...imported.rows, ...stored.rows], more: imported.more };
}

async function readForwards(
  store: Store,
  speaker: Speaker,
  session: SessionKey,
  { limit, offset, steps, events = steps, all = false }: Range & { steps: boolean },
): Promise<Page<HistoryEntry>> {
  const page = await store.imported.page(session, { limit, offset, steps });
  if (!page) throw new Failure('session_not_found');
  const rows = importedEntries(session.session, speaker(page.sessionAgent), page);
  if (page.more) return { rows, more: true };
  const room = { limit: limit - rows.length, bytes: pageBytes - page.bytes };
  const from = Math.max(0, offset - page.total);
  if (room.limit <= 0 || room.bytes <= 0) {
    const next = await readStored(store, session, { limit: 1, offset: from, events, all });
    return { rows, more: next.rows.length > 0 };
  }
  const stored = await readStored(
    store,
    session,
    { limit: room.limit, offset: from, events, all },
    room.bytes,
  );
  return { rows: [...rows, ...stored.rows], more: stored.more };
}

async function readBackwards(
  store: Store,
  speaker: Speaker,
  session: SessionKey,
  which: { limit: number; bytes?: number; before?: number; steps: boolean },
): Promise<Page<HistoryEntry>> {
  const page = await store.imported.pageBefore(session, { bytes: pageBytes, ...which });
  if (!page) throw new Failure('session_not_found');
  if (which.before !== undefined && !page.isThere) throw new Failure('message_not_found');
  // None may have had room beside what is stored.
  const more = page.rows.length > 0 ? page.more : which.before === undefined && page.total > 0;
  return { rows: importedEntries(session.session, speaker(page.sessionAgent), page), more };
}
