// What answers tell of limits: the fields `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-11.
import type { Context } from 'hono';
import type { LimitName } from '../words/limits.ts';

/** Of `limit`, so many are `left`, and more come in so many seconds. */
export type LimitLeft = { limit: LimitName; quota: number; left: number; seconds: number };

/** Of what there is so much: without a unit, requests. A cost is an amount, for which the fields have no number. */
const policies: Record<LimitName, string | undefined> = {
  requests_per_minute: ';w=60',
  running_turns: ';qu="concurrent-requests"',
  turns_per_day: ';w=86400',
  tokens_per_day: ';qu="tokens";w=86400',
  cost_per_month: undefined,
};

/** The largest number that a field may have. */
const largest = 999_999_999_999_999;

/** Beside what was told of other limits. */
export function tellLimit(c: Context, { limit, quota, left, seconds }: LimitLeft): void {
  const policy = policies[limit];
  if (policy === undefined) return;
  const append = { append: true };
  c.header('RateLimit-Policy', `"${limit}";q=${Math.min(quota, largest)}${policy}`, append);
  c.header('RateLimit', `"${limit}";r=${Math.min(left, largest)};t=${seconds}`, append);
}
