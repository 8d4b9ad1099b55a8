// The FastAPI application's database, for tests of its adoption: its tables at any revision, and rows in them.
import { beforeAll, describe } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SQL, sql } from 'drizzle-orm';
import { nameFrom } from '../chat/session-names.ts';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import type { Adopted, OnProgress } from '../db/adopt/adopt.ts';
import type { Database, Db } from '../db/database.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { createTestDatabase, testDatabases } from './databases.ts';
import unusualTurns from './fastapi-turns.json' with { type: 'json' };

/** Alembic's revisions of the application's tables. */
export const revisions = ['001', '002', 'e211a05619a6'] as const;
export type Revision = (typeof revisions)[number];

export type DatabaseToAdopt = {
  name: 'postgres' | 'embedded';
  /** Inside `onEmpty`: the one that `tx` is on. */
  database: () => Database;
  /** Where the suite's own server database is; empty where there is no server. */
  url: () => string;
  /** An empty database, for as long as `use` takes: all that it does is rolled back. */
  onEmpty: (use: (tx: Db) => Promise<void>) => Promise<void>;
  /** The whole adoption of what `tx` finds; throws where there is nothing. */
  adopt: (tx: Db, onProgress?: OnProgress) => Promise<Adopted>;
};

/** Runs a suite about adoption once for each database. */
export function onEachDatabaseToAdopt(title: string, suite: (toAdopt: DatabaseToAdopt) => void): void {
  for (const { name, open } of testDatabases) {
    describe(`${title} on ${name}`, () => {
      let database: Database;
      let url = '';
      beforeAll(async () => {
        if (name === 'postgres') url = await createTestDatabase();
        else database = await open();
      }, 180_000);

      async function onEmpty(use: (tx: Db) => Promise<void>): Promise<void> {
        // Its own connection each time: an adoption refuses to go on beside idle ones.
        if (name === 'postgres') database = openPostgres({ url, poolMax: 1, prepare: true });
        const done = new Error('rolled back on purpose');
        const run = database.db.transaction(async (tx) => {
          await tx.execute(sql`drop schema public cascade`);
          await tx.execute(sql`drop schema if exists drizzle cascade`);
          await tx.execute(sql`create schema public`);
          await use(tx);
          throw done;
        });
        await run
          .catch((error) => {
            if (error !== done) throw error;
          })
          .finally(() => (name === 'postgres' ? database.close() : undefined));
      }

      async function adopt(tx: Db, onProgress?: OnProgress): Promise<Adopted> {
        let adopted: Adopted | undefined;
        await migrate({ ...database, db: tx, patient: tx }, await readMigrations(), {
          ...(onProgress ? { onProgress } : {}),
          nameFrom,
          onAdopted: (what) => {
            adopted = what;
          },
          waitMs: 5000,
        });
        if (!adopted) throw new Error('nothing to adopt');
        return adopted;
      }

      suite({ name, database: () => database, url: () => url, onEmpty, adopt });
    });
  }
}

/** The application's tables, empty, as that revision left them. */
export async function makeTables(tx: Db, revision: Revision): Promise<void> {
  const metadata = revision === 'e211a05619a6' ? sql`meta_data` : sql`metadata`;
  const statements = [
    sql`create table alembic_version (version_num varchar(32) primary key)`,
    sql`insert into alembic_version values (${revision})`,
    sql`create table chat_sessions (id uuid primary key, name varchar(100) not null,
      created_at timestamp not null default now(), updated_at timestamp not null default now(), agent_state json)`,
    sql`create table chat_messages (id uuid primary key,
      session_id uuid not null references chat_sessions (id) on delete cascade, source varchar(50) not null,
      content text not null, type varchar(50) not null, created_at timestamp not null default now(),
      models_usage json, ${metadata} json not null)`,
    sql`create index ix_chat_messages_session_id on chat_messages (session_id)`,
    ...(revision === '001' ? [] : [sql`alter table chat_messages add column thought text`]),
    sql`comment on table chat_messages is '聊天消息表'`,
  ];
  for (const statement of statements) await tx.execute(statement);
}

/** Returns the session's id. */
export async function addSession(
  tx: Db,
  {
    id = randomUUID() as string,
    name = 'a name',
    state = null as string | null,
    at = '2025-04-03 10:00:00.5',
  },
): Promise<string> {
  await tx.execute(sql`insert into chat_sessions (id, name, created_at, updated_at, agent_state)
    values (${id}::text::uuid, ${name}, ${at}::text::timestamp, '2025-04-03 11:00:00', ${state}::text::json)`);
  return id;
}

export type MessageToAdd = {
  id?: string;
  source?: string;
  content?: string;
  at?: string;
  usage?: string | null;
  metadata?: string;
  thought?: string;
  revision?: Revision;
};

/** Returns the message's id. `revision` is that of the tables. */
export async function addMessage(tx: Db, session: string, message: MessageToAdd): Promise<string> {
  const { id = randomUUID(), revision = '001' } = message;
  const metadata = revision === 'e211a05619a6' ? sql`meta_data` : sql`metadata`;
  await tx.execute(sql`insert into chat_messages
      (id, session_id, source, content, type, created_at, models_usage, ${metadata})
    values (${id}::text::uuid, ${session}::text::uuid, ${message.source ?? 'user'}, ${message.content ?? 'hi'}, 'TextMessage',
      ${message.at ?? '2025-04-03 12:00:00.123'}::text::timestamp, ${message.usage ?? null}::text::json,
      ${message.metadata ?? '{}'}::text::json)`);
  if (message.thought !== undefined && revision !== '001') {
    await tx.execute(sql`update chat_messages set thought = ${message.thought} where id = ${id}::text::uuid`);
  }
  return id;
}

/**
 * The application's tables with turns that it answered: of users who were called `Alice_1`, `user_agent`, `assistant`
 * and `system`, five at once in one session and in five, two that failed. `fastapi-turns.py` made them. Returns the ids
 * of each turn's question and answer, in their order.
 */
export async function addTurns(tx: Db): Promise<[question: string, answer: string][]> {
  const tables = await readFile(join(import.meta.dir, 'fastapi-tables.sql'), 'utf8');
  for (const statement of tables.split(';\n')) {
    if (statement.trim() !== '') await tx.execute(sql.raw(statement));
  }
  const { sessions, messages, turns } = unusualTurns;
  const rows = [
    ['chat_sessions', sessions],
    ['chat_messages', messages],
  ] as const;
  for (const [table, values] of rows) {
    const name = sql.identifier(table);
    await tx.execute(sql`insert into ${name}
      select * from json_populate_recordset(null::${name}, ${JSON.stringify(values)}::text::json)`);
  }
  return turns.map(([question = '', answer = '']) => [question, answer]);
}

/** An id that begins with `digit`, and so sorts by it. */
export function uuidOf(digit: string): string {
  return `${digit}0000000-0000-4000-8000-000000000000`;
}

export async function setDatabaseTimeZone(tx: Db, zone: string): Promise<void> {
  await tx.execute(
    sql.raw(`do $$ begin
      execute format('alter database %I set timezone to %L', current_database(), '${zone}'); end $$`),
  );
}

/** The only column of a query's rows, as text. */
export async function texts(tx: Db, query: SQL): Promise<(string | null)[]> {
  const rows = await tx
    .select({ text: sql<string | null>`answer.text::text` })
    .from(sql`(${query}) as answer (text)`);
  return rows.map((row) => row.text);
}
