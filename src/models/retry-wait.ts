// How long to wait before asking a model server again, and when not to.

/** All waits between the attempts of one reply together, in milliseconds. */
const TOTAL_WAIT_MS = 2000;
const FIRST_WAIT_MS = 200;

/** Seconds a server asks to wait (`Retry-After` as seconds or as a date, `retry-after-ms`), or undefined. */
export function retryAfterSeconds(headers: Headers, now: number): number | undefined {
  const milliseconds = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds / 1000);
  const given = headers.get('retry-after');
  if (given === null || given.trim() === '') return undefined;
  const seconds = Number(given);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(given);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/**
 * Milliseconds to wait before the next attempt, or null when the server asks for more than is left of the
 * two seconds. `attempt` counts from 0, `waited` is the sum of the waits so far, `random` is in [0, 1).
 */
export function retryWait(
  attempt: number,
  waited: number,
  askedSeconds: number | undefined,
  random: number,
): number | null {
  const left = TOTAL_WAIT_MS - waited;
  if (askedSeconds !== undefined && askedSeconds > 0) {
    const asked = askedSeconds * 1000;
    return asked <= left ? asked : null;
  }
  // At most half of what is left, so that every attempt gets some wait.
  return Math.min(FIRST_WAIT_MS * 2 ** attempt, left / 2) * (0.75 + random / 4);
}
