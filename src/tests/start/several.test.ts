// Several servers on one database: each can be asked about every turn, and one takes over what another leaves.
import { describe, expect, test } from 'bun:test';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { eachEvent, joined, type ReceivedEvent, readEvents } from '../../testing/event-stream.ts';
import type { ModelStep } from '../../testing/model-server.ts';
import { pgbouncerPath, startPgBouncer } from '../../testing/pgbouncer.ts';
import { call, json, modelEnv, testServers } from '../../testing/servers.ts';

const { start, modelServer, afterThisTest } = testServers();
const chunk = 'ModelClientStreamingChunkEvent';
const events = { accept: 'text/event-stream' };

if (pgbouncerPath === undefined) console.log('A pooled database is not tested: there is no pgbouncer.');

const kinds: [string, () => Promise<Record<string, string>>][] = [];
if (testServerUrl !== undefined)
  kinds.push(['one PostgreSQL', async () => ({ DATABASE_URL: await createTestDatabase() })]);
if (testServerUrl !== undefined && pgbouncerPath !== undefined) {
  kinds.push([
    'PgBouncer in transaction mode',
    async () => {
      const pooler = await startPgBouncer(await createTestDatabase(), 4);
      afterThisTest(() => pooler.stop());
      return { DATABASE_URL: pooler.url, DATABASE_PREPARE: 'false' };
    },
  ]);
}

for (const [kind, databaseEnv] of kinds) {
  describe(`two servers on ${kind}`, () => {
    async function twoServers(script: (index: number) => ModelStep[] | Promise<ModelStep[]>) {
      const model = modelServer((_, index) => script(index));
      const env = { ...(await databaseEnv()), ...modelEnv(model) };
      const [one, two] = [await start(env), await start(env)];
      const { id } = await json(call(one, 'POST', '/api/sessions'));
      return { model, one, two, id, chat: `/api/sessions/${id}/chat` };
    }

    test('a stream whose server is killed with -9 goes on at the other, through a restart to its end', async () => {
      const { one, two, id, chat } = await twoServers((index) =>
        index === 0
          ? [{ thought: 'hm' }, { text: 'half' }, { hang: true }]
          : [{ text: 'the ' }, { text: 'whole' }],
      );
      const seen: ReceivedEvent[] = [];
      const first = await call(one, 'POST', chat, { content: 'hi' }, events);
      try {
        for await (const event of eachEvent(first)) {
          seen.push(event);
          if (event.event === chunk) await one.kill('SIGKILL');
        }
      } catch {
        // The connection broke.
      }
      const path = `/api/sessions/${id}/turns/${seen[0]?.data.turn_id}`;
      const after = { ...events, 'last-event-id': seen.at(-1)?.id ?? '' };
      const rest = await readEvents(await call(two, 'GET', path, undefined, after));
      expect(rest[0]?.event).toBe('restart');
      expect(rest.slice(-2).map(({ event }) => event)).toEqual(['TextMessage', 'done']);
      expect(joined(rest, chunk)).toBe('the whole');
      const history = await json(call(two, 'GET', `/api/sessions/${id}/history`));
      expect(history).toHaveLength(2);
      expect(history[1]).toMatchObject(rest.at(-2)?.data ?? {});
    }, 180_000);

    test('a turn is followed live, and cancelled, at the server that does not run it', async () => {
      const { one, two, id, chat } = await twoServers((index) =>
        index === 0 ? [{ text: 'so ' }, { text: 'far' }, { hang: true }] : [{ text: 'next' }],
      );
      const answer = json(call(one, 'POST', chat, { content: 'hi' }));
      const running = async () =>
        (await json(call(two, 'GET', `/api/sessions/${id}/turns?status=running`)))[0];
      let turn = await running();
      while (!turn) turn = await running();
      const path = `/api/sessions/${id}/turns/${turn.id}`;
      const followed: ReceivedEvent[] = [];
      for await (const event of eachEvent(await call(two, 'GET', path, undefined, events))) {
        followed.push(event);
        if (joined(followed, chunk) === 'so far' && event.event === chunk)
          expect(await json(call(two, 'POST', `${path}/cancel`))).toMatchObject({ status: 'cancelled' });
      }
      const reply = await answer;
      expect(reply).toMatchObject({ content: 'so far', metadata: { cancelled: 'true' } });
      expect(followed.at(-2)?.data).toEqual(reply);
      expect((await json(call(two, 'POST', chat, { content: 'on' }))).content).toBe('next');
    }, 180_000);

    test('messages of one session sent to both at once are answered one after the other', async () => {
      const { model, one, two, id, chat } = await twoServers((index) => [{ text: `${index}` }]);
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          json(call(n % 2 ? one : two, 'POST', chat, { content: `${n}` })),
        ),
      );
      expect(replies.map(({ content }) => Number(content)).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, n) => n),
      );
      const history = await json(call(one, 'GET', `/api/sessions/${id}/history`));
      const order = history.filter((_: unknown, n: number) => n % 2 === 1);
      expect(order.map((message: { content: string }) => Number(message.content))).toEqual(
        Array.from({ length: 20 }, (_, n) => n),
      );
      expect(model.calls()).toBe(20);
    }, 180_000);
  });
}
