import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asc, type SQL, sql } from 'drizzle-orm';
import {
  addMessage,
  addSession,
  makeTables,
  onEachDatabaseToAdopt,
  type Revision,
  setDatabaseTimeZone,
  texts,
  uuidOf,
} from '../../testing/fastapi-database.ts';
import { newKey, newTurn } from '../../testing/new-turns.ts';
import type { Db } from '../database.ts';
import { localOwner } from '../owner.ts';
import { chatMessages, chatSessions } from '../schema.ts';
import { createStore } from '../store.ts';
import { findFastApiDatabase } from './find.ts';

// Handed over with the project's task, and not part of it.
const handedOver = join(import.meta.dir, '..', '..', '..', '..', 'shared', 'fixtures', 'fastapi-db');
const fixtures = { alembic_001: '001', alembic_002: '002', alembic_head: 'e211a05619a6' } as const;

onEachDatabaseToAdopt('the sessions and messages of an adopted database', ({ database, onEmpty, adopt }) => {
  test('sessions keep id, name and times, and those never named are named by their first message', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '002');
      const names = [`O'Reilly "x" \\ 你好`, '新会话', 'New session', 'New Chat', '', ' \t'];
      const ids = await Promise.all(names.map((own) => addSession(tx, { name: own })));
      const spoken = await addSession(tx, { name: '新会话' });
      const content = 'How do I make bread, and is it hard?';
      await addMessage(tx, spoken, { content });
      for (const source of ['assistant', 'tool']) await addMessage(tx, spoken, { source });
      const blank = await addSession(tx, { name: '新会话' });
      await addMessage(tx, blank, { content: ' \n' });
      await adopt(tx);
      const rows = await tx.select().from(chatSessions);
      const row = (id: string | undefined) => rows.find((other) => other.id === id);
      expect(rows.length).toBe(8);
      expect(row(blank)?.name).toBe('新会话');
      expect(ids.map((id) => row(id)?.name)).toEqual(names);
      expect(ids.map((id) => row(id)?.nameGiven)).toEqual([true, false, false, false, false, false]);
      expect(row(spoken)).toEqual({
        ownerId: localOwner,
        id: spoken,
        name: 'How do I make bread,...',
        nameGiven: false,
        agent: null,
        instructions: null,
        temperature: null,
        metadata: {},
        agentState: null,
        agentStateSeq: 0,
        messageCount: 3,
        indexedMessages: -1,
        lastSeq: 3,
        path: null,
        runningLease: null,
        waitingTurn: null,
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

      const { turns } = createStore({ ...database(), db: tx });
      const begun = await turns.begin(newTurn(newKey({ owner: localOwner, session }), 'more'));
      expect(begun).toMatchObject({ seq: 6, running: true, agentState: null, agentStateSeq: 0 });
    });
  });

  test('turns that share one time stay turns: a question, its answer, the next question', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '002');
      const session = await addSession(tx, {});
      const said = [
        ['7', 'user'],
        ['2', 'assistant'],
        ['8', 'user'],
        ['3', 'weather_agent'],
        ['9', 'user'],
        ['4', 'assistant'],
        ['5', 'assistant'],
      ] as const;
      for (const [id, source] of said) await addMessage(tx, session, { id: uuidOf(id), source });
      await adopt(tx);
      const rows = await tx.select().from(chatMessages).orderBy(asc(chatMessages.seq));
      expect(rows.map((row) => row.id)).toEqual(said.map(([id]) => uuidOf(id)));
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
  }, 180_000);

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
