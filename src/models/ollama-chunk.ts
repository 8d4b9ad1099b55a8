// One line of Ollama's stream, as a chunk of a completion.
import type { Usage } from '../words/usage.ts';
import {
  type CompletionChunk,
  type Fields,
  finishReason,
  isObject,
  isText,
  listOf,
  Misshapen,
  optional,
  type ReadChunk,
  textOf,
  usageOf,
} from './completion-chunk.ts';

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
      finishReason: done === true ? finishReason(hasCalled ? 'tool_calls' : textOf(done_reason)) : undefined,
    };
    return { choices: [choice], usage: reported(value) };
  };
}

/** Counted in the last line alone. */
const reported = ({ prompt_eval_count, eval_count }: Fields): Usage | null =>
  typeof eval_count === 'number' ? usageOf(prompt_eval_count, eval_count) : null;
