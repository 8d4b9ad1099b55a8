// What the model's server takes at most, as it said when it refused a conversation, in tokens as they are estimated here.
import type { ContextLimit } from '../models/model.ts';

export type ModelLimit = {
  /** The most that a conversation may be estimated at. */
  budget: number;
  /** The server's own number, if it told one. */
  told: number | undefined;
};

/** Keeps the limit for an hour: a server may be started with another, or a gateway choose another. */
export type LimitMemory = { recall(): ModelLimit | undefined; keep(limit: ModelLimit): void };

const keptMs = 3_600_000;
/** What is left for a reply whose longest is not set: a quarter, but no more than this. */
const mostReserved = 4096;
/** An estimate that is right on average is not right for every conversation. */
const caution = 0.95;

export function createLimitMemory(): LimitMemory {
  let kept: { limit: ModelLimit; until: number } | undefined;
  return {
    recall: () => (kept && performance.now() < kept.until ? kept.limit : undefined),
    keep(limit) {
      kept = { limit, until: performance.now() + keptMs };
    },
  };
}

/** The limit after the server refused what is estimated at so many tokens: always less than that. */
export function limitAfter(refused: ContextLimit, estimated: number): ModelLimit {
  const { limit, prompt, reserved } = refused;
  if (limit === undefined) return { budget: estimated / 2, told: undefined };
  const room = limit - (reserved ?? Math.min(mostReserved, limit / 4));
  // What the server counts is not what is estimated here.
  const estimatedRoom = room * (prompt === undefined ? 1 : estimated / prompt) * caution;
  return { budget: Math.min(estimatedRoom, estimated * 0.9), told: limit };
}
