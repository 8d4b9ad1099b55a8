// What is left of limits, as answers tell it.
import type { ApplyingLimits } from '../db/access/applying-limits.ts';
import type { Tallied } from '../db/access/tally.ts';
import { type LimitName, limitNames, type TurnLimitName } from '../words/limits.ts';

/** Of `limit`, so many are `left`, and more come in so many seconds; undefined where that is no matter of time. */
export type LimitLeft = { limit: LimitName; quota: number; left: number; seconds: number | undefined };

/** Limits as they were read at `readAt` (of performance.now), and what this process had and has tallied of them. */
export type ReadLimits = { row: ApplyingLimits; readAt: number; before: Tallied; tally: Tallied };

const period: Record<TurnLimitName, 'day' | 'month' | undefined> = {
  running_turns: undefined,
  turns_per_day: 'day',
  tokens_per_day: 'day',
  cost_per_month: 'month',
};

/** What is left of those that count turns: what was read, less what turns of this process have changed since. */
export function turnsLeft({ row, readAt, before, tally }: ReadLimits): LimitLeft[] {
  const left: LimitLeft[] = [];
  for (const limit of limitNames) {
    if (limit === 'requests_per_minute') continue;
    const quota = row.limits[limit];
    if (quota === null) continue;
    const used = Math.max(0, row.used[limit] + tally[limit] - before[limit]);
    const until = period[limit];
    const seconds = until && secondsUntil(readAt + row.seconds[until] * 1000);
    left.push({ limit, quota, left: Math.max(0, quota - used), seconds });
  }
  return left;
}

/** Whole ones, at least one, until a time of performance.now. */
export const secondsUntil = (time: number): number =>
  Math.max(1, Math.ceil((time - performance.now()) / 1000));

/** Of those of one limit the one of which less is left, in the limits' order. */
export const nearest = (left: readonly LimitLeft[]): LimitLeft[] =>
  limitNames.flatMap((name) => {
    const [first, ...others] = left.filter(({ limit }) => limit === name);
    if (!first) return [];
    return [others.reduce((least, one) => (one.left < least.left ? one : least), first)];
  });
