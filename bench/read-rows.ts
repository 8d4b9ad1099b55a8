// Rows of the tables on reading.
import { summary } from './closed-results.ts';
import type { ClosedResult } from './processes/protocol.ts';
import { ms, rate, ratio } from './table.ts';

export const readColumns = ['', 'requests', 'p50', 'p99', 'ratio to bare'];

export function readRow(name: string, results: ClosedResult[] | undefined, share: number): string[] {
  const { perSecond, latency } = summary(results);
  return [name, rate(perSecond), ms(latency.p50), ms(latency.p99), ratio(share)];
}
