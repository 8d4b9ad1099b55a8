// When there is more again of what is used up. Days and months are UTC, as the server counts them.
import type { LimitName } from '../api/access.ts';

/** Seconds; null where it is not a matter of days. */
export function secondsUntilNew(name: LimitName, now = new Date()): number | null {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const until = (next: number) => Math.ceil((next - now.getTime()) / 1000);
  if (name === 'turns_per_day' || name === 'tokens_per_day') return until(Date.UTC(year, month, day + 1));
  return name === 'cost_per_month' ? until(Date.UTC(year, month + 1, 1)) : null;
}
