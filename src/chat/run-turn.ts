// Runs one turn that the database has begun: waits for its place, generates, and ends it in the database.
import { v7 as newId } from 'uuid';
import type { Assistant } from '../agent/assistant.ts';
import type { Store } from '../db/store.ts';
import type { BegunTurn, TurnKey } from '../db/turns.ts';
import type { Log } from '../log.ts';
import { abortable } from './abortable.ts';
import { readConversation } from './conversation.ts';
import { contentChunk, type EventLog, thoughtChunk } from './event-log.ts';
import { Failure } from './failure.ts';
import { type TextMessage, textMessage, thoughtEvent } from './messages.ts';
import { patiently } from './patience.ts';
import { ReplyDraft } from './reply-draft.ts';
import { assistantSource } from './state.ts';
import { failureOf, logFailure } from './turn-failure.ts';
import { isFinal } from './turn-view.ts';

export type TurnParts = { store: Store; assistant: Assistant; log: Log };

export type RunningTurn = {
  key: TurnKey;
  /** The request that asked for it, for the log. */
  requestId: string;
  begun: BegunTurn;
  events: EventLog;
  /** Aborted with a Failure, which becomes the turn's. */
  signal: AbortSignal;
  /** Resolves when another turn of the session has ended in this process, or after `withinMs`. */
  nextEnd: (withinMs: number) => Promise<void>;
};

/** How a turn ended for its callers, and what is still being written about it. */
export type TurnEnd = { result: TextMessage | Failure; recorded: Promise<void> };

// A queued turn asks this often whether it may run, in case the one before it ran in another process.
const queuePollMs = 250;

/** Runs the turn to its `done` event. Never rejects. */
export async function runTurn(parts: TurnParts, turn: RunningTurn): Promise<TurnEnd> {
  const { signal } = turn;
  const draft = new ReplyDraft(newId());
  try {
    if (!turn.begun.running) await waitInLine(parts, turn);
    await generate(parts, turn, draft);
    return await complete(parts, turn, draft, 'completed');
  } catch (error) {
    const failure = failureOf(signal.aborted ? signal.reason : error);
    if (failure.code === 'cancelled' && !draft.isEmpty) return keepCancelled(parts, turn, draft);
    return endWithout(parts, turn, draft, failure);
  }
}

/** Ends a turn that has no reply. */
async function endWithout(
  parts: TurnParts,
  turn: RunningTurn,
  draft: ReplyDraft,
  failure: Failure,
): Promise<TurnEnd> {
  const { events, key } = turn;
  logFailure(parts.log, failure, fieldsOf(turn));
  const { recorded } = await recordFailure(parts, turn, failure, draft);
  const { code, details } = failure;
  const stopped = code === 'session_deleted' || code === 'cancelled';
  if (code !== 'cancelled') events.append({ event: 'error', data: { code, details, turn_id: key.turn } });
  events.append({ event: 'done', data: { turn_id: key.turn, status: stopped ? 'cancelled' : 'failed' } });
  return { result: failure, recorded };
}

const fieldsOf = ({ key, requestId }: RunningTurn) => ({
  turn_id: key.turn,
  session_id: key.session,
  request_id: requestId,
});

async function waitInLine({ store }: TurnParts, turn: RunningTurn): Promise<void> {
  const { key, begun, signal } = turn;
  while (!(await patiently(() => store.turns.claim(key, begun.seq), { signal }))) {
    await turn.nextEnd(queuePollMs);
    signal.throwIfAborted();
  }
}

async function generate(parts: TurnParts, turn: RunningTurn, draft: ReplyDraft): Promise<void> {
  const { store, assistant } = parts;
  const { key, begun, events, signal } = turn;
  const conversation = await readConversation(store, assistant, key.session, begun, begun.seq);
  for await (const event of abortable(assistant.reply(conversation, signal), signal)) {
    if (event.type === 'thought') events.append(thoughtChunk(assistantSource, event.text));
    if (event.type === 'content') events.append(contentChunk(assistantSource, event.text));
    if (!draft.take(event)) break;
  }
}

async function complete(
  { store, assistant }: TurnParts,
  { key, signal, events }: RunningTurn,
  draft: ReplyDraft,
  status: 'completed' | 'cancelled',
): Promise<TurnEnd> {
  const reply = draft.finished(assistantSource, assistant.model, status);
  const stop = status === 'completed' ? { signal } : {};
  const stored = await patiently(() => store.turns.complete(key, status, reply), stop);
  const ended = stored
    ? {
        message: textMessage({
          ...reply,
          ...stored,
          role: 'assistant',
          sessionId: key.session,
          type: 'TextMessage',
        }),
        status,
      }
    : await alreadyEnded(store, key, draft.id);
  const thought = thoughtEvent(ended.message);
  if (thought) events.append({ event: 'ThoughtEvent', data: thought });
  events.append({ event: 'TextMessage', data: ended.message });
  events.append({ event: 'done', data: { turn_id: key.turn, status: ended.status } });
  return { result: ended.message, recorded: Promise.resolve() };
}

// A connection that broke behind the commit: the second try finds the work done.
async function alreadyEnded(store: Store, key: TurnKey, replyId: string) {
  const row = await patiently(() => store.turns.find(key.session, key.turn));
  if (row?.reply?.id === replyId && isFinal(row.status))
    return { message: textMessage(row.reply), status: row.status };
  throw new Failure(row ? 'interrupted' : 'session_deleted');
}

// What was generated before somebody said stop is the reply.
async function keepCancelled(parts: TurnParts, turn: RunningTurn, draft: ReplyDraft): Promise<TurnEnd> {
  try {
    return await complete(parts, turn, draft, 'cancelled');
  } catch (error) {
    return endWithout(parts, turn, draft, failureOf(error));
  }
}

// A caller does not wait for a database that is away: what it could not write yet is written in the background.
async function recordFailure(
  { store, log }: TurnParts,
  turn: RunningTurn,
  failure: Failure,
  draft: ReplyDraft,
): Promise<{ recorded: Promise<void> }> {
  const { key } = turn;
  const error = failure.code === 'cancelled' ? null : { code: failure.code, ...failure.details };
  const record = async () => {
    await store.turns.endWithoutReply(key, error, draft);
  };
  try {
    await record();
    return { recorded: Promise.resolve() };
  } catch (cause) {
    const unstored = () => log.error('the end of a turn could not be stored', { ...fieldsOf(turn), cause });
    return { recorded: patiently(record).catch(unstored) };
  }
}
