// How long a key is good, as a person writes it.
import { UsageError } from '../command-shape.ts';

/** A key that is to be good for longer need not expire. */
const longestYears = 10;

const hours: Record<string, number> = { h: 1, d: 24, w: 168 };

/** `90d`, `2w`, `12h`, or a time to come such as `2027-01-31`. Throws a UsageError. */
export function readLifetime(text: string, now = new Date()): Date {
  const [, count, unit = ''] = /^(\d{1,5})([hdw])$/i.exec(text) ?? [];
  const time = count
    ? new Date(now.getTime() + Number(count) * (hours[unit.toLowerCase()] ?? 0) * 3_600_000)
    : new Date(namesDay(text) ? text : Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw new UsageError(`--expires is ${JSON.stringify(text)}; it must be like 90d, 2w, 12h or 2027-01-31.`);
  if (time <= now) throw new UsageError(`--expires is ${JSON.stringify(text)}, which is over.`);
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + longestYears);
  if (time > latest)
    throw new UsageError(
      `--expires is ${JSON.stringify(text)}, in more than ${longestYears} years; without it a key never expires.`,
    );
  return time;
}

/** Whether it begins with a day that the calendar has: 2027-02-31 would be read as one of March. */
function namesDay(text: string): boolean {
  const [day] = /^\d{4}-\d{2}-\d{2}/.exec(text) ?? [];
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 10) === day;
}
