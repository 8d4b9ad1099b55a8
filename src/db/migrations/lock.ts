// The locks that make one process migrate of several that start at once. Each belongs to a transaction.
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { once } from '../prepared.ts';

const migrating = sql`hashtext('agentchat migrations')`;
// Of its own: while it is held, which may be long, an older version can start, and look that nothing is pending.
const preparing = sql`hashtext('agentchat migrations ahead')`;

/**
 * Held to the end of the transaction `tx`: of several processes that start at once, one migrates. `onWait` is called
 * when it takes longer than a start with nothing to do.
 */
export async function lockMigrations(tx: Db, onWait = () => {}): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    if (await take(tx, migrating)) return;
    await tx.execute(sql`select pg_sleep(0.1)`);
  }
  onWait();
  await tx.execute(sql`select pg_advisory_xact_lock(${migrating})`);
}

/**
 * Held to the end of the transaction `tx` by the one that does the work ahead; false where another has it. That is never
 * waited for in a transaction: whoever waits there may have a snapshot, and an index that is built beside the work of
 * others waits for all that are older.
 */
export const tryLockAhead = (tx: Db): Promise<boolean> => take(tx, preparing);

async function take(tx: Db, key: SQL): Promise<boolean> {
  const [lock] = await tx.select({ taken: sql<boolean>`pg_try_advisory_xact_lock(${key})` }).from(once);
  return lock?.taken === true;
}
