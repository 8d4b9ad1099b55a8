// What a language model is to the rest of AgentChat: a stream of pieces with an end, or a ModelError.
import type { Bilingual } from '../words/bilingual.ts';
import type { Usage } from '../words/usage.ts';
import type { Description } from './config/description.ts';
import type { FunctionCall, LlmMessage } from './messages.ts';

/** AutoGen's finish reasons. */
export type FinishReason = 'stop' | 'length' | 'function_calls' | 'content_filter' | 'unknown';

/**
 * A piece of reasoning or of the reply (never empty, always well-formed Unicode without NUL), the calls of tools, or the
 * end. Calls come whole, at most once and right before the end, whose finish reason is `function_calls` then; each has
 * a name and an id of its own.
 */
export type ModelEvent =
  | { type: 'thought'; text: string }
  | { type: 'content'; text: string }
  | { type: 'calls'; calls: FunctionCall[] }
  | { type: 'end'; finishReason: FinishReason; usage: Usage | null };

/** A tool as a model is told of it; `parameters` is a JSON schema, an object's. `strict`: arguments must follow it. */
export type ToolSchema = {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
  strict?: boolean;
};

/** What is asked for besides a reply. A model that is given no tools, or may call none, gives no calls. */
export type Asking = {
  tools?: readonly ToolSchema[];
  /** `auto` where nothing is said. */
  toolChoice?: 'auto' | 'none' | 'required';
  /** The JSON schema that the reply has to follow. */
  output?: { name: string; schema: Record<string, unknown> };
  /** One that the model takes; without it, that of its configuration. */
  temperature?: number;
};

/** Whether there are tools that the model may call. */
export const mayCall = ({ tools = [], toolChoice }: Asking): boolean =>
  tools.length > 0 && toolChoice !== 'none';

/**
 * What a model can do, as far as its configuration or its name says. `mostTemperature`: the highest that it takes, undefined
 * where it takes none.
 */
export type Capabilities = {
  callsTools: boolean;
  vision: boolean;
  structuredOutput: boolean;
  mostTemperature?: number | undefined;
};

/** What of a temperature that is wished for a model is asked with: undefined where it takes none. */
export const takenTemperature = (
  { mostTemperature }: Pick<Capabilities, 'mostTemperature'>,
  wished: number | null | undefined,
): number | undefined =>
  mostTemperature === undefined || wished === null || wished === undefined
    ? undefined
    : Math.min(wished, mostTemperature);

/**
 * A language model, whatever it speaks. It keeps nothing of a conversation and may be asked many times at once.
 *
 * @example
 * await model.stream(messages, AbortSignal.timeout(60_000), (events) => {
 *   for (const event of events) if (event.type === 'content') show(event.text);
 *   return true;
 * });
 */
export type ChatModel = Capabilities & {
  /** The model's name as people know it: `gpt-4o-mini`. */
  name: string;
  /** For the start: provider, model and where it is. */
  description: Description;
  /** True for the built-in demo model, whose replies say so in `metadata.demo`. */
  demo: boolean;
  /** The longest reply that it is asked for, where that is set. */
  maxTokens?: number | undefined;
  /** What it wants of a conversation beyond what all do. */
  rules?: ConversationRules;
  /**
   * Asks the model, and gives `take` the reply as it comes: pieces in order, and at last exactly one `end`. Rejects
   * with a ModelError when the model fails, whether before or after the first piece, and with the reason of `signal`
   * when that ends the request. Events are pushed and not iterated over: the promises of iterators cost a stream a
   * tenth of its processor time.
   */
  stream(
    messages: readonly LlmMessage[],
    signal: AbortSignal,
    take: TakeEvents,
    asking?: Asking,
  ): Promise<void>;
};

/**
 * `multipleSystemMessages`: it takes several, anywhere in the conversation. `namePrefixes`: each user's text is to say
 * first whose it is.
 */
export type ConversationRules = { multipleSystemMessages?: boolean; namePrefixes?: boolean };

/** Gets what of a reply came together; false: that is enough, which ends the request. */
export type TakeEvents = (events: ModelEvent[]) => boolean;

/**
 * Why a model gave no whole answer. `refused`: it will again, until somebody mends what `reason` names; `busy`: it said
 * 429; `quota`: so too, because nothing is left to spend; `timeout`: a wait exceeded `timeout`; `empty`: its answer said
 * nothing; `too_long`: it takes no conversation as long as this one.
 */
export type ModelFailure = 'failed' | 'refused' | 'timeout' | 'busy' | 'quota' | 'empty' | 'too_long';

/**
 * What a server told of its limit when it refused a conversation, in its tokens: `limit` of the prompt and the reply
 * together, its count of the `prompt`, what is `reserved` for the reply.
 */
export type ContextLimit = { limit?: number; prompt?: number; reserved?: number };

/**
 * A failure of the model server. `reason` is half a sentence safe to show to a caller: no key, no address,
 * no raw body of the provider. The message of `cause` holds what the log is told besides: the status, and the
 * provider's names for the error (`context_length_exceeded`), but none of its sentences.
 */
export class ModelError extends Error {
  override name = 'ModelError';
  override readonly cause: Error | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Of `too_long`: what the server told of its limit. */
  readonly contextLimit: ContextLimit;
  readonly failure: ModelFailure;
  readonly reason: Bilingual;

  constructor(
    failure: ModelFailure,
    reason: Bilingual,
    options: { cause?: Error | undefined; retryAfterSeconds?: number; contextLimit?: ContextLimit } = {},
  ) {
    super(reason.en);
    this.failure = failure;
    this.reason = reason;
    this.cause = options.cause;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.contextLimit = options.contextLimit ?? {};
  }
}
