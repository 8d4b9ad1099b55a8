// One answer of a model server, read as it comes and made events of; every wait is bounded.
import { createCompletionReader } from './completion-body.ts';
import type { CompletionChunk } from './completion-chunk.ts';
import { reasons } from './failure-reasons.ts';
import type { ModelEvent } from './model.ts';
import { createReplyAssembler } from './reply-assembler.ts';
import { connectionFailure, type Redact, unreadableFailure } from './server-failures.ts';
import type { Watchdog } from './watchdog.ts';

/** After a finish reason only usage can follow: a server that then keeps silent is not waited for long. */
const LONGEST_WAIT_FOR_USAGE_MS = 3000;
/** A connection whose body was read to its end is used again; this is how long that end is waited for. */
const LONGEST_WAIT_FOR_CLOSE_MS = 50;

export type Answer = {
  /**
   * Waits for more of it and gives what came together, perhaps nothing; undefined after its end. Throws a
   * ServerFailure, after what came before it, or the watchdog's reason.
   */
  next(): Promise<ModelEvent[] | undefined>;
};

export type AnswerContext = {
  model: string;
  redact: Redact;
  /** Bounds the wait between two pieces, whatever else the server sends. */
  timeoutMs: number;
};

/** The answer in `response`. Once the watchdog fires, nothing more is read of it. */
export function openAnswer(response: Response, watchdog: Watchdog, context: AnswerContext): Answer {
  const { timeoutMs, redact } = context;
  if (!response.body) throw unreadableFailure(reasons.empty, 'no body', redact);
  const body = response.body.getReader();
  watchdog.signal.addEventListener('abort', () => body.cancel().catch(() => {}), { once: true });
  const completion = createCompletionReader(context);
  const reply = createReplyAssembler();
  const waitForUsageMs = Math.min(timeoutMs, LONGEST_WAIT_FOR_USAGE_MS);
  let ended = false;
  /** Whether the reply went further, which starts the clock anew. */
  let further = false;
  let failure: { error: unknown } | undefined;
  /** What came together and was not given yet. */
  let events: ModelEvent[] = [];

  /** The next bytes, or undefined at the end. The clock goes on meanwhile: bytes alone are not a piece. */
  async function bytes(): Promise<Uint8Array | undefined> {
    try {
      const { value } = await body.read();
      if (!watchdog.signal.aborted) return value;
    } catch (error) {
      // What a server does to its connection after the finish reason cannot hurt a reply that is whole.
      if (reply.finished()) return undefined;
      if (!watchdog.signal.aborted) throw connectionFailure(error, { ...context, begun: true });
    }
    if (reply.finished() && watchdog.expired()) return undefined;
    throw watchdog.signal.reason;
  }

  function take(chunk: CompletionChunk): void {
    further = reply.push(chunk, events) || further;
  }

  function end(): void {
    ended = true;
    completion.end(take);
    if (!reply.finished() && !reply.hasContent()) {
      throw unreadableFailure(reasons.withoutReply, 'no text', redact);
    }
    reply.end(events);
  }

  async function readToEnd(): Promise<undefined> {
    watchdog.wait(LONGEST_WAIT_FOR_CLOSE_MS);
    try {
      while (!(await body.read()).done);
    } catch {
      // The reply is whole; only its connection cannot be used again.
    }
  }

  return {
    async next() {
      if (failure) throw failure.error;
      if (ended) return readToEnd();
      if (further) watchdog.wait(reply.finished() ? waitForUsageMs : timeoutMs);
      further = false;
      events = [];
      try {
        const came = await bytes();
        if (came) completion.push(came, take);
        if (!came || completion.isDone()) end();
      } catch (error) {
        failure = { error };
        if (events.length === 0) throw error;
      }
      // What the reader does with it is not the server's time.
      if (events.length > 0) watchdog.rest();
      return events;
    },
  };
}
