// What a model is told of what its agent remembers, in AutoGen's words.
import type { LlmMessage } from '../models/messages.ts';
import { dataOf, type SaidStep } from './said-step.ts';

/** Of a step that queried a memory. */
export function memoryMessage(step: Pick<SaidStep, 'data'>): LlmMessage {
  const lines = (dataOf(step).memory ?? [])
    .map(({ content }, index) => `${index + 1}. ${content}\n`)
    .join('');
  return {
    content: `\nRelevant memory content (in chronological order):\n${lines}`,
    type: 'SystemMessage',
  };
}
