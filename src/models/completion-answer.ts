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
  /** Waits for more of it; false after its end. Throws a ServerFailure, or the watchdog's reason. */
  more(): Promise<boolean>;
  /** What has come of it, once; throws a ServerFailure in its place. */
  events(): Generator<ModelEvent>;
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
  let came: Uint8Array | undefined;
  let ended = false;

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

  function* eventsOf(chunk: CompletionChunk): Generator<ModelEvent> {
    const { pieces, further } = reply.push(chunk);
    // What the reader does with a piece is not the server's time.
    if (pieces.length > 0) watchdog.rest();
    yield* pieces;
    if (further) watchdog.wait(reply.finished() ? waitForUsageMs : timeoutMs);
  }

  async function readToEnd(): Promise<void> {
    watchdog.wait(LONGEST_WAIT_FOR_CLOSE_MS);
    try {
      while (!(await body.read()).done);
    } catch {
      // The reply is whole; only its connection cannot be used again.
    }
  }

  return {
    async more() {
      if (ended) await readToEnd();
      else came = completion.isDone() ? undefined : await bytes();
      const hasMore = !ended;
      ended = came === undefined;
      return hasMore;
    },
    *events() {
      for (const chunk of came ? completion.push(came) : completion.end()) yield* eventsOf(chunk);
      if (!ended) return;
      watchdog.rest();
      if (!reply.finished() && !reply.hasContent()) {
        throw unreadableFailure(reasons.withoutReply, 'no text', redact);
      }
      yield* reply.rest();
      yield reply.end();
    },
  };
}
