// The ledger of what was applied, which is drizzle-kit's own, and whether it and the files belong together.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { type Migration, MigrationError } from './migration.ts';

export type LedgerRow = { hash: string; when: number };

/** drizzle-kit's own table. */
export async function createLedger(tx: Db): Promise<void> {
  await tx.execute(sql`create schema if not exists drizzle`);
  await tx.execute(
    sql`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`,
  );
}

/** What was applied, oldest first; nothing where there is no ledger yet. */
export async function readLedger(db: Db): Promise<LedgerRow[]> {
  // Not by to_regclass, which may still believe what it saw before another process's migrations were waited for.
  const [ledger] = await db
    .select({ found: sql`c.oid` })
    .from(sql`pg_class c join pg_namespace n on n.oid = c.relnamespace`)
    .where(sql`n.nspname = 'drizzle' and c.relname = '__drizzle_migrations'`);
  if (!ledger) return [];
  const rows = await db
    .select({ hash: sql<string>`hash`, when: sql`created_at`.mapWith(Number) })
    .from(sql`drizzle.__drizzle_migrations`)
    .orderBy(sql`created_at, id`);
  return rows;
}

/** The migrations that are still to be applied. Throws when files and ledger do not belong together. */
export function pendingMigrations(
  migrations: readonly Migration[],
  ledger: readonly LedgerRow[],
): Migration[] {
  if (isUneven(ledger, migrations)) throw new MigrationError(unevenLedger);
  ledger.forEach((row, index) => {
    const migration = migrations[index];
    if (!migration) {
      throw new MigrationError(
        `the database has ${ledger.length} migrations and this version of AgentChat knows ${migrations.length}: it was made by a newer one; start that version`,
      );
    }
    if (migration.hash !== row.hash || migration.when !== row.when) {
      throw new MigrationError(
        `migration ${migration.tag} is not the one that was applied to this database: its file was edited or replaced; restore it`,
      );
    }
  });
  return migrations.slice(ledger.length);
}

/** True when every row is of a migration, but some are there twice, or some between are missing. */
export function isUneven(ledger: readonly LedgerRow[], migrations: readonly Migration[]): boolean {
  const places = ledger.map((row) =>
    migrations.findIndex(({ hash, when }) => hash === row.hash && when === row.when),
  );
  return places.every((place) => place >= 0) && places.some((place, index) => place !== index);
}

export const unevenLedger =
  'its ledger has rows twice, or lacks some: `truncate drizzle.__drizzle_migrations`, and `bun run init-db` writes it anew by the tables';
