// Takes over the database of the FastAPI application: its tables are set aside in a schema of their own and
// copied into AgentChat's, or brought back. Each step runs in the caller's one transaction.
import { type SQL, sql } from 'drizzle-orm';
import {
  copyHelpers,
  copyMessages,
  copySessions,
  dropCopyHelpers,
  type MessageColumns,
  namesIn,
  type Step,
} from './adopt-statements.ts';
import type { Db } from './database.ts';
import { databaseErrorCode } from './errors.ts';

/** What of the FastAPI application a database holds. */
export type FastApiDatabase = MessageColumns & {
  /** Alembic's; `unknown` where it is not one of the application's, or not there. */
  revision: string;
  sessions: number;
  messages: number;
};

/** Why a database cannot be adopted. The message is one sentence, for people. */
export class AdoptionError extends Error {
  override name = 'AdoptionError';
}

/** What the copy calls after each batch. */
export type OnProgress = (messagesDone: number, messagesAll: number) => void;

const revisions = ['001', '002', 'e211a05619a6'];

/** Told by the tables' structure, which a dump may have kept without Alembic's version. */
export async function findFastApiDatabase(db: Db): Promise<FastApiDatabase | undefined> {
  const columns = await readColumns(db);
  const has = (column: string, type?: string) =>
    type === undefined ? columns.has(column) : columns.get(column) === type;
  const naive = 'timestamp without time zone';
  const found =
    has('chat_sessions.id', 'uuid') &&
    has('chat_sessions.name') &&
    has('chat_sessions.created_at', naive) &&
    has('chat_sessions.updated_at', naive) &&
    has('chat_sessions.agent_state') &&
    !has('chat_sessions.owner') &&
    has('chat_messages.id', 'uuid') &&
    has('chat_messages.session_id', 'uuid') &&
    has('chat_messages.source') &&
    has('chat_messages.type') &&
    has('chat_messages.content') &&
    has('chat_messages.created_at', naive) &&
    has('chat_messages.models_usage') &&
    !has('chat_messages.seq');
  if (!found) return undefined;
  return {
    revision: has('alembic_version.version_num') ? await readRevision(db) : 'unknown',
    ...(await countRows(db, sql`chat_sessions`, sql`chat_messages`)),
    metadataColumn: has('chat_messages.meta_data')
      ? 'meta_data'
      : has('chat_messages.metadata')
        ? 'metadata'
        : undefined,
    hasThought: has('chat_messages.thought'),
  };
}

/**
 * Moves the application's tables, with their indexes and comments, out of the way of AgentChat's. Throws an
 * AdoptionError when that was done before, or when somebody still uses them after `waitMs`.
 */
export async function setAside(tx: Db, waitMs = 10_000): Promise<void> {
  const earlier = await findAside(tx);
  if (earlier !== undefined) {
    throw new AdoptionError(
      `the schema ${earlier} already holds tables of an earlier adoption: bring them back, or drop or rename that schema, and try again`,
    );
  }
  const aside = await freeSchema(tx);
  await tx.execute(sql`create schema if not exists ${sql.identifier(aside)}`);
  await withLockTimeout(tx, waitMs, async () => {
    await tx.execute(sql`alter table chat_sessions set schema ${sql.identifier(aside)}`);
    await tx.execute(sql`alter table chat_messages set schema ${sql.identifier(aside)}`);
  });
}

/**
 * Copies all that was set aside into AgentChat's empty tables, as sessions of `owner`. The work is done by the
 * server, a batch of messages at a time, however long a session is. Throws an AdoptionError when the copy is
 * not whole.
 */
