// Sets the FastAPI application's tables aside, in a schema of their own, and brings them back.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import { once } from '../prepared.ts';
import { AdoptionError } from './error.ts';
import { asideSchemas, countRows } from './find.ts';
import { namesIn } from './statements.ts';

/** The application's tables as they were set aside, and what they hold. */
export type Kept = { aside: string; sessions: number; messages: number };

/**
 * Moves the application's tables, with their indexes and comments, out of the way of AgentChat's. Throws an
 * AdoptionError when that was done before, or when somebody still uses them after `waitMs`.
 */
export async function setAside(tx: Db, aside: string, waitMs: number): Promise<void> {
  const [earlier] = await readAside(tx);
  if (earlier !== undefined) {
    throw new AdoptionError(
      `the schema ${earlier.schema} already holds tables of an earlier adoption: bring them back, or drop or rename that schema, and try again`,
    );
  }
  await tx.execute(sql`create schema if not exists ${sql.identifier(aside)}`);
  await withLockTimeout(tx, waitMs, async () => {
    await tx.execute(sql`alter table chat_sessions set schema ${sql.identifier(aside)}`);
    await tx.execute(sql`alter table chat_messages set schema ${sql.identifier(aside)}`);
  });
}

/** Undefined where the tables were not set aside, or are not both there any more. */
export async function findKept(db: Db): Promise<Kept | undefined> {
  const whole = (await readAside(db)).find(({ tables }) => tables === 2);
  if (whole === undefined) return undefined;
  const { sessions, messages } = namesIn(whole.schema);
  return { aside: whole.schema, ...(await countRows(db, sessions, messages)) };
}

/** Undoes `setAside` once AgentChat's own tables are gone. */
export async function bringBack(tx: Db, { aside }: Kept): Promise<void> {
  const { sessions, messages } = namesIn(aside);
  for (const table of [sessions, messages]) await tx.execute(sql`alter table ${table} set schema public`);
  await dropIfEmpty(tx, aside);
}

export type Since = { sessions: number; messages: number; names: number; metadata: number };

/**
 * What of AgentChat's is not in the tables that were set aside: rows, and what was changed in adopted sessions. A name
 * that a session got by its first message is no loss.
 */
export async function countSince(db: Db, { aside }: Kept): Promise<Since> {
  const old = namesIn(aside);
  const adopted = sql`chat_sessions as own join ${old.sessions} as old on old.id = own.id`;
  const count = (from: ReturnType<typeof sql>) => sql`(select count(*) from ${from})`.mapWith(Number);
  const [since] = await db
    .select({
      sessions: count(
        sql`chat_sessions as own where not exists (select from ${old.sessions} as old where old.id = own.id)`,
      ),
      messages: count(
        sql`chat_messages as own where not exists (select from ${old.messages} as old where old.id = own.id)`,
      ),
      names: count(sql`${adopted} where own.name_given and own.name <> old.name`),
      metadata: count(sql`${adopted} where own.metadata <> '{}'`),
    })
    .from(once);
  return since ?? { sessions: 0, messages: 0, names: 0, metadata: 0 };
}

async function readAside(db: Db): Promise<{ schema: string; tables: number }[]> {
  return db
    .select({ schema: sql<string>`table_schema.nspname`, tables: sql`count(*)`.mapWith(Number) })
    .from(
      sql`pg_class as relation join pg_namespace as table_schema on table_schema.oid = relation.relnamespace`,
    )
    .where(
      sql`relation.relname in ('chat_sessions', 'chat_messages') and relation.relkind in ('r', 'p')
        and table_schema.nspname in ${asideSchemas}`,
    )
    .groupBy(sql`table_schema.nspname`);
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
    // Somebody keeps other things in it, or the schema is another role's.
    if (!['2BP01', '42501'].includes(databaseErrorCode(error) ?? '')) throw error;
  }
}
