// A ledger that is missing though the tables stand, as after a restore of a dump of the tables alone.
import { sql } from 'drizzle-orm';
import type { Database, Db } from './database.ts';
import { createLedger, lockMigrations, type Migration, MigrationError, readLedger } from './migrate.ts';

/**
 * Writes the ledger anew when it is empty: `standsAt` finds the last migration whose tables these are, and is
 * asked under the lock; undefined from it means that there is no table yet. Returns the tag, or undefined where there was nothing to repair. Throws a
 * MigrationError when tables stand there that no migration leaves behind.
 */
export async function repairLedger(
  database: Database,
  migrations: readonly Migration[],
  standsAt: (db: Db) => Promise<string | undefined>,
): Promise<string | undefined> {
  return database.db.transaction(async (tx) => {
    await lockMigrations(tx);
    if ((await readLedger(tx)).length > 0) return undefined;
    const tag = await standsAt(tx);
    if (tag === undefined) return undefined;
    const last = migrations.findIndex((migration) => migration.tag === tag);
    if (last < 0) {
      throw new MigrationError(
        'it has no ledger of migrations, and tables that none of them leaves behind: restore a whole dump, or name another database',
      );
    }
    await createLedger(tx);
    for (const { hash, when } of migrations.slice(0, last + 1)) {
      await tx.execute(
        sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${when})`,
      );
    }
    return tag;
  });
}
