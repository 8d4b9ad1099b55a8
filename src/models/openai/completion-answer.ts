// One answer of a model server, read as it comes and made events of; every wait is bounded.

import { reasons } from '../failure-reasons.ts';
import type { ModelEvent, TakeEvents } from '../model.ts';
import { createReplyAssembler } from '../reply/reply-assembler.ts';
import type { Watchdog } from '../reply/watchdog.ts';
import {
  brokenOffFailure,
  connectionFailure,
  type FailureContext,
  unreadableFailure,
} from '../server-failures.ts';
import type { ToolNames } from '../tool-names.ts';
import { createCompletionReader } from './completion-body.ts';
import type { CompletionChunk, ReadChunk } from './completion-chunk.ts';

/** After a finish reason that counts only usage can follow: a server that then keeps silent is not waited for long. */
const LONGEST_WAIT_FOR_USAGE_MS = 3000;
/** A connection whose body was read to its end is used again; this is how long that end is waited for. */
const LONGEST_WAIT_FOR_CLOSE_MS = 50;

export type AnswerContext = FailureContext & {
  createReader: () => ReadChunk;
  /** Bounds the wait between two pieces, whatever else the server sends. */
  timeoutMs: number;
  /** The tools that may be called, if any. */
  tools?: ToolNames | undefined;
};

/**
 * Reads the answer in `response`; `take` gets what came together. Resolves with whether it was read to its end: not
 * when `take` wanted no more. Rejects with a ServerFailure, after what came before it, or with the watchdog's reason:
 * once it fires, nothing more is read.
 */
export async function readAnswer(
  response: Response,
  watchdog: Watchdog,
  context: AnswerContext,
  take: TakeEvents,
): Promise<boolean> {
  const { timeoutMs } = context;
  if (!response.body) throw unreadableFailure(reasons.empty, 'no body');
  const body = response.body.getReader();
  watchdog.signal.addEventListener('abort', () => body.cancel().catch(() => {}), { once: true });
  const completion = createCompletionReader({ ...context, readChunk: context.createReader() });
  const reply = createReplyAssembler(context.tools);
  const waitForUsageMs = Math.min(timeoutMs, LONGEST_WAIT_FOR_USAGE_MS);
  let isEnded = false;
  /** Whether what should have followed was lost. */
  let isLost = false;
  /** Whether the reply went further, which starts the clock anew. */
  let isFurther = false;
  /** What came together and was not given yet. */
  let events: ModelEvent[] = [];

  /** Throws, unless there is a reply without the bytes that were lost. */
  function lose(error: unknown): undefined {
    const { aborted, reason } = watchdog.signal;
    isLost = true;
    // What a server does to its connection after the finish reason cannot hurt a reply that is whole.
    if (reply.finish() !== 'none' && (!aborted || watchdog.expired())) return undefined;
    throw aborted ? reason : connectionFailure(error, { begun: true });
  }

  const add = (chunk: CompletionChunk): void => {
    isFurther = reply.push(chunk, events) || isFurther;
  };

  function read(came: Uint8Array | undefined): void {
    if (came) completion.push(came, add);
    isEnded = !came || completion.isDone();
    if (!isEnded) return;
    completion.end(add);
    if (!reply.hasAnswered()) throw unreadableFailure(reasons.withoutReply, 'no text');
    const how = isLost ? 'lost' : completion.isDone() ? 'done' : 'closed';
    if (reply.breaksOff(how)) throw brokenOffFailure();
    reply.end(events, how);
  }

  /** Gives what there is; false: no more is wanted. */
  function give(): boolean {
    const given = events;
    events = [];
    return given.length === 0 || take(given);
  }

  while (!isEnded) {
    let came: Uint8Array | undefined;
    try {
      came = (await body.read()).value;
    } catch (error) {
      lose(error);
    }
    if (watchdog.signal.aborted) came = lose(undefined);
    // Bytes alone are not a piece: the clock goes on.
    isFurther = false;
    try {
      read(came);
    } catch (error) {
      if (!give()) return false;
      throw error;
    }
    if (!give()) return false;
    if (isFurther) watchdog.wait(reply.finish() === 'certain' ? waitForUsageMs : timeoutMs);
  }
  watchdog.wait(LONGEST_WAIT_FOR_CLOSE_MS);
  try {
    while (!(await body.read()).done);
  } catch {
    // The reply is whole; only its connection cannot be used again.
  }
  return true;
}
