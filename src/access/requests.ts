// How many requests a minute somebody may make. A process takes them from the database some at a time, at most a thousandth
// of the limit, so that a small limit is exact over all processes and a large one costs a statement now and then.
import { limitReached } from '../chat/limit-reached.ts';
import type { RequestLimit } from '../db/access/limits.ts';
import type { Owner } from '../db/owner.ts';
import type { Store } from '../db/store.ts';
import { kept, newest } from './known.ts';

/** What is left of a limit for the rest of its minute, as answers tell it. */
export type RequestsLeft = { limit: 'requests_per_minute'; quota: number; left: number; seconds: number };

export type Requests = ReturnType<typeof createRequests>;

/** What was taken, or with -1 `left` refused, under a limit of so many. */
type Granted = { limit: number; left: number; counted: number; until: number };

/** How old what is known of limits may be. */
const keptMs = 3000;

export function createRequests(store: Pick<Store, 'limits'>) {
  const limitsOf = kept((name) => {
    const [owner, key] = name.split(' ');
    return store.limits.requests(Number(owner), key || null);
  }, keptMs);
  const granted = newest<Granted>();

  async function take(of: RequestLimit): Promise<RequestsLeft> {
    const name = `${of.ownerId} ${of.keyId}`;
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
  }

  /**
   * Counts a request of this owner, by this key; gives the limit that is nearest. Where a service names no owner, only its
   * key has a limit. Throws a Failure: `limit_reached`.
   */
  return async (owner: Owner | undefined, key: string | undefined): Promise<RequestsLeft | undefined> => {
    let nearest: RequestsLeft | undefined;
    for (const limit of await limitsOf(`${owner ?? 0} ${key ?? ''}`)) {
      if (owner === undefined && limit.keyId !== key) continue;
      const left = await take(limit);
      if (!nearest || left.left < nearest.left) nearest = left;
    }
    return nearest;
  };
}

const leftOf = ({ limit }: RequestLimit, { counted, left, until }: Granted): RequestsLeft => ({
  limit: 'requests_per_minute',
  quota: limit,
  left: Math.max(0, limit - counted) + Math.max(0, left),
  seconds: Math.max(1, Math.ceil((until - performance.now()) / 1000)),
});

const refused = ({ limit, ownerId }: RequestLimit, seconds: number) =>
  limitReached({
    limit: 'requests_per_minute',
    value: limit,
    ofKey: ownerId === 0,
    retryAfter: Math.max(1, Math.ceil(seconds)),
  });
