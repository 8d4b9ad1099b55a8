// One line of Ollama's stream, as a chunk of a completion.
import type { Usage } from '../../words/usage.ts';
import { type Fields, isObject, isText, textOf } from '../config/fields.ts';
import { callsIn, noCalls } from '../reply/call-part.ts';
import {
  type CompletionChunk,
  finishReason,
  Misshapen,
  optional,
  type ReadChunk,
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
    const calls = message ? callsIn(message, true) : noCalls;
    hasCalled ||= calls.length > 0;
    const reason = hasCalled && done_reason !== 'length' ? 'tool_calls' : textOf(done_reason);
    const choice = {
      index: 0,
      isDelta: true,
      thought: optional(message?.thinking, isText) ?? '',
      content: optional(message?.content, isText) ?? '',
      calls,
      finishReason: done === true ? finishReason(reason) : undefined,
    };
    return { choices: [choice], usage: reported(value) };
  };
}

/** Counted in the last line alone. */
const reported = ({ prompt_eval_count, eval_count }: Fields): Usage | null =>
  typeof eval_count === 'number' ? usageOf(prompt_eval_count, eval_count) : null;
