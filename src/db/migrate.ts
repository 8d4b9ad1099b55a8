// Applies migrations: drizzle-kit's files and ledger, with a lock around them and a check that what was
// applied is still what the files say.
import { sql } from 'drizzle-orm';
import {
  copyFastApi,
  type FastApiDatabase,
  findFastApiDatabase,
  type OnProgress,
  setAside,
} from './adopt.ts';
import type { Database, Db } from './database.ts';

/**
 * One migration as drizzle-kit writes it: `when` is its journal time in milliseconds. `down` is its way back,
 * undefined when nobody has written one.
 */
export type Migration = { tag: string; when: number; sql: string; hash: string; down: string | undefined };

/** A fault of the ledger or the files that a person has to look at. The message is one sentence. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

export type LedgerRow = { hash: string; when: number };

export type MigrateOptions = {
  /** The last one to apply; without it, all. */
  to?: string;
  /** Called before a database of the FastAPI application is adopted. */
  onAdopt?: (found: FastApiDatabase) => void;
  onProgress?: OnProgress;
};

/**
 * Brings the database up to the last of `migrations`, or up to and with the one tagged `to`, adopting what the
 * FastAPI application left there; returns the tags it applied. All of it or nothing.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  { to, onAdopt, onProgress }: MigrateOptions = {},
): Promise<string[]> {
  return database.db.transaction(async (tx) => {
    await lockMigrations(tx);
    await createLedger(tx);
    const ledger = await readLedger(tx);
    const pending = upTo(to, migrations, pendingMigrations(migrations, ledger));
    const found = ledger.length === 0 ? await findFastApiDatabase(tx) : undefined;
    if (found && pending.length < migrations.length) {
      throw new MigrationError(
        `the FastAPI application's tables can only be adopted by all migrations, not up to ${to}`,
      );
    }
    if (found) {
      onAdopt?.(found);
      await setAside(tx);
    }
    for (const migration of pending) await apply(tx, migration);
    if (found) await copyFastApi(tx, found, onProgress);
    return pending.map((migration) => migration.tag);
  });
}

/** drizzle-kit's own table. */
export async function createLedger(tx: Db): Promise<void> {
  await tx.execute(sql`create schema if not exists drizzle`);
  await tx.execute(
    sql`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`,
  );
}

/** Held to the end of the transaction `tx`: of several processes that start at once, one migrates. */
export async function lockMigrations(tx: Db): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('agentchat migrations'))`);
}

/** The migrations that are still to be applied. Throws when files and ledger do not belong together. */
export function pendingMigrations(
  migrations: readonly Migration[],
  ledger: readonly LedgerRow[],
): Migration[] {
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

function upTo(to: string | undefined, migrations: readonly Migration[], pending: Migration[]): Migration[] {
  if (to === undefined) return pending;
  const target = migrations.findIndex(({ tag }) => tag === to);
  const last = migrations.length - pending.length - 1;
  if (target < 0) throw new MigrationError(`there is no migration ${to}`);
  if (target < last) {
    throw new MigrationError(
      `it stands at ${migrations[last]?.tag}, which comes after ${to}; to go back, use \`bun run db:rollback ${to}\``,
    );
  }
  return pending.slice(0, target - last);
}

/** What was applied, oldest first; nothing where there is no ledger yet. */
export async function readLedger(db: Db): Promise<LedgerRow[]> {
  const [ledger] = await db
    .select({ found: sql`to_regclass('drizzle.__drizzle_migrations')` })
    .from(sql`(values (1)) as once`);
  if (ledger?.found == null) return [];
  const rows = await db
    .select({ hash: sql<string>`hash`, when: sql`created_at`.mapWith(Number) })
    .from(sql`drizzle.__drizzle_migrations`)
    .orderBy(sql`created_at, id`);
  return rows;
}

async function apply(db: Db, migration: Migration): Promise<void> {
  await runStatements(db, migration.sql);
  await db.execute(
    sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${migration.hash}, ${migration.when})`,
  );
}

/** Runs what stands between the breakpoints of a migration's file, one after another. */
export async function runStatements(db: Db, text: string): Promise<void> {
  for (const statement of text.split('--> statement-breakpoint')) {
    if (statement.replace(/^\s*--.*$/gm, '').trim() !== '') await db.execute(sql.raw(statement));
  }
}
