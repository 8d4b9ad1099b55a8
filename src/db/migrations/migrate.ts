// Applies migrations: drizzle-kit's files and ledger, with a lock around them and a check that what was
// applied is still what the files say.
import { sql } from 'drizzle-orm';
import { type Adopted, type CopyOptions, copyFastApi } from '../adopt/adopt.ts';
import { requireNoOthers, rowFaults } from '../adopt/check.ts';
import { AdoptionError } from '../adopt/error.ts';
import { type FastApiDatabase, findFastApiDatabase } from '../adopt/find.ts';
import { setAside } from '../adopt/set-aside.ts';
import type { Database, Db } from '../database.ts';
import { once } from '../prepared.ts';
import { workAhead } from './ahead.ts';
import { createLedger, pendingMigrations, readLedger } from './ledger.ts';
import { lockMigrations, tryLockAhead } from './lock.ts';
import { failed, type Migration, MigrationError } from './migration.ts';
import { withShortLocks } from './short-locks.ts';
import { statementsOf } from './statements.ts';

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
  /** Called when the work ahead of a migration takes long. */
  onAhead?: (tag: string) => void;
  /** Called when a migration could not have its locks at once, and tries again. */
  onBusy?: () => void;
  /** How often a migration tries to have its locks, and a statement ahead to have its. Default: 20. */
  lockTries?: number;
};

type Step = {
  /** Tags of what was applied. */
  applied: string[];
  /** `waiting`: another process is at it. */
  state: 'done' | 'more' | 'waiting';
};

/**
 * Brings the database up to the last of `migrations`, or up to and with the one tagged `to`, adopting what the
 * FastAPI application left there; returns the tags it applied. All of it or nothing; but where a server's tables stand
 * already, what comes before a migration that has work ahead is applied before that work.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Promise<string[]> {
  const applied: string[] = [];
  for (let waited = 0; ; ) {
    const step = await database.patient.transaction((tx) => nextStep(database, tx, migrations, options));
    applied.push(...step.applied);
    if (step.state === 'done') return applied;
    if (step.state === 'more') continue;
    // Between two transactions, so that what is waited for need not wait for one of them.
    const ms = waited < 10 ? 100 : 500;
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (++waited === 10) options.onWait?.();
  }
}

async function nextStep(
  { kind, alone }: Database,
  tx: Db,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<Step> {
  const { to, onWait, onAhead = () => {}, onBusy = () => {}, lockTries: tries = 20 } = options;
  const look = async () => {
    const ledger = await readLedger(tx);
    const pending = upTo(to, migrations, pendingMigrations(migrations, ledger));
    return { empty: ledger.length === 0, pending };
  };
  const waiting: Step = { applied: [], state: 'waiting' };
  let prepared: Migration | undefined;
  if (alone && hasAhead(await look())) {
    if (!(await tryLockAhead(tx))) return waiting;
    // Whoever had the lock may have applied it.
    prepared = hasAhead(await look());
    if (prepared) await refuseOtherSchema(tx);
    if (prepared && !(await workAhead(tx, alone, prepared, { onAhead, tries }))) return waiting;
  }
  await lockMigrations(tx, onWait);
  const { empty, pending } = await look();
  if (pending.length > 0) await refuseOtherSchema(tx);
  if (empty) {
    await adoptOrMake(tx, migrations, pending, options);
    return { applied: tagsOf(pending), state: 'done' };
  }
  await createLedger(tx);
  const now = alone ? untilAhead(pending, prepared?.tag) : pending;
  const apply = (db: Db) => applyEach(db, now);
  if (kind === 'postgres' && now.length > 0) await withShortLocks(tx, { tries, onBusy }, apply);
  else await apply(tx);
  return { applied: tagsOf(now), state: now.length < pending.length ? 'more' : 'done' };
}

/** The next migration, where it has work ahead, and tables to do it in. */
function hasAhead({ empty, pending }: { empty: boolean; pending: readonly Migration[] }) {
  return empty || pending[0]?.ahead === undefined ? undefined : pending[0];
}

/** Those before the first whose work ahead is still to be done: which is made for the tables that these leave behind. */
function untilAhead(pending: readonly Migration[], prepared: string | undefined): readonly Migration[] {
  const place = pending.findIndex(({ tag, ahead }) => ahead !== undefined && tag !== prepared);
  return place < 0 ? pending : pending.slice(0, place);
}

const tagsOf = (migrations: readonly Migration[]) => migrations.map(({ tag }) => tag);

/** In a database without a ledger. */
async function adoptOrMake(
  tx: Db,
  migrations: readonly Migration[],
  pending: readonly Migration[],
  { to, onAdopt, onProgress, nameFrom, onAdopted, waitMs = 10_000 }: MigrateOptions,
): Promise<void> {
  const found = await findFastApiDatabase(tx);
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
  await applyEach(tx, pending);
  if (found) onAdopted?.(await copyFastApi(tx, found, { onProgress, nameFrom }));
}

async function applyEach(db: Db, migrations: readonly Migration[]): Promise<void> {
  for (const migration of migrations) await apply(db, migration);
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
