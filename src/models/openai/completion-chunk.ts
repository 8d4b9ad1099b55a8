// One chunk of a streamed completion (or a whole one that was not streamed), whatever dialect it is in. Read by
// hand: there is one for each piece of every reply, and a schema library costs more than all else that is done to it.
import type { Usage } from '../../words/usage.ts';
import { type Fields, isObject, isText, listOf, textOf } from '../config/fields.ts';
import type { FinishReason } from '../model.ts';
import { type CallPart, callsIn, noCalls } from '../reply/call-part.ts';

export type CompletionChunk = {
  choices: CompletionChoice[];
  /** The tokens counted; null where it says nothing about them, or nonsense. */
  usage: Usage | null;
};

export type CompletionChoice = {
  index: number;
  /** False: it has the whole message. */
  isDelta: boolean;
  /** Either may be ''. */
  thought: string;
  content: string;
  /** What it says of calls of tools. */
  calls: readonly CallPart[];
  finishReason: FinishReason | undefined;
};

/** What is no chunk of a completion. */
export class Misshapen extends Error {}

/** Reads the chunk in a JSON value of an answer; one after the other, as they came. Throws Misshapen. */
export type ReadChunk = (value: unknown) => CompletionChunk;

/** What may be left out, but must be what it is meant to be. Throws Misshapen. */
export function optional<T>(value: unknown, is: (value: unknown) => value is T): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (is(value)) return value;
  throw new Misshapen();
}

/** The chunk in a JSON value. Only what is read is checked, everything else may be anything. Throws Misshapen. */
export function readChunk(value: unknown): CompletionChunk {
  if (!isObject(value)) throw new Misshapen();
  return {
    choices: optional(value.choices, Array.isArray)?.map(readChoice) ?? [],
    usage: isObject(value.usage) ? usageOf(value.usage.prompt_tokens, value.usage.completion_tokens) : null,
  };
}

function readChoice(value: unknown): CompletionChoice {
  if (!isObject(value)) throw new Misshapen();
  const delta = optional(value.delta, isObject);
  const message = delta ?? optional(value.message, isObject);
  // Servers of the older completions API have `text`; some send it beside the delta. What they say of a chat's end
  // says little.
  const { index, finish_reason: given, text } = value;
  const isLegacy = message === undefined && typeof text === 'string';
  return {
    index: typeof index === 'number' ? index : 0,
    isDelta: delta !== undefined || message === undefined,
    thought: message ? thoughtOf(message) : '',
    content: message ? contentOf(message) : textOf(text),
    calls: message ? callsIn(message, delta === undefined) : noCalls,
    finishReason: typeof given === 'string' && given !== '' ? finishReason(given, isLegacy) : undefined,
  };
}

/** The reasoning in a message. Servers repeat the same under two keys: the first that has any is taken. */
function thoughtOf({ reasoning_content, reasoning, reasoning_details, content }: Fields): string {
  if (typeof reasoning_content === 'string' && reasoning_content !== '') return reasoning_content;
  if (typeof reasoning === 'string' && reasoning !== '') return reasoning;
  const detailed = joined(reasoning_details, (detail) => textOf(detail.text ?? detail.summary));
  return (
    detailed ||
    joined(content, ({ thinking }) => joined(thinking, (part) => textOf(part.text)) || textOf(thinking))
  );
}

/** Some servers send content as parts of text and of thinking. */
function contentOf({ content, refusal }: Fields): string {
  if (typeof content === 'string') return content + textOf(refusal);
  const parts = optional(content, Array.isArray) ?? [];
  return parts.map(partOf).join('') + textOf(refusal);
}

function partOf(part: unknown): string {
  if (typeof part === 'string') return part;
  if (!isObject(part)) throw new Misshapen();
  return optional(part.text, isText) ?? '';
}

const joined = (list: unknown, text: (item: Fields) => string): string =>
  Array.isArray(list) ? list.map((item) => (isObject(item) ? text(item) : '')).join('') : '';

/** More tokens than any request has: a report of more is none. */
const mostTokens = 10_000_000;

/** What a server reports; null where that cannot be true. */
export function usageOf(prompt: unknown, completion: unknown): Usage | null {
  const usage = { prompt_tokens: tokens(prompt), completion_tokens: tokens(completion) };
  return Math.max(usage.prompt_tokens, usage.completion_tokens) > mostTokens ? null : usage;
}

export const tokens = (count: unknown): number =>
  typeof count === 'number' && count > 0 ? Math.round(count) : 0;

const FINISH_REASONS = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['eos', 'stop'],
  ['eos_token', 'stop'],
  ['complete', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['max_output_tokens', 'length'],
  ['model_length', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_calls', 'function_calls'],
  ['function_call', 'function_calls'],
  ['function_calls', 'function_calls'],
  ['tool_use', 'function_calls'],
  ['content_filter', 'content_filter'],
  ['safety', 'content_filter'],
  ['prohibited_content', 'content_filter'],
  ['sensitive', 'content_filter'],
  ['refusal', 'content_filter'],
]);

/** AutoGen's name for what a server gave as finish reason. */
export function finishReason(given: string, isLegacy = false): FinishReason {
  const reason = FINISH_REASONS.get(given.toLowerCase()) ?? 'unknown';
  return isLegacy && reason === 'stop' ? 'unknown' : reason;
}

/** What a JSON value reports as an error (`error`, or all of it, an object of the kind `error`), or undefined. */
export function reportedError(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  const { error, object, choices } = value;
  if (error !== undefined && error !== null && error !== false) return error;
  if (object === 'error') return value;
  const stopped = listOf(choices).some((choice) => isObject(choice) && choice.finish_reason === 'error');
  return stopped ? 'finish_reason: error' : undefined;
}
