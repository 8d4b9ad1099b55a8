// An agent whose turns have three steps, each said by somebody else, as a team's would have.
import type { Agent } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../agent/context-policy.ts';
import type { ChatModel } from '../models/model.ts';

/** Who says each step. */
export const threeSources = ['planner', 'worker', 'assistant'] as const;
export const threeStepsName = 'three-steps';
/** What its model is told first: by this a model server knows who asks. */
export const threeStepsMessage = 'You plan, then you work, then you answer.';

/** Asks the model for each step with the whole conversation, which ends with the steps before. */
export function threeSteps(model: ChatModel): Agent {
  const one = createAssistant({
    name: threeStepsName,
    model,
    systemMessage: threeStepsMessage,
    contextPolicy: DEFAULT_CONTEXT_POLICY,
  });
  const asks = one.next([]);
  return {
    ...one,
    next(said) {
      const source = threeSources[said.length];
      return asks?.kind === 'ask' && source !== undefined ? { ...asks, source } : undefined;
    },
  };
}
