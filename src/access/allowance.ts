// What a caller may use: counts their requests, and says what is left of all their limits.

import { zeroKey } from '../db/access/periods.ts';
import { rowName } from '../db/access/tally.ts';
import type { Owner } from '../db/owner.ts';
import type { Store } from '../db/store.ts';
import { kept, newest } from './known.ts';
import { type LimitLeft, nearest, type ReadLimits, turnsLeft } from './left.ts';
import { createRequests } from './requests.ts';

export type Allowance = {
  /** Counts a request. Throws a Failure: `limit_reached`. */
  count(): Promise<void>;
  /**
   * What is left of each limit that applies, the owner's or the key's: of requests as they were counted, of the others as
   * was read at most three seconds before the request came, less what turns of this process have changed since.
   */
  left(): LimitLeft[];
};

export type AllowanceOf = ReturnType<typeof createAllowances>;

/** How old what is known of limits may be. */
const keptMs = 3000;

export function createAllowances(store: Pick<Store, 'limits' | 'tally'>) {
  const take = createRequests(store);
  const latest = newest<ReadLimits>();

  const applying = kept(async (name): Promise<ReadLimits[]> => {
    const [owner, key] = name.split(' ');
    const tallied = (row: string) => {
      const tally = store.tally.of(row);
      return { tally, before: { ...tally } };
    };
    // Before it is read, so that a turn which begins meanwhile is rather counted twice.
    const ofOwner = tallied(rowName(Number(owner), zeroKey));
    const ofKey = key ? tallied(rowName(0, key)) : ofOwner;
    const readAt = performance.now();
    const rows = await store.limits.applying(Number(owner), key || null);
    return rows.map((row) => {
      const read = { row, readAt, ...(row.keyId === zeroKey ? ofOwner : ofKey) };
      latest.set(rowName(row.ownerId, row.keyId), read);
      return read;
    });
  }, keptMs);
  /** A turn may have taken long, and another request have read the row again. */
  const newestOf = (read: ReadLimits) => latest.get(rowName(read.row.ownerId, read.row.keyId)) ?? read;

  /** Of this owner, by this key. Where a service names no owner, only its key has limits. */
  return async (owner: Owner | undefined, key: string | undefined): Promise<Allowance> => {
    const all = await applying(`${owner ?? 0} ${key ?? ''}`);
    const theirs = owner === undefined ? all.filter(({ row }) => row.keyId === key) : all;
    const requests: LimitLeft[] = [];
    return {
      count: async () => {
        for (const { row } of theirs) {
          const { ownerId, keyId, limits } = row;
          const limit = limits.requests_per_minute;
          if (limit !== null) requests.push(await take({ ownerId, keyId, limit }));
        }
      },
      left: () => nearest([...requests, ...theirs.flatMap((read) => turnsLeft(newestOf(read)))]),
    };
  };
}
