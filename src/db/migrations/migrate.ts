// Applies migrations: drizzle-kit's files and ledger, with a lock around them and a check that what was
// applied is still what the files say.
import { sql } from 'drizzle-orm';
import { type Adopted, type CopyOptions, copyFastApi } from '../adopt/adopt.ts';
import { requireNoOthers, rowFaults } from '../adopt/check.ts';
import { AdoptionError } from '../adopt/error.ts';
import { type FastApiDatabase, findFastApiDatabase } from '../adopt/find.ts';
import { setAside } from '../adopt/set-aside.ts';
import type { Database, Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import { once } from '../prepared.ts';
import { statementsOf } from './statements.ts';

/**
 * One migration as drizzle-kit writes it: `when` is its journal time in milliseconds, `hash` that of `sql` alone. `down`
 * is its way back, undefined when nobody has written one. `ahead` is what of it is done before, without its locks;
 * undefined for most.
 */
export type Migration = {
  tag: string;
  when: number;
  sql: string;
  hash: string;
  down: string | undefined;
  ahead: string | undefined;
};

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
  onProgress?: CopyOptions['onProgress'];
  nameFrom?: CopyOptions['nameFrom'];
  onAdopted?: (adopted: Adopted) => void;
  /** How long an adoption waits for other connections to end. Default: ten seconds. */
  waitMs?: number;
  /** Called once when another process migrates, and is waited for. */
  onWait?: () => void;
};

/**
 * Brings the database up to the last of `migrations`, or up to and with the one tagged `to`, adopting what the
 * FastAPI application left there; returns the tags it applied. All of it or nothing.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  { to, onAdopt, onProgress, nameFrom, onAdopted, waitMs = 10_000, onWait }: MigrateOptions = {},
): Promise<string[]> {
  return database.patient.transaction(async (tx) => {
    await lockMigrations(tx, onWait);
    const ledger = await readLedger(tx);
    const pending = upTo(to, migrations, pendingMigrations(migrations, ledger));
    const found = ledger.length === 0 ? await findFastApiDatabase(tx) : undefined;
    if (pending.length > 0) await refuseOtherSchema(tx);
    if (found && pending.length < migrations.length) {
      throw new MigrationError(
        `the FastAPI application's tables can only be adopted by all migrations, not up to ${to}`,
      );
    }
    if (found) {
      const faults = await rowFaults(tx);
      if (faults.length > 0) throw new AdoptionError(faults.join(' Also: '));
      await requireNoOthers(tx, waitMs);
      onAdopt?.(found);
      await setAside(tx, found.aside, waitMs);
    }
    await createLedger(tx);
    for (const migration of pending) await apply(tx, migration);
    if (found) onAdopted?.(await copyFastApi(tx, found, { onProgress, nameFrom }));
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

/**
 * Held to the end of the transaction `tx`: of several processes that start at once, one migrates. `onWait` is called
 * when it takes longer than a start with nothing to do.
 */
export async function lockMigrations(tx: Db, onWait = () => {}): Promise<void> {
  const key = sql`hashtext('agentchat migrations')`;
  for (let attempt = 0; attempt < 10; attempt++) {
    const [lock] = await tx.select({ taken: sql<boolean>`pg_try_advisory_xact_lock(${key})` }).from(once);
    if (lock?.taken) return;
    await tx.execute(sql`select pg_sleep(0.1)`);
  }
  onWait();
  await tx.execute(sql`select pg_advisory_xact_lock(${key})`);
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

async function apply(db: Db, migration: Migration): Promise<void> {
  if (statementsOf(migration.sql).length === 0) {
    throw new MigrationError(`migrations/${migration.tag}.sql holds no statement: write it`);
  }
  await runStatements(db, migration.sql).catch((error) => {
    throw failed(error, `migration ${migration.tag}`);
  });
  await db.execute(
    sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${migration.hash}, ${migration.when})`,
  );
}

/** What `what` did wrong; other errors, as of a server that is full, away or does not let this user, as they are. */
export function failed(error: unknown, what: string): unknown {
  const code = databaseErrorCode(error) ?? '';
  if (!/^(0A|2B|22|23|42|55|P0)/.test(code) || ['42501', '22P05'].includes(code)) return error;
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  const others =
    code === '42P07' ? '; what AgentChat did not make stands in its way: name another database' : '';
  return new MigrationError(`${what} failed: ${reason.split('\n')[0]}${others}`, { cause: error });
}

/** Tables are named without a schema, and so are made and found where the search path begins. */
async function refuseOtherSchema(tx: Db): Promise<void> {
  const [row] = await tx
    .select({
      schema: sql<string | null>`current_schema()::text`,
      path: sql<string>`current_setting('search_path')`,
    })
    .from(once);
  if (row?.schema === 'public') return;
  throw new MigrationError(
    `AgentChat's tables belong in the schema public, and the search_path here is ${row?.path}: let it begin with a public that this user may use (\`alter database … set search_path = public\`)`,
  );
}

/** Runs what stands between the breakpoints of a migration's file, one after another. */
export async function runStatements(db: Db, text: string): Promise<void> {
  for (const statement of text.split('--> statement-breakpoint')) {
    if (statementsOf(statement).length > 0) await db.execute(sql.raw(statement));
  }
}
