// A ledger that is missing though the tables stand, as after a restore of a dump of the tables alone.
import { sql } from 'drizzle-orm';
import type { Database, Db } from '../database.ts';
import { createLedger, readLedger } from './ledger.ts';
import { lockMigrations } from './lock.ts';
import type { Migration } from './migration.ts';

/**
 * Writes the ledger anew when it is empty: `standsAt`, asked under the lock, finds the last migration whose tables
 * these are (undefined: there is no table yet), and throws where it cannot tell. Returns the tag, or undefined where
 * there was nothing to repair. `onWait` is called when another process migrates.
 */
export async function repairLedger(
  database: Database,
  migrations: readonly Migration[],
  standsAt: (db: Db) => Promise<string | undefined>,
  onWait?: () => void,
): Promise<string | undefined> {
  return database.patient.transaction(async (tx) => {
    await lockMigrations(tx, onWait);
    if ((await readLedger(tx)).length > 0) return undefined;
    const tag = await standsAt(tx);
    if (tag === undefined) return undefined;
    const last = migrations.findIndex((migration) => migration.tag === tag);
    await createLedger(tx);
    for (const { hash, when } of migrations.slice(0, last + 1)) {
      await tx.execute(
        sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${when})`,
      );
    }
    return tag;
  });
}
