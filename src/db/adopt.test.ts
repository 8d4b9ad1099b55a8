import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asc, type SQL, sql } from 'drizzle-orm';
import { assistantAgentState } from '../chat/state.ts';
import { readMigrations } from '../cli/read-migrations.ts';
import { createTestDatabase, testDatabases } from '../testing/databases.ts';
import {
  AdoptionError,
  bringBack,
  copyFastApi,
  findFastApiDatabase,
  type OnProgress,
  setAside,
} from './adopt.ts';
import type { Database, Db } from './database.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { chatMessages, chatSessions } from './schema.ts';
import { createStore } from './store.ts';

const migrations = await readMigrations();
const revisions = ['001', '002', 'e211a05619a6'] as const;
type Revision = (typeof revisions)[number];

// Handed over with the project's task, and not part of it.
const handedOver = join(import.meta.dir, '..', '..', '..', 'shared', 'fixtures', 'fastapi-db');
const fixtures = { alembic_001: '001', alembic_002: '002', alembic_head: 'e211a05619a6' } as const;

for (const { name, open } of testDatabases) {
  describe(`adopting the FastAPI application's database on ${name}`, () => {
    let database: Database;
    let url = '';
    beforeAll(async () => {
      if (name === 'postgres') {
        url = await createTestDatabase();
        database = openPostgres({ url, poolMax: 3, prepare: true });
      } else {
        database = await open();
      }
    }, 60_000);
    afterAll(async () => {
      if (name === 'postgres') await database.close();
    });

    /** An empty database, for as long as `use` takes: all that it does is rolled back. */
    async function onEmpty(use: (tx: Db) => Promise<void>): Promise<void> {
      const done = new Error('rolled back on purpose');
      const run = database.db.transaction(async (tx) => {
        await tx.execute(sql`drop schema public cascade`);
        await tx.execute(sql`drop schema if exists drizzle cascade`);
        await tx.execute(sql`create schema public`);
        await use(tx);
        throw done;
      });
      await run.catch((error) => {
        if (error !== done) throw error;
      });
    }

    async function adopt(tx: Db, onProgress?: OnProgress): Promise<void> {
      const found = await findFastApiDatabase(tx);
      if (!found) throw new Error('nothing to adopt');
      await setAside(tx);
      await migrate({ ...database, db: tx }, migrations);
      await copyFastApi(tx, found, onProgress);
    }

    for (const revision of revisions) {
      test(`revision ${revision} is found by its tables, and adopted once`, async () => {
        await onEmpty(async (tx) => {
          expect(await findFastApiDatabase(tx)).toBeUndefined();
          await makeTables(tx, revision);
          const session = await addSession(tx, {});
          const own = await addMessage(tx, session, { metadata: '{"a":"b"}', thought: 'why', revision });
          const expected = {
            revision,
            sessions: 1,
            messages: 1,
            metadataColumn: revision === 'e211a05619a6' ? 'meta_data' : 'metadata',
            hasThought: revision !== '001',
          } as const;
          expect(await findFastApiDatabase(tx)).toEqual(expected);
          await tx.execute(sql`update alembic_version set version_num = 'somebody-else'`);
          expect(await findFastApiDatabase(tx)).toEqual({ ...expected, revision: 'unknown' });
          await adopt(tx);

          expect(await findFastApiDatabase(tx)).toBeUndefined();
          expect(await texts(tx, sql`select version_num from alembic_version`)).toEqual(['somebody-else']);
          const [message] = await tx.select().from(chatMessages);
          expect(message).toEqual({
            sessionId: session,
            seq: 1,
            id: own,
            role: 'user',
            source: 'user',
            type: 'TextMessage',
            content: 'hi',
            thought: revision === '001' ? null : 'why',
            modelsUsage: null,
            metadata: { a: 'b' },
            createdAt: new Date('2025-04-03T12:00:00.123Z'),
          });
          await expect(setAside(tx)).rejects.toThrow(/fastapi already holds .* earlier adoption/);
        });
      });
    }

    test('tables restored without Alembic’s are found, AgentChat’s own and others’ are not', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '002');
        await tx.execute(sql`drop table alembic_version`);
        expect(await findFastApiDatabase(tx)).toMatchObject({ revision: 'unknown', sessions: 0 });
        for (const [change, undo] of [
          ['chat_messages add column seq int', 'chat_messages drop column seq'],
          ['chat_sessions add column owner text', 'chat_sessions drop column owner'],
          [
            'chat_messages alter created_at type timestamptz',
            'chat_messages alter created_at type timestamp',
          ],
          [
            'chat_sessions alter created_at type timestamptz',
            'chat_sessions alter created_at type timestamp',
          ],
        ]) {
          await tx.execute(sql.raw(`alter table ${change}`));
          expect(await findFastApiDatabase(tx)).toBeUndefined();
          await tx.execute(sql.raw(`alter table ${undo}`));
          expect(await findFastApiDatabase(tx)).toBeDefined();
        }
        await tx.execute(sql`drop table chat_messages, chat_sessions`);
        await migrate({ ...database, db: tx }, migrations);
        expect(await findFastApiDatabase(tx)).toBeUndefined();
      });
    });

    test('sessions keep id, name and times, and only unnamed empty ones still wait for a name', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '002');
        const names = [`O'Reilly "x" \\ 你好`, '新会话', 'New session', ''];
        const ids = await Promise.all(names.map((own) => addSession(tx, { name: own })));
        const spoken = await addSession(tx, { name: '新会话' });
        for (const source of ['user', 'assistant', 'tool']) await addMessage(tx, spoken, { source });
        await adopt(tx);
        const rows = await tx.select().from(chatSessions);
        const row = (id: string | undefined) => rows.find((other) => other.id === id);
        expect(rows.length).toBe(5);
        expect(ids.map((id) => row(id)?.name)).toEqual(names);
        expect(ids.map((id) => row(id)?.nameGiven)).toEqual([true, false, false, true]);
        expect(row(spoken)).toEqual({
          id: spoken,
          owner: 'local',
          name: '新会话',
          nameGiven: true,
          metadata: {},
          agentState: null,
          agentStateSeq: 0,
          messageCount: 3,
          lastSeq: 3,
          runningLease: null,
          queuedTurns: 0,
          createdAt: new Date('2025-04-03T10:00:00.500Z'),
          updatedAt: new Date('2025-04-03T11:00:00Z'),
        });
      });
    });

    test('messages stand in order of time, the user’s before its reply, and the next turn follows them', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '002');
        const session = await addSession(tx, {});
        const said: [id: string, source: string, at: string][] = [
          ['f', 'user', '2025-04-03 12:00:00.000001'],
          ['0', 'assistant', '2025-04-03 12:00:00.000001'],
          ['1', 'weather_agent', '2025-04-03 12:00:00.000001'],
          ['e', 'user', '2025-04-03 12:00:00.000002'],
          ['d', 'assistant', '2025-04-03 12:00:01'],
        ];
        for (const [id, source, at] of said.toReversed()) {
          await addMessage(tx, session, { id: uuidOf(id), source, at });
        }
        await adopt(tx);
        const rows = await tx.select().from(chatMessages).orderBy(asc(chatMessages.seq));
        expect(rows.map((row) => row.id)).toEqual(said.map(([id]) => uuidOf(id)));
        expect(rows.map((row) => row.seq)).toEqual([1, 2, 3, 4, 5]);
        expect(rows.map((row) => row.role)).toEqual(['user', 'assistant', 'assistant', 'user', 'assistant']);

        const message = {
          source: 'user',
          type: 'TextMessage',
          content: 'more',
          modelsUsage: null,
          metadata: {},
        };
        const key = { session, turn: randomUUID(), lease: randomUUID() };
        const { turns } = createStore({ ...database, db: tx });
        const begun = await turns.begin({ ...key, message: { id: randomUUID(), ...message }, name: 'more' });
        expect(begun).toMatchObject({ seq: 6, running: true, agentState: null, agentStateSeq: 0 });
      });
    });

    test('naive times are in the database’s time zone, whatever the connection’s is', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        await addMessage(tx, await addSession(tx, { at: '2025-04-03 10:00:00' }), {
          at: '2025-04-03 12:00:00',
        });
        await setDatabaseTimeZone(tx, 'Asia/Shanghai');
        await tx.execute(sql`set local timezone to 'America/New_York'`);
        await adopt(tx);
        const [session] = await tx.select().from(chatSessions);
        const [message] = await tx.select().from(chatMessages);
        expect(session?.createdAt).toEqual(new Date('2025-04-03T02:00:00Z'));
        expect(session?.updatedAt).toEqual(new Date('2025-04-03T03:00:00Z'));
        expect(message?.createdAt).toEqual(new Date('2025-04-03T04:00:00Z'));
      });
    });

    test('without one for the database, they are in the server’s', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        await addSession(tx, { at: '2025-04-03 10:00:00' });
        const own = sql`select timestamp '2025-04-03 10:00:00' at time zone reset_val at time zone 'UTC'
          from pg_settings where name = 'TimeZone'`;
        const [expected] = await texts(tx, own);
        await tx.execute(sql`set local timezone to 'Asia/Kathmandu'`);
        await adopt(tx);
        const [session] = await tx.select().from(chatSessions);
        expect(session?.createdAt).toEqual(new Date(`${expected}Z`));
      });
    });

    test('JSON that jsonb cannot hold is put right, and what only looks like it stays', async () => {
      const cases: [metadata: string, kept: unknown][] = [
        ['{"a": "x\\u0000y", "k\\u0000": 1}', { a: 'xy', k: 1 }],
        ['{"a": "x\\\\u0000y"}', { a: 'x\\u0000y' }],
        ['{"a": "x\\\\\\u0000y"}', { a: 'x\\y' }],
        ['{"a": "\\\\\\\\u0000\\u0000\\u0000 \\n\\"\\\\ud83d\\""}', { a: '\\\\u0000 \n"\\ud83d"' }],
        ['{"a": "\\ud83dx\\uDE00\\uD83D\\uD83d\\ude00\\ud83d"}', { a: '\ufffdx\ufffd\ufffd😀\ufffd' }],
        ['{"a": "\\ud83d\\u0000\\ude00"}', { a: '\ufffd\ufffd' }],
        [
          '{"a": "\\u4f60\\ud83d\\ude00 \\\\pair12345678", "b": "\\u0000"}',
          { a: '你😀 \\pair12345678', b: '' },
        ],
        ['{"a": 1e400000}', {}],
        ['{"a": {"b": [1.5, null, "42"]}}', { a: { b: [1.5, null, '42'] } }],
        ['null', {}],
        ['[]', {}],
        ['"text"', {}],
        ['7', {}],
      ];
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        const session = await addSession(tx, {});
        for (const [index, [metadata]] of cases.entries()) {
          await addMessage(tx, session, { metadata, at: `2025-04-03 12:00:${index + 10}` });
        }
        await adopt(tx);
        const rows = await tx.select().from(chatMessages).orderBy(asc(chatMessages.seq));
        expect(rows.map((row) => row.metadata as unknown)).toEqual(cases.map(([, kept]) => kept));
      });
    });

    test('models_usage is kept where it counts tokens', async () => {
      const usage = { prompt_tokens: 3, completion_tokens: 4 };
      const cases: [usage: string | null, kept: unknown][] = [
        [JSON.stringify(usage), usage],
        ['{"prompt_tokens": 3, "completion_tokens": "4"}', null],
        ['{"completion_tokens": 4}', null],
        ['{}', null],
        ['[3, 4]', null],
        ['"3"', null],
        ['null', null],
        [null, null],
      ];
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        const session = await addSession(tx, {});
        for (const [index, [own]] of cases.entries()) {
          await addMessage(tx, session, { usage: own, at: `2025-04-03 12:00:${index + 10}` });
        }
        await adopt(tx);
        const rows = await tx.select().from(chatMessages).orderBy(asc(chatMessages.seq));
        expect(rows.map((row) => row.modelsUsage as unknown)).toEqual(cases.map(([, kept]) => kept));
        const [nulls] = await texts(tx, sql`select count(*) from chat_messages where models_usage is null`);
        expect(nulls).toBe('7');
      });
    });

    test('a state goes on as the context exactly when it can be read and says something', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        const sessions = new Map<string, string | null>();
        for (const state of [null, ...statesToTry()]) {
          const session = await addSession(tx, { state });
          await addMessage(tx, session, {});
          await addMessage(tx, session, { source: 'assistant' });
          sessions.set(session, state);
        }
        await adopt(tx);
        const rows = await tx.select().from(chatSessions);
        let kept = 0;
        for (const row of rows) {
          const state = sessions.get(row.id) ?? null;
          const read = assistantAgentState.safeParse(state === null ? null : JSON.parse(state));
          const goesOn = read.success && read.data.llm_context.messages.length > 0;
          if (goesOn) kept += 1;
          expect({ state, stored: row.agentState as unknown, seq: row.agentStateSeq }).toEqual(
            goesOn ? { state, stored: JSON.parse(state ?? ''), seq: 2 } : { state, stored: null, seq: 0 },
          );
        }
        expect(rows.length).toBe(sessions.size);
        expect(kept).toBe(goodStates.length);
      });
    });

    test('a state with NUL and half a surrogate pair goes on without them', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        const state =
          '{"llm_context":{"messages":[{"content":"a\\u0000b\\ud83d","source":"user","type":"UserMessage"}]}}';
        await addMessage(tx, await addSession(tx, { state }), {});
        await adopt(tx);
        const [row] = await tx.select().from(chatSessions);
        expect(row?.agentState).toEqual({
          llm_context: { messages: [{ content: 'ab\ufffd', source: 'user', type: 'UserMessage' }] },
        });
      });
    });

    test('sessions of any size come whole, in batches', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        const [empty, small, large, last] = [uuidOf('0'), uuidOf('4'), uuidOf('8'), uuidOf('f')];
        for (const id of [empty, small, large, last]) await addSession(tx, { id });
        for (const [session, count] of [
          [small, 4998],
          [large, 6003],
        ] as const) {
          await tx.execute(sql`insert into chat_messages (id, session_id, source, content, type, created_at, metadata)
            select gen_random_uuid(), ${session}::uuid, case when n % 2 = 1 then 'user' else 'assistant' end,
              n::text, 'TextMessage', '2025-04-03'::timestamp + (n + 1) / 2 * interval '1 second', '{}'
            from generate_series(1, ${count}::int) as n`);
        }
        const progress: number[][] = [];
        await adopt(tx, (done, all) => progress.push([done, all]));
        expect(progress).toEqual([
          [5000, 11001],
          [10000, 11001],
          [11001, 11001],
        ]);
        const wrong = sql`select count(*) from chat_messages where seq::text <> content`;
        expect(await texts(tx, wrong)).toEqual(['0']);
        const rows = await tx.select().from(chatSessions).orderBy(asc(chatSessions.id));
        expect(rows.map(({ id, messageCount, lastSeq }) => [id, messageCount, lastSeq])).toEqual([
          [empty, 0, 0],
          [small, 4998, 4998],
          [large, 6003, 6003],
          [last, 0, 0],
        ]);
      });
    }, 60_000);

    test('an adoption that fails half-way leaves the database as it was', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, 'e211a05619a6');
        await addMessage(tx, await addSession(tx, { state: '{}' }), { revision: 'e211a05619a6' });
        const before = await picture(tx);
        const attempt = tx.transaction((inner) =>
          adopt(inner, () => {
            throw new Error('the power went');
          }),
        );
        await expect(attempt).rejects.toThrow('the power went');
        expect(await picture(tx)).toEqual(before);
      });
    });

    test('messages that belong to no session stop it', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        await tx.execute(sql`alter table chat_messages drop constraint chat_messages_session_id_fkey`);
        await addMessage(tx, await addSession(tx, {}), {});
        await addMessage(tx, randomUUID(), {});
        const attempt = adopt(tx);
        await expect(attempt).rejects.toThrow(AdoptionError);
        await expect(attempt).rejects.toThrow('1 of 2 messages and 1 of 1 sessions');
      });
    });

    test('the way back leaves the application’s tables as they were', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, 'e211a05619a6');
        await addMessage(tx, await addSession(tx, { state: '{}' }), { revision: 'e211a05619a6' });
        expect(await bringBack(tx)).toBe(false);
        const before = await picture(tx);
        await adopt(tx);
        expect(await picture(tx)).not.toEqual(before);
        await tx.execute(sql`drop table chat_turn_events, chat_turns, chat_messages, chat_sessions`);
        await tx.execute(sql`drop schema drizzle cascade`);
        expect(await bringBack(tx)).toBe(true);
        expect(await picture(tx)).toEqual(before);
        await adopt(tx);
        expect((await tx.select().from(chatMessages)).length).toBe(1);
      });
    });

    test('a schema in which somebody keeps other things stays', async () => {
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        await tx.execute(sql`create schema fastapi`);
        await tx.execute(sql`create table fastapi.notes (id int)`);
        await setAside(tx);
        expect(await bringBack(tx)).toBe(true);
        expect(await findFastApiDatabase(tx)).toBeDefined();
        expect(await texts(tx, sql`select to_regclass('fastapi.notes')`)).toEqual(['fastapi.notes']);
      });
    });

    test('a role whose own schema would hide the new tables gets another one', async () => {
      await onEmpty(async (tx) => {
        await tx.execute(
          sql`do $$ begin create role fastapi; exception when duplicate_object then null; end $$`,
        );
        await tx.execute(sql`grant all on schema public to fastapi`);
        await tx.execute(sql`do $$ begin
          execute format('grant create on database %I to fastapi', current_database()); end $$`);
        await tx.execute(sql`set local role fastapi`);
        await makeTables(tx, '001');
        await addMessage(tx, await addSession(tx, {}), {});
        await adopt(tx);
        expect((await tx.select().from(chatMessages)).map((row) => row.seq)).toEqual([1]);
      });
    });

    test.skipIf(name !== 'postgres')(
      'tables that the application still uses are not waited for',
      async () => {
        const other = openPostgres({ url, poolMax: 1, prepare: true });
        await database.db.transaction((tx) => makeTables(tx, '001'));
        try {
          await other.db.transaction(async (used) => {
            await used.execute(sql`lock table chat_messages in access share mode`);
            const attempt = database.db.transaction((tx) => setAside(tx, 50));
            await expect(attempt).rejects.toThrow(/stop the FastAPI application/);
          });
          expect(await findFastApiDatabase(database.db)).toBeDefined();
        } finally {
          await other.close();
          await database.db.execute(sql`drop table chat_messages, chat_sessions, alembic_version`);
        }
      },
    );

    test.skipIf(name !== 'postgres')('a time zone in the URL is not taken for the database’s', async () => {
      const withZone = openPostgres({ url: `${url}?TimeZone=America/New_York`, poolMax: 1, prepare: true });
      const tryIt = (zone: string | undefined, use: (tx: Db) => Promise<void>) =>
        withZone.db.transaction(async (tx) => {
          await makeTables(tx, '001');
          await addMessage(tx, await addSession(tx, {}), { at: '2025-04-03 12:00:00' });
          if (zone !== undefined) await setDatabaseTimeZone(tx, zone);
          await adopt(tx);
          await use(tx);
          throw new Error('rolled back on purpose');
        });
      try {
        await expect(tryIt(undefined, async () => {})).rejects.toThrow(/take TimeZone out of DATABASE_URL/);
        const inShanghai = tryIt('Asia/Shanghai', async (tx) => {
          const [message] = await tx.select().from(chatMessages);
          expect(message?.createdAt).toEqual(new Date('2025-04-03T04:00:00Z'));
        });
        await expect(inShanghai).rejects.toThrow('on purpose');
      } finally {
        await withZone.close();
      }
    });

    for (const [file, revision] of Object.entries(fixtures)) {
      const absent = existsSync(handedOver) ? '' : ' (skipped: ../shared/fixtures is not here)';
      test.skipIf(absent !== '')(`${file}.sql comes over whole${absent}`, async () => {
        const text = await Bun.file(join(handedOver, `${file}.sql`)).text();
        await onEmpty(async (tx) => {
          for (const statement of text.split(/;\n(?=(?:INSERT|CREATE|ALTER|COMMENT|DROP) )/)) {
            await tx.execute(sql.raw(statement));
          }
          const count = (table: string) => text.split(`\nINSERT INTO ${table} `).length - 1;
          const [sessions, messages] = [count('chat_sessions'), count('chat_messages')];
          expect(await findFastApiDatabase(tx)).toMatchObject({ revision, sessions, messages });
          const old = await oldRows(tx, revision);
          await setDatabaseTimeZone(tx, 'Asia/Shanghai');
          await adopt(tx);
          expect(await newRows(tx)).toEqual(old);
          expect(old.messages.length).toBe(208);
          expect(old.sessions.length).toBe(12);
        });
      });
    }
  });
}

