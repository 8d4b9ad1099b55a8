// Who calls, for benchmarks in which that matters: owners with keys and limits, made as an admin makes them.
import { createKeys, type WantedKey } from '../src/access/keys.ts';
import { createLimits, type LimitsName } from '../src/access/limits.ts';
import { byCommand } from '../src/cli/access/with-migrated.ts';
import { openPostgres } from '../src/db/postgres/open-postgres.ts';
import { createStore } from '../src/db/store.ts';
import type { LimitValues } from '../src/words/limits.ts';

/** Limits of every kind that nobody reaches. */
const plenty: LimitValues = {
  requests_per_minute: 10_000_000,
  running_turns: 100_000,
  turns_per_day: 100_000_000,
  tokens_per_day: 1_000_000_000_000,
  cost_per_month: 1_000_000_000,
  agents: null,
};

/** Makes callers in a database whose server has made its tables. */
export async function makeCallers<T>(url: string, make: (makers: Makers) => Promise<T>): Promise<T> {
  const database = openPostgres({ url, poolMax: 1, prepare: true });
  try {
    return await make(makersOf(createStore(database)));
  } finally {
    await database.close();
  }
}

export type Makers = ReturnType<typeof makersOf>;

function makersOf(store: ReturnType<typeof createStore>) {
  return {
    /** The number of the owner of this name. */
    owner: (name: string): Promise<number> => store.owners.named(name),

    /** A key, its id, and the header that brings it. */
    key: async (owner: string, role: WantedKey['role'] = 'member') => {
      const { key, row } = await createKeys(store).create({ owner, name: owner, role }, byCommand);
      return { id: row.id, header: `authorization: Bearer ${key}` };
    },

    limit: (of: LimitsName): Promise<void> => createLimits(store).set(of, plenty, byCommand),
  };
}
