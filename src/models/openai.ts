// A ChatModel over an OpenAI-compatible chat completions endpoint: always streamed, bounded in every wait.
import type { OpenAI } from 'openai';
import { readCompletionBody } from './completion-body.ts';
import { completionMessages, type MessageOptions } from './completion-messages.ts';
import { reasons, silence } from './failure-reasons.ts';
import { type ChatModel, ModelError, type ModelEvent } from './model.ts';
import { fetchAnswer, Refusal } from './refusal.ts';
import { createReplyAssembler, type ReplyAssembler } from './reply-assembler.ts';
import { retryAfterSeconds, retryWait } from './retry-wait.ts';
import {
  connectionFailure,
  createRedact,
  ServerFailure,
  statusFailure,
  unreadableFailure,
} from './server-failures.ts';
import { createWatchdog, orAborted, sleep, type Watchdog } from './watchdog.ts';

export type CompletionModelOptions = {
  /** The package's client for the server; it must not retry by itself. */
  client: OpenAI;
  model: string;
  description: string;
  /** What else the request's body holds: temperature, response_format, … */
  createArgs: Record<string, unknown>;
  messageOptions: MessageOptions;
  /** Bounds the wait for the first piece and between two pieces, whatever else the server sends. */
  timeoutSeconds: number;
  /** How often a request is repeated that failed before its first piece. */
  maxRetries: number;
  /** Values that no error may carry. */
  secrets: readonly string[];
};

/** After a finish reason only usage can follow: a server that then keeps silent is not waited for long. */
const LONGEST_WAIT_FOR_USAGE_MS = 3000;
/** A connection whose body was read to its end is used again; this is how long that end is waited for. */
const LONGEST_WAIT_FOR_CLOSE_MS = 50;

/** A ChatModel that asks `options.client`. When the caller's signal fires, `stream` throws its reason. */
export function completionModel(options: CompletionModelOptions): ChatModel {
  const { model } = options;
  const context = { model, redact: createRedact(options.secrets) };
  const timeoutMs = options.timeoutSeconds * 1000;
  const waitForUsageMs = Math.min(timeoutMs, LONGEST_WAIT_FOR_USAGE_MS);

  // Address and headers are the same each time, and cost the package more to make than the server to be asked.
  let prepared: ReturnType<OpenAI['buildRequest']> | undefined;

  async function request(body: { model: string }, watchdog: Watchdog): Promise<Response> {
    prepared ??= options.client.buildRequest({
      method: 'post',
      path: '/chat/completions',
      body,
      stream: true,
    });
    const { url, req } = await prepared;
    const answer = fetchAnswer(url, { ...req, body: JSON.stringify(body), signal: watchdog.signal });
    try {
      return await orAborted(answer, watchdog.signal);
    } catch (error) {
      if (watchdog.signal.aborted) throw error;
      if (!(error instanceof Refusal)) throw connectionFailure(error, { ...context, begun: false });
      throw statusFailure(error.status, error.body, {
        ...context,
        retryAfterSeconds: retryAfterSeconds(error.headers, Date.now()),
      });
    }
  }

  /** The body's bytes. The clock goes on meanwhile: bytes alone are not a piece. */
  async function* bytes(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    reply: ReplyAssembler,
    watchdog: Watchdog,
  ): AsyncGenerator<Uint8Array> {
    for (;;) {
      try {
        const { done, value } = await orAborted(reader.read(), watchdog.signal);
        if (done) return;
        yield value;
      } catch (error) {
        // What a server does to its connection after the finish reason cannot hurt a reply that is whole.
        if (reply.finished() && (watchdog.expired() || !watchdog.signal.aborted)) return;
        if (watchdog.signal.aborted) throw error;
        throw connectionFailure(error, { ...context, begun: true });
      }
    }
  }

  async function* attempt(body: { model: string }, watchdog: Watchdog): AsyncGenerator<ModelEvent> {
    const response = await request(body, watchdog);
    const reader = response.body?.getReader();
    if (!reader) throw unreadableFailure(reasons.empty, 'no body', context.redact);
    const reply = createReplyAssembler();
    for await (const chunk of readCompletionBody(bytes(reader, reply, watchdog), context)) {
      const { pieces, further } = reply.push(chunk);
      if (pieces.length > 0) {
        // What the reader does with a piece is not the server's time.
        watchdog.rest();
        yield* pieces;
      }
      if (further) watchdog.wait(reply.finished() ? waitForUsageMs : timeoutMs);
    }
    watchdog.rest();
    if (!reply.finished() && !reply.hasContent()) {
      throw unreadableFailure(reasons.withoutReply, 'no text', context.redact);
    }
    yield* reply.rest();
    yield reply.end();
    watchdog.wait(LONGEST_WAIT_FOR_CLOSE_MS);
    await orAborted(readToEnd(reader), watchdog.signal).catch(() => undefined);
  }

  /** The wait before the next attempt after this error; throws what the caller is to see if there is none. */
  function waitAfter(error: unknown, state: { attempt: number; waited: number; begun: boolean }): number {
    if (!(error instanceof ServerFailure)) throw error;
    if (state.begun || !error.retryable || state.attempt >= options.maxRetries) throw error.error;
    const wait = retryWait(state.attempt, state.waited, error.retryAfterSeconds, Math.random());
    if (wait === null) throw error.error;
    return wait;
  }

  async function* stream(messages: Parameters<ChatModel['stream']>[0], signal: AbortSignal) {
    signal.throwIfAborted();
    const body = {
      ...options.createArgs,
      model,
      messages: completionMessages(messages, options.messageOptions),
      stream: true,
    };
    const watchdog = createWatchdog(signal);
    const state = { attempt: 0, waited: 0, begun: false };
    let failedBefore: ModelError | undefined;
    try {
      // One clock for the first piece, however many attempts it takes.
      watchdog.wait(timeoutMs);
      for (; ; state.attempt += 1) {
        try {
          for await (const event of attempt(body, watchdog)) {
            state.begun = true;
            yield event;
          }
          return;
        } catch (error) {
          const wait = waitAfter(error, state);
          if (error instanceof ServerFailure) failedBefore = error.error;
          state.waited += wait;
          await sleep(wait, watchdog.signal);
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      if (watchdog.expired()) throw timeoutError(options.timeoutSeconds, failedBefore);
      throw error;
    } finally {
      watchdog.end();
    }
  }

  return { name: model, description: options.description, demo: false, stream };
}

/** `before` is the failure of the attempt before, if there was one. */
function timeoutError(seconds: number, before: ModelError | undefined): ModelError {
  const earlier = before?.cause ? `; before that: ${before.cause.message}` : '';
  return new ModelError('timeout', silence(seconds), {
    cause: new Error(`no piece in ${seconds} s${earlier}`),
  });
}

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}