async function makeTables(tx: Db, revision: Revision): Promise<void> {
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

async function addSession(
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

type MessageToAdd = {
  id?: string;
  source?: string;
  at?: string;
  usage?: string | null;
  metadata?: string;
  thought?: string;
  revision?: Revision;
};

async function addMessage(tx: Db, session: string, message: MessageToAdd): Promise<string> {
  const { id = randomUUID(), revision = '001' } = message;
  const metadata = revision === 'e211a05619a6' ? sql`meta_data` : sql`metadata`;
  await tx.execute(sql`insert into chat_messages
      (id, session_id, source, content, type, created_at, models_usage, ${metadata})
    values (${id}::text::uuid, ${session}::text::uuid, ${message.source ?? 'user'}, 'hi', 'TextMessage',
      ${message.at ?? '2025-04-03 12:00:00.123'}::text::timestamp, ${message.usage ?? null}::text::json,
      ${message.metadata ?? '{}'}::text::json)`);
  if (message.thought !== undefined && revision !== '001') {
    await tx.execute(sql`update chat_messages set thought = ${message.thought} where id = ${id}::text::uuid`);
  }
  return id;
}

/** An id that begins with `digit`, and so sorts by it. */
function uuidOf(digit: string): string {
  return `${digit}0000000-0000-4000-8000-000000000000`;
}

async function setDatabaseTimeZone(tx: Db, zone: string): Promise<void> {
  await tx.execute(
    sql.raw(`do $$ begin
      execute format('alter database %I set timezone to %L', current_database(), '${zone}'); end $$`),
  );
}

/** The only column of a query's rows, as text. */
async function texts(tx: Db, query: SQL): Promise<(string | null)[]> {
  const rows = await tx
    .select({ text: sql<string | null>`answer.text::text` })
    .from(sql`(${query}) as answer (text)`);
  return rows.map((row) => row.text);
}

/** All there is to see of the application's tables: rows, indexes, constraints, comments, and what stands beside. */
async function picture(tx: Db): Promise<(string | null)[][]> {
  return Promise.all([
    texts(
      tx,
      sql`select relation.relnamespace::regnamespace || '.' || relation.relname || relation.relkind::text
      || coalesce(obj_description(relation.oid, 'pg_class'), '') from pg_class as relation
      where relation.relnamespace::regnamespace::text !~ '^(pg_|information_schema)' order by 1`,
    ),
    texts(
      tx,
      sql`select conname || pg_get_constraintdef(oid) from pg_constraint
      where connamespace::regnamespace::text !~ '^(pg_|information_schema)' order by 1`,
    ),
    texts(tx, sql`select nspname from pg_namespace where nspname !~ '^pg_' order by 1`),
    texts(tx, sql`select proname from pg_proc where proname like 'agentchat%'`),
    texts(tx, sql`select row_to_json(old) from public.chat_sessions as old order by old.id`),
    texts(tx, sql`select row_to_json(old) from public.chat_messages as old order by old.id`),
  ]);
}

const user = { content: 'hi', source: 'user', type: 'UserMessage' };
const assistant = { content: 'hello', thought: null, source: 'assistant', type: 'AssistantMessage' };
const call = { id: 'call_1', arguments: '{"q":"x"}', name: 'search' };
const result = { content: '42', name: 'search', call_id: 'call_1', is_error: false };
const results = { content: [result], type: 'FunctionExecutionResultMessage' };

const goodMessages: object[] = [
  user,
  { ...user, content: ['look', { data: 'iVBORw0KGgo=' }], extra: 1 },
  { ...user, content: [] },
  assistant,
  { content: 'hello', source: 'assistant', type: 'AssistantMessage' },
  { ...assistant, content: [call, call], thought: 'let me look' },
  results,
  {
    ...results,
    content: [
      { ...result, is_error: null },
      { content: '', name: '', call_id: '' },
    ],
  },
  { content: 'be brief', type: 'SystemMessage' },
];
const badMessages: unknown[] = [
  'text',
  null,
  [],
  7,
  {},
  { content: 'hi', source: 'user' },
  { ...user, type: 'TextMessage' },
  { ...user, type: null },
  { ...user, content: null },
  { ...user, content: 5 },
  { ...user, content: [5] },
  { ...user, content: [{ data: 5 }] },
  { ...user, content: [{ url: 'x' }] },
  { content: 'hi', type: 'UserMessage' },
  { source: 'user', type: 'UserMessage' },
  { ...assistant, source: 1 },
  { ...assistant, thought: 5 },
  { ...assistant, content: {} },
  { ...assistant, content: ['text'] },
  { ...assistant, content: [{ ...call, id: undefined }] },
  { ...assistant, content: [{ ...call, arguments: {} }] },
  { ...assistant, content: [call, { ...call, name: null }] },
  { ...results, content: 'text' },
  { ...results, content: [{ ...result, content: 42 }] },
  { ...results, content: [{ ...result, name: undefined }] },
  { ...results, content: [{ ...result, call_id: undefined }] },
  { ...results, content: [{ ...result, is_error: 'no' }] },
  { type: 'FunctionExecutionResultMessage' },
  { content: ['be brief'], type: 'SystemMessage' },
];
const stateOf = (messages: unknown) => ({
  type: 'AssistantAgentState',
  version: '1.0.0',
  llm_context: { messages },
});
const goodStates: object[] = [
  ...goodMessages.map((message) => stateOf([message])),
  stateOf(goodMessages),
  { llm_context: { messages: [user] }, more: { x: [1] } },
];

/** States as JSON: all that are good, and each way not to be. */
function statesToTry(): string[] {
  const bad = [
    ...badMessages.map((message) => stateOf([user, message])),
    ...[[], {}, null, 'text', 5, undefined].map(stateOf),
    ...[{}, [], null, 'text', 5, { llm_context: {} }, { llm_context: [] }, { llm_context: null }],
  ];
  return [...goodStates, ...bad].map((state) => JSON.stringify(state));
}

/** What the application's tables hold, in the order and the shape that AgentChat gives it. */
async function oldRows(tx: Db, revision: Revision) {
  const metadata = revision === 'e211a05619a6' ? sql`meta_data` : sql`metadata`;
  const thought = revision === '001' ? sql`null` : sql`thought`;
  const sessions = await jsonRows(
    tx,
    sql`select id, name, created_at::text, updated_at::text, agent_state
    from chat_sessions order by id`,
  );
  const messages = await jsonRows(
    tx,
    sql`select session_id, id, source, type, content, ${thought} as thought,
    models_usage, ${metadata} as metadata, created_at::text from chat_messages`,
  );
  const place = (message: Row) =>
    `${message.session_id} ${message.created_at} ${message.source === 'user' ? 0 : 1} ${message.id}`;
  messages.sort((a, b) => (place(a) < place(b) ? -1 : 1));
  return {
    sessions: sessions.map((session) => ({ ...session, agent_state: usable(session.agent_state) })),
    messages,
  };
}

type Row = { [column: string]: unknown };

function usable(state: unknown): unknown {
  const { llm_context } = (state ?? {}) as { llm_context?: { messages?: unknown[] } };
  return llm_context?.messages?.length ? state : null;
}

async function newRows(tx: Db) {
  const local = (column: string) => sql.raw(`(${column} at time zone 'Asia/Shanghai')::text as ${column}`);
  return {
    sessions: await jsonRows(
      tx,
      sql`select id, name, ${local('created_at')}, ${local('updated_at')}, agent_state
      from chat_sessions order by id`,
    ),
    messages: await jsonRows(
      tx,
      sql`select session_id, id, source, type, content, thought, models_usage, metadata,
      ${local('created_at')} from chat_messages order by session_id, seq`,
    ),
  };
}

async function jsonRows(tx: Db, query: SQL): Promise<Row[]> {
  const rows = await texts(tx, sql`select row_to_json(line) from (${query}) as line`);
  return rows.map((row) => JSON.parse(row ?? 'null') as Row);
}
