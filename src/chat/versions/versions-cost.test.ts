// A turn in a session with versions costs as much at the thousandth as at the first: in statements, and in what they look at.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import type { Database } from '../../db/database.ts';
import { migrate } from '../../db/migrations/migrate.ts';
import * as schema from '../../db/schema.ts';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { type AskedQuery, plannedRows } from '../../testing/plan-rows.ts';
import { testApp } from '../../testing/test-app.ts';

/** What a turn's reads may look at in all tables: the places asked for, and the messages shown. */
const few = 40;

describe.skipIf(testServerUrl === undefined)('a turn in a session with versions', () => {
  let client: postgres.Sql;
  let database: Database;
  let asked: AskedQuery[] = [];
  beforeAll(async () => {
    client = postgres(await createTestDatabase(), { max: 4, fetch_types: false, onnotice: () => {} });
    const logQuery = (query: string, parameters: unknown[]) => asked.push({ query, parameters });
    const db = drizzle(client, { schema, logger: { logQuery } });
    const close = () => client.end();
    database = { db, reserved: db, patient: db, kind: 'postgres', description: 'x', close };
    await migrate(database, await readMigrations());
  });
  afterAll(() => client?.end());

  const isWriting = ({ query }: AskedQuery) => /\b(insert into|update|delete from)\s/i.test(query);

  // The large one first: of a table that has little, all is read.
  for (const versions of [1000, 1]) {
    test(`costs the same after ${versions}`, async () => {
      const app = await testApp(database);
      const id = await app.newSession();
      const at = `/api/sessions/${id}`;
      const chat = (content: string, more: object = {}) =>
        app.send('POST', `${at}/chat`, { content, ...more });
      for (const content of ['a', 'b']) await chat(content);
      const [, reply, old] = (await (await app.get(`${at}/history`)).json()) as { id: string }[];
      // Each stands behind the first reply, with an answer; the last one is shown.
      await database.db.execute(sql`insert into chat_turns (owner_id, session_id, id, status, seq, reply_seq, parent_seq)
        select ${app.owner}::int, ${id}, gen_random_uuid(), 'completed', 3 + 2 * n, 4 + 2 * n, 2
        from generate_series(1, ${versions}::int) as n`);
      await database.db.execute(sql`insert into chat_messages (owner_id, session_id, seq, id, role, source, content)
        select ${app.owner}::int, ${id}, 4 + n, gen_random_uuid(), case n % 2 when 1 then 'user' else 'assistant' end, 'x', 'text'
        from generate_series(1, ${2 * versions}::int) as n`);
      await database.db.execute(sql`update chat_sessions set message_count = 4 + 2 * ${versions}::int,
        last_seq = 4 + 2 * ${versions}::int, path = array[1, 2, 3 + 2 * ${versions}::int] where id = ${id}`);
      await database.db.execute(sql`analyze`);

      const costs = async (turn: () => Promise<Response>) => {
        asked = [];
        expect((await turn()).status).toBe(200);
        const all = asked;
        const reads = all.filter((one) => !isWriting(one));
        let rows = 0;
        for (const one of reads) rows += await plannedRows(client, one);
        expect({ rows: rows <= few ? 'few' : rows }).toEqual({ rows: 'few' });
        expect(rows).toBeGreaterThan(0);
        return { reading: reads.length, writing: all.length - reads.length };
      };
      expect(await costs(() => chat('c'))).toEqual({ reading: 1, writing: 2 });
      expect(await costs(() => chat('C', { parent_id: reply?.id }))).toEqual({ reading: 2, writing: 2 });
      const [turn] = (await (await app.get(`${at}/turns?limit=1`)).json()) as { id: string }[];
      const again = () => app.send('POST', `${at}/turns/${turn?.id}/regenerate`, {});
      expect(await costs(again)).toEqual({ reading: 3, writing: 2 });
      expect((await app.send('PATCH', at, { leaf_id: old?.id })).status).toBe(200);
      expect(await costs(() => chat('d'))).toEqual({ reading: 1, writing: 2 });
    });
  }
});