export async function copyFastApi(
  tx: Db,
  found: FastApiDatabase,
  onProgress: OnProgress = () => {},
  owner = 'local',
): Promise<void> {
  const aside = await findAside(tx);
  if (aside === undefined) throw new AdoptionError('no tables of the FastAPI application were set aside');
  const { sessions, messages } = namesIn(aside);
  await useDatabaseTimeZone(tx);
  await execute(tx, [serverSettings, ...copyHelpers(aside)]);
  const all = await countRows(tx, sessions, messages);
  for await (const step of steps(tx, aside)) {
    await tx.execute(copySessions(aside, owner, step));
    await tx.execute(copyMessages(aside, found, step));
    onProgress(step.upTo, all.messages);
  }
  await execute(tx, dropCopyHelpers(aside));
  const copied = await countRows(tx, sql`chat_sessions`, sql`chat_messages`);
  if (copied.sessions !== all.sessions || copied.messages !== all.messages) {
    throw new AdoptionError(
      `only ${copied.messages} of ${all.messages} messages and ${copied.sessions} of ${all.sessions} sessions could be copied: messages that belong to no session have to be deleted first`,
    );
  }
  await execute(tx, [sql`analyze chat_sessions`, sql`analyze chat_messages`]);
}

/** Undoes `setAside` once AgentChat's own tables are gone; false where nothing was set aside. */
export async function bringBack(tx: Db): Promise<boolean> {
  const aside = await findAside(tx);
  if (aside === undefined) return false;
  const { sessions, messages } = namesIn(aside);
  const [home] = await tx.select({ schema: sql<string>`current_schema()` }).from(once);
  for (const table of [sessions, messages]) {
    await tx.execute(sql`alter table ${table} set schema ${sql.identifier(home?.schema ?? 'public')}`);
  }
  await dropIfEmpty(tx, aside);
  return true;
}

const once = sql`(values (1)) as once`;

// A role that is called as the schema would find the old tables first: "$user" leads the search path.
const schemas = ['fastapi', 'fastapi_application', 'fastapi_tables'];

async function freeSchema(db: Db): Promise<string> {
  const [own] = await db.select({ role: sql`current_user`, schema: sql`current_schema()` }).from(once);
  return schemas.find((schema) => schema !== own?.role && schema !== own?.schema) ?? 'fastapi';
}

async function findAside(db: Db): Promise<string | undefined> {
  const rows = await db
    .select({ schema: sql<string>`table_schema.nspname` })
    .from(
      sql`pg_class as relation join pg_namespace as table_schema on table_schema.oid = relation.relnamespace`,
    )
    .where(
      sql`relation.relname in ('chat_sessions', 'chat_messages') and table_schema.nspname in ${schemas}
        and table_schema.nspname <> current_schema()`,
    )
    .limit(1);
  return rows[0]?.schema;
}

// `table.column` to its type, of the tables in the schema where AgentChat's own would be.
async function readColumns(db: Db): Promise<Map<string, string>> {
  const rows = await db
    .select({
      table: sql<string>`relation.relname`,
      column: sql<string>`attribute.attname`,
      type: sql<string>`format_type(attribute.atttypid, null)`,
    })
    .from(
      sql`pg_class as relation join pg_namespace as table_schema on table_schema.oid = relation.relnamespace
        join pg_attribute as attribute on attribute.attrelid = relation.oid`,
    )
    .where(
      sql`table_schema.nspname = current_schema() and relation.relkind in ('r', 'p')
        and relation.relname in ('chat_sessions', 'chat_messages', 'alembic_version')
        and attribute.attnum > 0 and not attribute.attisdropped`,
    );
  return new Map(rows.map((row) => [`${row.table}.${row.column}`, row.type]));
}

async function readRevision(db: Db): Promise<string> {
  const rows = await db.select({ revision: sql<string>`version_num` }).from(sql`alembic_version`);
  const revision = rows.length === 1 ? rows[0]?.revision : undefined;
  return revision !== undefined && revisions.includes(revision) ? revision : 'unknown';
}

