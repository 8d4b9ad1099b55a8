// What a model says in each step of a turn of three: whose model it is, and which step it was asked for.
import type { LlmMessage } from '../models/messages.ts';
import { type Step, say } from './scripted-model.ts';

/** The steps that a turn had said when the model was asked: they are shown as one message, before a gap. */
export function shownSteps(messages: readonly LlmMessage[]): string[] {
  const [shown] = messages.slice(-2);
  return shown?.type === 'AssistantMessage' ? String(shown.content).split('\n\n') : [];
}

export const toldBy =
  (who: string) =>
  (messages: readonly LlmMessage[]): Step[] => {
    const step = shownSteps(messages).length;
    return say([`${who} `, 'says ', `step ${step}`], [`${who} thinks `, `of ${step}`]);
  };
