// One chunk of a streamed completion (or a whole one that was not streamed), whatever dialect it is in.
import { z } from 'zod';
import type { FinishReason, ModelUsage } from './model.ts';

/** Content as some servers send it: parts of text and of thinking, nested at will. */
const part = z.object({
  type: z.string().nullish(),
  text: z.string().nullish(),
  thinking: z.union([z.string(), z.array(z.object({ text: z.string().nullish() }))]).nullish(),
});

const reasoningDetail = z.object({ text: z.string().nullish(), summary: z.string().nullish() });

const calledFunction = z
  .looseObject({ name: z.string().nullish(), arguments: z.string().nullish() })
  .nullish();
const toolCall = z.object({ function: calledFunction });

const delta = z.object({
  content: z.union([z.string(), z.array(z.union([z.string(), part]))]).nullish(),
  refusal: z.string().nullish().catch(null),
  reasoning_content: z.string().nullish().catch(null),
  reasoning: z.string().nullish().catch(null),
  reasoning_details: z.array(reasoningDetail).nullish().catch(null),
  tool_calls: z.array(toolCall).nullish().catch(null),
  function_call: calledFunction.catch(null),
});

const choice = z.object({
  index: z.number().nullish().catch(null),
  delta: delta.nullish(),
  message: delta.nullish(),
  finish_reason: z.string().nullish().catch(null),
});

const count = z.number().nonnegative().catch(0);
const usage = z.object({ prompt_tokens: count, completion_tokens: count }).nullish().catch(null);

/** A chunk as parsed. Only what is read is checked; everything else may be anything. */
export const completionChunk = z.object({
  choices: z.array(choice).nullish(),
  usage,
  error: z.unknown().optional(),
  object: z.unknown().optional(),
});

export type CompletionChunk = z.infer<typeof completionChunk>;
export type CompletionChoice = z.infer<typeof choice>;
type Delta = z.infer<typeof delta>;

type ThinkingPart = z.infer<typeof part>;

function thinkingOf(from: ThinkingPart): string {
  if (!Array.isArray(from.thinking)) return from.thinking ?? '';
  return from.thinking.map((item) => item.text ?? '').join('');
}

/** The reasoning in a delta. Servers repeat the same under two keys: the first that has any is taken. */
function thoughtOf(from: Delta): string {
  const details = (from.reasoning_details ?? []).map((detail) => detail.text ?? detail.summary ?? '');
  const parts = Array.isArray(from.content) ? from.content : [];
  return (
    from.reasoning_content ||
    from.reasoning ||
    details.join('') ||
    parts.map((item) => (typeof item === 'string' ? '' : thinkingOf(item))).join('')
  );
}

function contentOf(from: Delta): string {
  const { content } = from;
  const text = Array.isArray(content)
    ? content.map((item) => (typeof item === 'string' ? item : (item.text ?? ''))).join('')
    : (content ?? '');
  return text + (from.refusal ?? '');
}

/** The texts in a choice; a `message` counts only where there is no `delta`. Either may be ''. */
export function choiceTexts(from: CompletionChoice): { thought: string; content: string } {
  const source = from.delta ?? from.message;
  return source ? { thought: thoughtOf(source), content: contentOf(source) } : { thought: '', content: '' };
}

/** Whether a choice brings a part of a tool call. */
export function callsTool(from: CompletionChoice): boolean {
  const source = from.delta ?? from.message;
  const called = [source?.function_call, ...(source?.tool_calls ?? []).map((call) => call.function)];
  return called.some((part) => Boolean(part?.name || part?.arguments));
}

/** The tokens counted in a chunk, or null where it says nothing about them. */
export function chunkUsage(from: CompletionChunk): ModelUsage | null {
  if (!from.usage) return null;
  const { prompt_tokens, completion_tokens } = from.usage;
  return { prompt_tokens: Math.round(prompt_tokens), completion_tokens: Math.round(completion_tokens) };
}

const FINISH_REASONS: Record<string, FinishReason> = {
  stop: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  eos: 'stop',
  length: 'length',
  max_tokens: 'length',
  tool_calls: 'function_calls',
  function_call: 'function_calls',
  function_calls: 'function_calls',
  content_filter: 'content_filter',
};

/** AutoGen's name for what a server gave as finish reason. */
export function finishReason(given: string): FinishReason {
  return FINISH_REASONS[given.toLowerCase()] ?? 'unknown';
}

/** What a chunk reports as an error (`error`, or all of `value`, an object of the kind `error`), or undefined. */
export function chunkError(chunk: CompletionChunk, value: unknown): unknown {
  if (chunk.error !== undefined && chunk.error !== null && chunk.error !== false) return chunk.error;
  return chunk.object === 'error' ? value : undefined;
}
