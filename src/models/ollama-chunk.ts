// One line of Ollama's stream, as a chunk of a completion.
import {
  type CompletionChunk,
  finishReason,
  isObject,
  listOf,
  Misshapen,
  optional,
  type ReadChunk,
  textOf,
  tokens,
} from './completion-chunk.ts';

const isText = (value: unknown): value is string => typeof value === 'string';

/** A reader of the lines of one answer. */
export function createOllamaReader(): ReadChunk {
  // The last line says `stop` also of a reply that calls tools.
  let hasCalled = false;
  return (value): CompletionChunk => {
    if (!isObject(value)) throw new Misshapen();
    const { done, done_reason } = value;
    const message = optional(value.message, isObject);
    if (message === undefined && done !== true) throw new Misshapen();
    const callsTool = listOf(message?.tool_calls).length > 0;
    hasCalled ||= callsTool;
    const choice = {
      index: 0,
      isDelta: true,
      thought: optional(message?.thinking, isText) ?? '',
      content: optional(message?.content, isText) ?? '',
      callsTool,
      finishReason:
        done === true ? (hasCalled ? 'function_calls' : finishReason(textOf(done_reason))) : undefined,
    } as const;
    const usage =
      done === true
        ? { prompt_tokens: tokens(value.prompt_eval_count), completion_tokens: tokens(value.eval_count) }
        : null;
    return { choices: [choice], usage };
  };
}
