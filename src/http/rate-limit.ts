// What answers tell of limits: the fields `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-11.
import type { LimitLeft } from '../access/left.ts';
import type { LimitName } from '../words/limits.ts';

/**
 * Of what there is so much: without a unit, requests. What runs at once has no window, and months no even one. The fields
 * have whole numbers, so a cost is told in millionths.
 */
const policies: Record<LimitName, { rest: string; scale: number }> = {
  requests_per_minute: { rest: ';w=60', scale: 1 },
  running_turns: { rest: ';qu="concurrent-requests"', scale: 1 },
  turns_per_day: { rest: ';w=86400', scale: 1 },
  tokens_per_day: { rest: ';qu="tokens";w=86400', scale: 1 },
  cost_per_month: { rest: ';qu="cost-millionths"', scale: 1_000_000 },
};

/** The largest number that a field may have. */
const largest = 999_999_999_999_999;
const told = (value: number, scale: number) => Math.min(Math.round(value * scale), largest);

/** Undefined where there are no limits. */
export function rateLimitFields(limits: readonly LimitLeft[]): Record<string, string> | undefined {
  if (limits.length === 0) return undefined;
  const policy = limits.map(({ limit, quota }) => {
    const { rest, scale } = policies[limit];
    return `"${limit}";q=${told(quota, scale)}${rest}`;
  });
  const left = limits.map(({ limit, left, seconds }) => {
    const until = seconds === undefined ? '' : `;t=${seconds}`;
    return `"${limit}";r=${told(left, policies[limit].scale)}${until}`;
  });
  return { 'RateLimit-Policy': policy.join(', '), RateLimit: left.join(', ') };
}
