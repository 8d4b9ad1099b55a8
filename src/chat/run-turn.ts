// Runs one turn that the database has begun: waits for its place, generates, and ends it in the database.
import { v7 as newId } from 'uuid';
import type { ReplyEvent } from '../agent/ask.ts';
import type { Assistant } from '../agent/assistant.ts';
import type { Store } from '../db/store.ts';
import type { BegunTurn, TurnKey } from '../db/turns/turns.ts';
import type { Log } from '../log.ts';
import { orAborted } from '../models/watchdog.ts';
import { isFinal } from '../words/turn-status.ts';
import { readConversation } from './conversation.ts';
import type { EventLog } from './event-log.ts';
import { Failure } from './failure.ts';
import { textMessage, thoughtEvent } from './messages.ts';
import type { PieceSink } from './piece-writer.ts';
import type { Queue } from './queue.ts';
import { ReplyDraft, saysSomething } from './reply-draft.ts';
import { assistantSource } from './state.ts';
import { contentChunk, thoughtChunk } from './turn-event.ts';
import { failureOf, logFailure } from './turn-failure.ts';
import { patiently } from './while-database-is-away.ts';

export type TurnParts = { store: Store; assistant: Assistant; log: Log };

/** A turn that was begun, or taken over, and is to run in this process. */
export type BegunRun = {
  key: TurnKey;
  begun: BegunTurn;
  events: EventLog;
  /** The request that asked for it, for the log. */
  requestId: string | undefined;
};

export type RunningTurn = BegunRun & {
  pieces: PieceSink;
  /** Aborted with a Failure, which becomes the turn's, or with a Leaving. */
  signal: AbortSignal;
  queue: Queue;
};

/** Why a run ends while its turn does not. `why` is for callers here; without it, they go on with the turn elsewhere. */
export class Leaving extends Error {
  readonly why: Failure | undefined;

  constructor(why?: Failure) {
    super('the turn goes on elsewhere');
    this.why = why;
  }
}

/**
 * How a run ended: with its log at `done`, or by leaving it. `recorded` is what is still being written about it:
 * an end that could not be stored yet is told to nobody.
 */
export type RunEnd = { leaving?: Leaving; recorded?: Promise<void> };

/** Runs the turn to its `done` event, or until it has to leave it. Never rejects. */
export async function runTurn(parts: TurnParts, turn: RunningTurn): Promise<RunEnd> {
  const { signal } = turn;
  const draft = new ReplyDraft(newId());
  try {
    if (!turn.begun.running) await waitInQueue(parts, turn);
    await generate(parts, turn, draft);
    return await complete(parts, turn, draft, 'completed');
  } catch (error) {
    const reason = signal.aborted ? signal.reason : error;
    await turn.pieces.close();
    if (reason instanceof Leaving) return { leaving: reason };
    const failure = failureOf(reason);
    if (failure.code === 'cancelled' && saysSomething(turn.events)) return keepCancelled(parts, turn, draft);
    return endWithout(parts, turn, failure);
  }
}

/** Ends a turn that has no reply. */
async function endWithout({ store, log }: TurnParts, turn: RunningTurn, failure: Failure): Promise<RunEnd> {
  const { events, key } = turn;
  logFailure(log, failure, fieldsOf(turn));
  const isCancelled = failure.code === 'cancelled';
  const error = isCancelled ? null : { code: failure.code, ...failure.details };
  const record = () => store.turns.endWithoutReply(key, error, events);
  try {
    const isGone = failure.code === 'session_deleted';
    if (!(await record()) && !isGone) return { leaving: new Leaving() };
  } catch (cause) {
    // A caller does not wait for a database that is away.
    const unstored = () => log.error('the end of a turn could not be stored', { ...fieldsOf(turn), cause });
    return { leaving: new Leaving(failureOf(cause)), recorded: patiently(record).then(() => {}, unstored) };
  }
  if (!isCancelled)
    events.append({
      event: 'error',
      data: { code: failure.code, details: failure.details, turn_id: key.turn },
    });
  const status = isCancelled || failure.code === 'session_deleted' ? 'cancelled' : 'failed';
  events.append({ event: 'done', data: { turn_id: key.turn, status } });
  return {};
}

const fieldsOf = ({ key, requestId }: BegunRun): Record<string, string> => ({
  turn_id: key.turn,
  session_id: key.session,
  ...(requestId === undefined ? {} : { request_id: requestId }),
});

async function waitInQueue({ store }: TurnParts, turn: RunningTurn): Promise<void> {
  const { key, begun, signal, queue } = turn;
  while (!(await patiently(() => store.turns.claim(key, begun.seq), { signal }))) {
    await queue.wait(key, begun.seq, signal);
    signal.throwIfAborted();
  }
}

async function generate(parts: TurnParts, turn: RunningTurn, draft: ReplyDraft): Promise<void> {
  const { store, assistant } = parts;
  const { key, begun, events, signal } = turn;
  function take(event: ReplyEvent): boolean {
    if (event.type === 'thought') events.append(thoughtChunk(assistantSource, event.text));
    else if (event.type === 'content') events.append(contentChunk(assistantSource, event.text));
    return draft.take(event);
  }

  const read = () => readConversation(store, assistant, key, begun, begun.seq);
  const conversation = await patiently(read, { signal });
  // It is long, and nobody needs it while the reply streams.
  begun.tail = undefined;
  const reply = assistant.reply(conversation, signal, (said) => !signal.aborted && said.every(take));
  // A model that does not heed the signal is left all the same, and then not listened to.
  await orAborted(reply, signal);
}

async function complete(
  { store, assistant }: TurnParts,
  { key, signal, events, pieces }: RunningTurn,
  draft: ReplyDraft,
  status: 'completed' | 'cancelled',
): Promise<RunEnd> {
  const hasPieces = (await pieces.close()) || events.attempt > 1;
  const reply = draft.finished(assistantSource, assistant.model, status, events);
  const stop = status === 'completed' ? { signal } : {};
  const stored = await patiently(() => store.turns.complete(key, status, reply, hasPieces), stop);
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
  return {};
}

// A connection that broke behind the commit: the second try finds the work done.
async function alreadyEnded(store: Store, key: TurnKey, replyId: string) {
  const row = await patiently(() => store.turns.find(key));
  if (row?.reply?.id === replyId && isFinal(row.status))
    return { message: textMessage(row.reply), status: row.status };
  throw row ? new Leaving() : new Failure('session_deleted');
}

// What was generated before somebody said stop is the reply.
async function keepCancelled(parts: TurnParts, turn: RunningTurn, draft: ReplyDraft): Promise<RunEnd> {
  try {
    return await complete(parts, turn, draft, 'cancelled');
  } catch (error) {
    if (error instanceof Leaving) return { leaving: error };
    return endWithout(parts, turn, failureOf(error));
  }
}
