// Results of callers that ask one after the other, over several rounds.
import type { ClosedResult, Latency } from './processes/protocol.ts';
import { median, medians } from './stats.ts';

/** The medians of the rounds. */
export function summary(results: ClosedResult[] = []): { perSecond: number; latency: Latency } {
  return {
    perSecond: median(results.map(({ perSecond }) => perSecond)),
    latency: medians(results.map(({ latency }) => latency)),
  };
}

/** The median of what each round's own pair gives: rounds differ more than the two within one. */
export function medianRatio(these: ClosedResult[] = [], limits: { perSecond: number }[] = []): number {
  return median(these.map(({ perSecond }, round) => perSecond / (limits[round]?.perSecond ?? Number.NaN)));
}
