// A ChatModel over a server, whatever it speaks: always streamed, bounded in every wait, asked again where that helps.
import { orAborted, sleep } from '../../sleep.ts';
import type { Description } from '../config/description.ts';
import { silence } from '../failure-reasons.ts';
import type { LlmMessage } from '../messages.ts';
import {
  type Asking,
  type Capabilities,
  type ChatModel,
  type ConversationRules,
  ModelError,
  type ModelEvent,
  mayCall,
  type TakeEvents,
} from '../model.ts';
import { readAnswer } from '../openai/completion-answer.ts';
import type { ReadChunk } from '../openai/completion-chunk.ts';
import { retryAfterSeconds, retryWait } from '../retry-wait.ts';
import { connectionFailure, createRedact, ServerFailure, statusFailure } from '../server-failures.ts';
import { createToolNames, type ToolNames } from '../tool-names.ts';
import { fetchAnswer, Refusal } from './fetch-answer.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

/** While a model is asked for more replies than this at once, pieces of one that come together are passed on as one. */
const MANY_REPLIES = 200;

/** How a kind of model server is spoken to. */
export type Protocol = {
  /** Address, method and headers of a request. They are the same each time, and asked for once. */
  prepare(): Promise<{ url: string; req: RequestInit }>;
  /** The body of a request, JSON. Tools are called by `names` there. */
  body(messages: readonly LlmMessage[], asking: Asking, names: ToolNames): string;
  /** What reads the JSON values of one answer. */
  createReader(): ReadChunk;
};

export type StreamedModelOptions = {
  model: string;
  description: Description;
  protocol: Protocol;
  capabilities: Capabilities;
  rules: ConversationRules;
  /** The longest reply that a request asks for, in tokens, where it says so. */
  maxTokens: number | undefined;
  /** Bounds the wait for the first piece and between two pieces, whatever else the server sends. */
  timeoutSeconds: number;
  /** How often a request is repeated that failed before its first piece. */
  maxRetries: number;
  /** Values that no error may carry. */
  secrets: readonly string[];
};

/** A ChatModel that speaks `options.protocol`. When the caller's signal fires, `stream` throws its reason. */
export function streamedModel(options: StreamedModelOptions): ChatModel {
  const { model, protocol } = options;
  const timeoutMs = options.timeoutSeconds * 1000;
  const { createReader } = protocol;
  const context = {
    model,
    redact: createRedact(options.secrets),
    timeoutMs,
    maxTokens: options.maxTokens,
    createReader,
  };

  let replies = 0;

  // Costs a package more to make than the server to be asked.
  let prepared: ReturnType<Protocol['prepare']> | undefined;

  async function request(body: string, watchdog: Watchdog): Promise<Response> {
    prepared ??= protocol.prepare();
    const { url, req } = await prepared;
    const answer = fetchAnswer(url, { ...req, body, signal: watchdog.signal });
    try {
      return await orAborted(answer, watchdog.signal);
    } catch (error) {
      if (watchdog.signal.aborted) throw error;
      if (!(error instanceof Refusal)) throw connectionFailure(error, { begun: false });
      throw statusFailure(error.status, error.body, {
        ...context,
        retryAfterSeconds: retryAfterSeconds(error.headers, Date.now()),
      });
    }
  }

  /** The wait before the next attempt after this error; throws what the caller is to see if there is none. */
  function waitAfter(error: unknown, state: { attempt: number; waited: number; begun: boolean }): number {
    if (!(error instanceof ServerFailure)) throw error;
    if (state.begun || !error.retryable || state.attempt >= options.maxRetries) throw error.error;
    const wait = retryWait(state.attempt, state.waited, error.retryAfterSeconds, Math.random());
    if (wait === null) throw error.error;
    return wait;
  }

  /**
   * The body of `sent` is emptied when the reply begins: it is not sent again, and is the longest thing that a stream
   * would keep.
   */
  async function ask(sent: Sent, signal: AbortSignal, take: TakeEvents): Promise<void> {
    signal.throwIfAborted();
    const answerContext = { ...context, tools: sent.tools };
    const watchdog = createWatchdog(signal);
    const state = { attempt: 0, waited: 0, begun: false };
    let failedBefore: ModelError | undefined;
    let isRead = false;
    replies++;
    try {
      // One clock for the first piece, however many attempts it takes.
      watchdog.wait(timeoutMs);
      for (; ; state.attempt += 1) {
        try {
          const response = await request(sent.body, watchdog);
          isRead = await readAnswer(response, watchdog, answerContext, (events) => {
            state.begun = true;
            sent.body = '';
            return take(replies > MANY_REPLIES ? joinPieces(events) : events);
          });
          return;
        } catch (error) {
          const wait = waitAfter(error, state);
          if (error instanceof ServerFailure) failedBefore = error.error;
          state.waited += wait;
          await sleep(wait, watchdog.signal);
          watchdog.signal.throwIfAborted();
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      if (watchdog.expired()) throw timeoutError(options.timeoutSeconds, failedBefore);
      throw error;
    } finally {
      replies--;
      // What an attempt before it left open ends with the request.
      watchdog.end({ isRead: isRead && state.attempt === 0 });
    }
  }

  return {
    name: model,
    description: options.description,
    demo: false,
    maxTokens: options.maxTokens,
    rules: options.rules,
    ...options.capabilities,
    // Ends at once: what waits for a reply keeps what it was given, and messages are long.
    async stream(messages, signal, take, asking = {}) {
      const names = createToolNames(asking.tools ?? []);
      const body = protocol.body(messages, asking, names);
      return ask({ body, tools: mayCall(asking) ? names : undefined }, signal, take);
    },
  };
}

type Sent = { body: string; tools: ToolNames | undefined };

/** Pieces of a kind that follow each other, as one. */
function joinPieces(events: ModelEvent[]): ModelEvent[] {
  const joined: ModelEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (last && 'text' in last && 'text' in event && last.type === event.type) last.text += event.text;
    else joined.push(event);
  }
  return joined;
}

/** `before` is the failure of the attempt before, if there was one. */
function timeoutError(seconds: number, before: ModelError | undefined): ModelError {
  const earlier = before?.cause ? `; before that: ${before.cause.message}` : '';
  return new ModelError('timeout', silence(seconds), {
    cause: new Error(`no piece in ${seconds} s${earlier}`),
  });
}
