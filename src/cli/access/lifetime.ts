// How long a key is good, as a person writes it.
import { UsageError } from '../command-shape.ts';

const hours: Record<string, number> = { h: 1, d: 24, w: 168 };

/** `90d`, `2w`, `12h`, or a time to come such as `2027-01-31`. Throws a UsageError. */
export function readLifetime(text: string, now = new Date()): Date {
  const [, count, unit = ''] = /^(\d{1,5})([hdw])$/i.exec(text) ?? [];
  const time = count
    ? new Date(now.getTime() + Number(count) * (hours[unit.toLowerCase()] ?? 0) * 3_600_000)
    : new Date(/^\d{4}-\d{2}-\d{2}/.test(text) ? text : Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw new UsageError(`--expires is ${JSON.stringify(text)}; it must be like 90d, 2w, 12h or 2027-01-31.`);
  if (time <= now) throw new UsageError(`--expires is ${JSON.stringify(text)}, which is over.`);
  return time;
}
