// What the model's server takes at most, as it said when it refused a conversation, in tokens as they are estimated here.
import type { ContextLimit } from '../models/model.ts';

export type ModelLimit = {
  /** The most that a conversation may be estimated at. */
  budget: number;
  /** The server's own number, if it told one. */
  told: number | undefined;
};

/**
 * Keeps limits for an hour: a server may be started with another, or a gateway choose another. What the server told is
 * kept for all conversations. What was found by trying is a guess from one, and kept for that one, if it has a name.
 */
export type LimitMemory = {
  recall(conversation: string | undefined): ModelLimit | undefined;
  keep(limit: ModelLimit, conversation: string | undefined): void;
};

const keptMs = 3_600_000;
const mostGuesses = 1000;
/** What is left for a reply whose longest is not set: a quarter, but no more than this. */
export const longestUnset = 4096;
/** An estimate that is right on average is not right for every conversation. */
const caution = 0.95;

export function createLimitMemory(): LimitMemory {
  type Kept = { limit: ModelLimit; until: number };
  const guesses = new Map<string, Kept>();
  let told: Kept | undefined;

  const current = (kept: Kept | undefined): ModelLimit | undefined =>
    kept && performance.now() < kept.until ? kept.limit : undefined;

  function guess(kept: Kept, conversation: string): void {
    guesses.delete(conversation);
    guesses.set(conversation, kept);
    for (const oldest of guesses.keys()) {
      if (guesses.size <= mostGuesses) return;
      guesses.delete(oldest);
    }
  }

  return {
    recall: (conversation) =>
      current(conversation === undefined ? told : (guesses.get(conversation) ?? told)),
    keep(limit, conversation) {
      const kept = { limit, until: performance.now() + keptMs };
      if (limit.told === undefined) {
        if (conversation !== undefined) guess(kept, conversation);
        return;
      }
      told = kept;
      if (conversation !== undefined) guesses.delete(conversation);
    },
  };
}

/** The limit after the server refused what is estimated at so many tokens: always less than that. */
export function limitAfter(refused: ContextLimit, estimated: number): ModelLimit {
  const { limit, prompt, reserved } = refused;
  if (limit === undefined) return { budget: estimated / 2, told: undefined };
  const room = limit - (reserved ?? Math.min(longestUnset, limit / 4));
  // What the server counts is not what is estimated here.
  const estimatedRoom = room * (prompt === undefined ? 1 : estimated / prompt) * caution;
  return { budget: Math.min(estimatedRoom, estimated * 0.9), told: limit };
}
