// What turns cost the database: few statements a turn, and no more of them when many stream at once.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import type { Database } from '../db/database.ts';
import { migrate } from '../db/migrations/migrate.ts';
import * as schema from '../db/schema.ts';
import { chatTurns } from '../db/schema.ts';
import { setLimits } from '../testing/allowances.ts';
import { createTestDatabase, testServerUrl } from '../testing/databases.ts';
import { eachEvent, joined, readEvents } from '../testing/event-stream.ts';
import { newOwner } from '../testing/owners.ts';
import { type Step, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

describe.skipIf(testServerUrl === undefined)('statements', () => {
  const counts = { reading: 0, writing: 0 };
  let client: postgres.Sql;
  let database: Database;

  beforeAll(async () => {
    client = postgres(await createTestDatabase(), { max: 10, fetch_types: false, onnotice: () => {} });
    const logQuery = (query: string) => {
      counts[/\b(insert into|update|delete from)\s/i.test(query) ? 'writing' : 'reading']++;
    };
    const db = drizzle(client, { schema, logger: { logQuery } });
    database = {
      db,
      reserved: db,
      patient: db,
      kind: 'postgres',
      description: 'counted',
      close: () => client.end(),
    };
    await migrate(database, await readMigrations());
  });
  afterAll(() => client?.end());
  beforeEach(() => {
    counts.reading = 0;
    counts.writing = 0;
  });

  for (const length of [10, 10_000]) {
    test(`a blocking turn after ${length} messages: two statements, which write`, async () => {
      const app = await testApp(database);
      const id = await app.newSession();
      await database.db.execute(sql`insert into chat_messages (owner_id, session_id, seq, id, role, source, content)
        select ${app.owner}::int, ${id}, n, gen_random_uuid(), case n % 2 when 0 then 'assistant' else 'user' end, 'x', 'text'
        from generate_series(1, ${length}) as n`);
      await database.db.execute(
        sql`update chat_sessions set last_seq = ${length}, message_count = ${length} where id = ${id}`,
      );
      for (const headers of [{}, { 'idempotency-key': 'k' }]) {
        counts.reading = 0;
        counts.writing = 0;
        const response = await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, headers);
        expect(response.status).toBe(200);
        expect(counts).toEqual({ reading: 0, writing: 2 });
      }
    });
  }

  test('a turn of the agent that its session names costs as many, also where there are many', async () => {
    const assistants = Array.from({ length: 20 }, (_, n) =>
      createAssistant({
        name: `agent-${n}`,
        model: scriptedModel(),
        systemMessage: null,
        contextPolicy: { kind: 'buffered', size: n + 1 },
      }),
    );
    const [first, ...others] = assistants;
    if (!first) throw new Error('there are twenty');
    const app = await testApp(database, { agents: createAgents(first, ...others) });
    const id = await app.newSession({ agent: 'agent-7' });
    for (const agent of [undefined, 'agent-3']) {
      counts.reading = 0;
      counts.writing = 0;
      const answer = await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi', agent });
      expect((await answer.json()).source).toBe(agent ?? 'agent-7');
      expect(counts).toEqual({ reading: 0, writing: 2 });
    }
  });

  test('a limited turn costs as many, and what its answer tells of limits none', async () => {
    const app = await testApp(database);
    const limits = {
      requests_per_minute: 60_000,
      running_turns: 9,
      turns_per_day: 99,
      tokens_per_day: 9_000_000,
    };
    await setLimits(database, app.owner, limits);
    const id = await app.newSession();
    const chat = () => app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
    // What applies is not known to the first one.
    await (await chat()).text();
    counts.reading = 0;
    counts.writing = 0;
    const answer = await chat();
    expect(answer.headers.get('ratelimit')).toContain('"turns_per_day";r=97');
    expect(counts).toEqual({ reading: 0, writing: 2 });
  });

  test('fifty turns that begin and end at once do so with a few statements', async () => {
    const gate = Promise.withResolvers<void>();
    const reply = function* (): Iterable<Step> {
      yield gate.promise;
      yield* say(['end']);
    };
    const app = await testApp(database, { model: scriptedModel(() => reply()) });
    const ids = await Promise.all(Array.from({ length: 50 }, () => app.newSession()));
    counts.writing = 0;
    const answers = ids.map((id) => app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }));
    const running = async () =>
      database.db.$count(chatTurns, sql`owner_id = ${app.owner} and status = 'running'`);
    while ((await running()) < ids.length) await Bun.sleep(5);
    expect(counts.writing).toBeLessThan(10);
    await Bun.sleep(200);
    counts.writing = 0;
    gate.resolve();
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
    expect(counts.writing).toBeLessThan(10);
  });

  test('five hundred streams cost as many statements a second as ten', async () => {
    /** Statements while so many turns stream, between all having begun and the first end. */
    const whileStreaming = async (streams: number) => {
      const gate = Promise.withResolvers<void>();
      const pieces = function* (): Iterable<Step> {
        for (let n = 0; n < 40; n++) {
          yield { type: 'content', text: `${n} ` };
          yield Bun.sleep(25);
        }
        yield gate.promise;
        yield* say(['end']);
      };
      const app = await testApp(database, { model: scriptedModel(() => pieces()) });
      const ids = await Promise.all(Array.from({ length: streams }, () => app.newSession()));
      const accept = { accept: 'text/event-stream' };
      const answers = await Promise.all(
        ids.map((id) => app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' }, accept)),
      );
      const texts = answers.map(async (answer) =>
        joined(await readEvents(answer), 'ModelClientStreamingChunkEvent'),
      );
      await Bun.sleep(200);
      counts.reading = 0;
      counts.writing = 0;
      const began = performance.now();
      const beats = setInterval(() => app.turns.beat(), 500);
      await Bun.sleep(500);
      const { reading, writing } = counts;
      const seconds = (performance.now() - began) / 1000;
      clearInterval(beats);
      gate.resolve();
      expect(new Set(await Promise.all(texts)).size).toBe(1);
      return { reading: reading / seconds, writing: writing / seconds };
    };
    const few = await whileStreaming(10);
    const many = await whileStreaming(500);
    expect(few.writing).toBeGreaterThan(0);
    expect(many.writing).toBeLessThan(few.writing * 2);
  }, 180_000);

  test('two hundred turns elsewhere, followed and waited for, cost as many statements a second as ten', async () => {
    /** Statements while so many turns stream in one process, and have a reader and a next message in another. */
    const whileFollowing = async (turns: number) => {
      const gate = Promise.withResolvers<void>();
      let isOpen = false;
      const pieces = function* (): Iterable<Step> {
        for (let n = 0; !isOpen; n++) {
          yield { type: 'content', text: `${n} ` };
          yield Promise.race([Bun.sleep(50), gate.promise]);
        }
        yield* say(['end']);
      };
      const model = scriptedModel((messages) => (messages.length > 2 ? say(['next']) : pieces()));
      const owner = await newOwner(database);
      const one = await testApp(database, { model, owner });
      const two = await testApp(database, { model, owner });
      const accept = { accept: 'text/event-stream' };
      const textOf = async (path: string) =>
        joined(await readEvents(await two.get(path, accept)), 'ModelClientStreamingChunkEvent');
      const replyTo = async (chat: string, content: string) =>
        (await (await two.send('POST', chat, { content })).json()).content;
      const seen: Promise<string>[] = [];
      const next: Promise<string>[] = [];
      const follow = async () => {
        const session = `/api/sessions/${await one.newSession()}`;
        const first = await one.send('POST', `${session}/chat`, { content: 'hi' }, accept);
        for await (const { data } of eachEvent(first)) {
          seen.push(textOf(`${session}/turns/${data.turn_id}`));
          break;
        }
        next.push(replyTo(`${session}/chat`, 'more'));
      };
      await Promise.all(Array.from({ length: turns }, follow));
      const queued = () => database.db.$count(chatTurns, eq(chatTurns.status, 'queued'));
      while ((await queued()) < turns) await Bun.sleep(20);
      await Bun.sleep(300);
      counts.reading = 0;
      counts.writing = 0;
      const began = performance.now();
      await Bun.sleep(700);
      const { reading } = counts;
      const seconds = (performance.now() - began) / 1000;
      isOpen = true;
      gate.resolve();
      for (const text of await Promise.all(seen)) expect(text).toEndWith('end');
      expect(new Set(await Promise.all(next))).toEqual(new Set(['next']));
      return reading / seconds;
    };
    const few = await whileFollowing(10);
    const many = await whileFollowing(200);
    expect(few).toBeGreaterThan(0);
    expect(many).toBeLessThan(few * 2);
  }, 180_000);
});
