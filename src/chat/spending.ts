// What a turn has used of its model while it runs: what the model's server reports, or else an estimate, which says so.
import type { Agent } from '../agent/agent.ts';
import type { Conversation } from '../agent/context.ts';
import { costOf } from '../agent/prices.ts';
import type { Spent } from '../db/access/usage.ts';
import { countTokens } from '../models/tokens.ts';
import type { Usage } from '../words/usage.ts';

/** What a step said, and what was reported for it. */
export type SpentStep = { thought: string | null; content: string; modelsUsage: Usage | null };

export type Spending = ReturnType<typeof createSpending>;

/** The models whose servers report usage, as far as was seen: what they are sent is not counted beforehand. */
export type Reporting = WeakSet<object>;

/**
 * Of one run. `uncounted` are the steps that an earlier run settled and no end has counted; what was sent for those that
 * have no report is not known any more.
 */
export function createSpending(
  { model, prices, context }: Agent,
  uncounted: readonly SpentStep[],
  reporting: Reporting,
) {
  const sum = { prompt_tokens: 0, completion_tokens: 0 };
  let estimated = false;
  let steps = 0;
  let asked: { promptTokens: number | undefined } | undefined;

  function add(step: SpentStep, promptTokens: number): void {
    const { modelsUsage: usage, thought, content } = step;
    steps++;
    if (usage) reporting.add(model);
    else {
      reporting.delete(model);
      estimated = true;
    }
    sum.prompt_tokens += usage?.prompt_tokens ?? promptTokens;
    sum.completion_tokens += usage?.completion_tokens ?? countTokens(thought ?? '') + countTokens(content);
  }
  for (const step of uncounted) add(step, 0);

  return {
    /** The next step asks the model with this. */
    asks(conversation: Conversation): void {
      asked = { promptTokens: reporting.has(model) ? undefined : context(conversation).tokens };
    },

    /**
     * Counts the step that was asked for. `read` gives what was sent once more, where it was not counted then. Of one that
     * brought nothing, nothing is counted.
     */
    async said(step: SpentStep, read: () => Promise<Conversation>): Promise<void> {
      if (!asked || (!step.modelsUsage && !step.thought && step.content === '')) return;
      const { promptTokens } = asked;
      asked = undefined;
      if (step.modelsUsage) add(step, 0);
      // What cannot be read is nothing that the end of a turn waits for.
      else
        add(
          step,
          promptTokens ??
            (await read().then(
              (conversation) => context(conversation).tokens,
              () => 0,
            )),
        );
    },

    /** All of the run; null where no model was asked, or it brought nothing. */
    total: (): Spent | null =>
      steps === 0 ? null : { model: model.name, ...sum, estimated, cost: costOf(prices, sum) },
  };
}
