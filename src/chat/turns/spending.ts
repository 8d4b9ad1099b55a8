// What a turn has used of its model while it runs: what the model's server reports, or else an estimate, which says so.
import type { Agent } from '../../agent/agent.ts';
import type { Conversation } from '../../agent/context.ts';
import { costOf } from '../../agent/prices.ts';
import type { Spent } from '../../db/access/usage.ts';
import { countTokens } from '../../models/tokens.ts';
import { isModels } from '../../words/steps.ts';
import type { Usage } from '../../words/usage.ts';
import { framingOf } from '../context/framing.ts';

/** What a step said, and what was reported for it. */
export type SpentStep = { thought: string | null; content: string; modelsUsage: Usage | null };

/** What the model was asked with: until it answers as it was, and then how many tokens that was, or was at least. */
type Asked =
  | { tokens: number | undefined; conversation: Conversation }
  | { tokens: number; conversation?: undefined; isLeast: boolean };

/** Of the steps that were settled before, those that a model said and no end has counted. */
export const uncountedSteps = <S extends SpentStep & { type: string }>(
  settled: readonly S[],
  { countedSteps }: { countedSteps: number | null },
): S[] => settled.slice(countedSteps ?? 0).filter(({ type }) => isModels(type));

export type Spending = ReturnType<typeof createSpending>;

/** The models whose servers report usage, as far as was seen: what they are sent is not counted beforehand. */
export type Reporting = WeakSet<object>;

/**
 * Of one run. `uncounted` are the steps that an earlier run settled and no end has counted; what was sent for those that
 * have no report is not known any more.
 */
export function createSpending(agent: Agent, uncounted: readonly SpentStep[], reporting: Reporting) {
  const { model, prices, context } = agent;
  const sum = { prompt_tokens: 0, completion_tokens: 0 };
  let estimated = false;
  let steps = 0;
  let asked: Asked | undefined;

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

  async function tokensOf(sent: Asked, read?: () => Promise<Conversation>): Promise<number> {
    if (sent.conversation) return sent.tokens ?? context(sent.conversation).tokens;
    if (!sent.isLeast) return sent.tokens;
    const framing = framingOf(agent);
    const least = framing.tokens + Math.min(sent.tokens, framing.contextTokens);
    if (!read) return least;
    // What cannot be read is nothing that the end of a turn waits for.
    return read().then(
      (conversation) => context(conversation).tokens,
      () => least,
    );
  }

  return {
    /** The next step asks the model with this. */
    asks(conversation: Conversation): void {
      asked = { tokens: reporting.has(model) ? undefined : context(conversation).tokens, conversation };
    },

    /** The model answers, so what it was asked with is let go of: it is long. */
    answers(): void {
      if (asked?.conversation)
        asked = {
          tokens: asked.tokens ?? leastTokens(asked.conversation),
          isLeast: asked.tokens === undefined,
        };
    },

    /**
     * Counts the step that was asked for. `read` gives what was sent once more, where that was not counted then and can
     * be read.
     */
    async said(step: SpentStep, read?: () => Promise<Conversation>): Promise<void> {
      if (!asked) return;
      const sent = asked;
      asked = undefined;
      add(step, step.modelsUsage ? 0 : await tokensOf(sent, read));
    },

    /** The model refused the step that was asked for: nothing is counted. */
    refused(): void {
      asked = undefined;
    },

    /** All of the run; null where no model was asked, or it brought nothing. */
    total: (): Spent | null =>
      steps === 0 ? null : { model: model.name, ...sum, estimated, cost: costOf(prices, sum) },
  };
}

/** Told without looking into a text: no four letters are less than a token. */
const leastTokens = ({ head, tail }: Conversation): number =>
  Math.ceil([...head, ...tail].reduce((sum, { content }) => sum + content.length, 0) / 4);
