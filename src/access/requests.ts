// How many requests a minute somebody may make. A process takes them from the database some at a time, at most a thousandth
// of the limit, so that a small limit is exact over all processes and a large one costs a statement now and then.
import { limitReached } from '../chat/turns/limit-reached.ts';
import type { RequestLimit } from '../db/access/limits.ts';
import { rowName } from '../db/access/tally.ts';
import type { Store } from '../db/store.ts';
import { newest } from './known.ts';
import { type LimitLeft, secondsUntil } from './left.ts';

/** What was taken, or with -1 `left` refused, under a limit of so many. */
type Granted = { limit: number; left: number; counted: number; until: number };

/**
 * Gives a function that counts a request against a limit, and says what is left for the rest of its minute. It throws a
 * Failure: `limit_reached`.
 */
export function createRequests(store: Pick<Store, 'limits'>) {
  const granted = newest<Granted>();

  return async (of: RequestLimit): Promise<LimitLeft> => {
    const name = rowName(of.ownerId, of.keyId);
    const known = granted.get(name);
    const now = performance.now();
    // Of another limit it says nothing.
    if (known && known.limit === of.limit && now < known.until) {
      if (known.left < 0) throw refused(of, (known.until - now) / 1000);
      if (known.left > 0) {
        known.left--;
        return leftOf(of, known);
      }
    }
    const chunk = Math.max(1, Math.floor(of.limit / 1000));
    let asked = await store.limits.take(of, chunk);
    let count = chunk;
    if (asked.counted === null && chunk > 1) {
      asked = await store.limits.take(of, 1);
      count = 1;
    }
    const until = now + asked.seconds * 1000;
    if (asked.counted === null) {
      granted.set(name, { limit: of.limit, left: -1, counted: of.limit, until });
      throw refused(of, asked.seconds);
    }
    const before = granted.get(name);
    const rest =
      before && before.limit === of.limit && before.left > 0 && before.until > performance.now()
        ? before.left
        : 0;
    const grant = { limit: of.limit, left: count - 1 + rest, counted: asked.counted, until };
    granted.set(name, grant);
    return leftOf(of, grant);
  };
}

const leftOf = ({ limit }: RequestLimit, { counted, left, until }: Granted): LimitLeft => ({
  limit: 'requests_per_minute',
  quota: limit,
  left: Math.max(0, limit - counted) + Math.max(0, left),
  seconds: secondsUntil(until),
});

const refused = ({ limit, ownerId }: RequestLimit, seconds: number) =>
  limitReached({
    limit: 'requests_per_minute',
    value: limit,
    ofKey: ownerId === 0,
    retryAfter: Math.max(1, Math.ceil(seconds)),
  });
