// From which day to which, as people say it. The ledger's days are those of UTC.
import type { Period } from './calls.ts';

export const periods = ['thisMonth', 'lastMonth', 'last7', 'last30', 'ownDays'] as const;
export type PeriodName = (typeof periods)[number];

const dayMs = 24 * 60 * 60 * 1000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export function periodOf(name: PeriodName, now = new Date()): Period {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const today = dayOf(now.getTime());
  if (name === 'lastMonth')
    return { from: dayOf(Date.UTC(year, month - 1, 1)), to: dayOf(Date.UTC(year, month, 0)) };
  if (name === 'last7') return { from: dayOf(now.getTime() - 6 * dayMs), to: today };
  if (name === 'last30') return { from: dayOf(now.getTime() - 29 * dayMs), to: today };
  return { from: dayOf(Date.UTC(year, month, 1)), to: today };
}

/** Each of its days; of a very long one the last. */
export function daysOf({ from, to }: Period, most = 400): string[] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const count = Math.floor((last - first) / dayMs) + 1;
  if (!(count > 0)) return [];
  const shown = Math.min(count, most);
  return Array.from({ length: shown }, (_, n) => dayOf(last - (shown - 1 - n) * dayMs));
}