async function countRows(
  db: Db,
  sessions: SQL,
  messages: SQL,
): Promise<{ sessions: number; messages: number }> {
  const [row] = await db
    .select({
      sessions: sql`(select count(*) from ${sessions})`.mapWith(Number),
      messages: sql`(select count(*) from ${messages})`.mapWith(Number),
    })
    .from(once);
  return row ?? { sessions: 0, messages: 0 };
}

async function execute(db: Db, statements: readonly SQL[]): Promise<void> {
  for (const statement of statements) await db.execute(statement);
}

const batch = 5000;

// Batches by place in the order table, so that they are of one size; each brings the sessions that its
// messages need, and the last one those that are left.
async function* steps(db: Db, aside: string): AsyncGenerator<Step> {
  const { order } = namesIn(aside);
  const [last] = await db.select({ position: sql`coalesce(max(position), 0)`.mapWith(Number) }).from(order);
  const end = last?.position ?? 0;
  let afterSession: string | null = null;
  for (let after = 0; after === 0 || after < end; after += batch) {
    const upTo = Math.min(after + batch, end);
    const [row] = await db
      .select({ session: sql<string>`session_id` })
      .from(order)
      .where(sql`position = ${upTo}::bigint`);
    const upToSession: string | null = upTo === end ? null : (row?.session ?? null);
    yield { after, upTo, afterSession, upToSession };
    afterSession = upToSession;
  }
}

// For this transaction: no limit made for short queries, room to sort, no compiler for each batch.
const serverSettings = sql`select set_config('statement_timeout', '0', true), set_config('work_mem', '64MB', true),
  set_config('jit', 'off', true), set_config('standard_conforming_strings', 'on', true)`;

/**
 * Makes the database's own time zone that of the transaction: what a role or the database was given, else the
 * server's. A client's wish, as a URL may hold, hides the latter; then nobody can tell.
 */
async function useDatabaseTimeZone(tx: Db): Promise<void> {
  await tx.execute(sql`set local timezone to default`);
  const [given] = await tx
    .select({ zone: sql<string>`option.option_value` })
    .from(
      sql`pg_db_role_setting as given, pg_options_to_table(given.setconfig) as option, pg_database as here, pg_roles as me`,
    )
    .where(
      sql`lower(option.option_name) = 'timezone' and here.datname = current_database() and me.rolname = session_user
        and given.setdatabase in (0, here.oid) and given.setrole in (0, me.oid)`,
    )
    .orderBy(sql`given.setrole = 0, given.setdatabase = 0`)
    .limit(1);
  if (given) {
    await tx.execute(sql`select set_config('TimeZone', ${given.zone}, true)`);
    return;
  }
  const [server] = await tx
    .select({ source: sql<string>`source` })
    .from(sql`pg_settings`)
    .where(sql`name = 'TimeZone'`);
  if (server?.source === 'client') {
    throw new AdoptionError(
      'the connection asks for a time zone of its own, which hides the one that the stored times are in: take TimeZone out of DATABASE_URL, or set it for the database with ALTER DATABASE … SET timezone',
    );
  }
}

async function withLockTimeout(tx: Db, waitMs: number, use: () => Promise<void>): Promise<void> {
  const [before] = await tx.select({ timeout: sql<string>`current_setting('lock_timeout')` }).from(once);
  await tx.execute(sql`select set_config('lock_timeout', ${`${waitMs}ms`}, true)`);
  try {
    await use();
  } catch (error) {
    if (databaseErrorCode(error) !== '55P03') throw error;
    throw new AdoptionError('the tables are in use: stop the FastAPI application, and try again');
  }
  await tx.execute(sql`select set_config('lock_timeout', ${before?.timeout ?? '0'}, true)`);
}

async function dropIfEmpty(tx: Db, schema: string): Promise<void> {
  try {
    await tx.transaction(async (nested) => {
      await nested.execute(sql`drop schema ${sql.identifier(schema)}`);
    });
  } catch (error) {
    // Somebody keeps other things in it.
    if (databaseErrorCode(error) !== '2BP01') throw error;
  }
}
