// The whole program as its user meets it: real processes, really killed, on both databases.
import { describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { joined, readEvents } from '../../testing/event-stream.ts';
import type { ModelStep } from '../../testing/model-server.ts';
import { startPostgres } from '../../testing/postgres-server.ts';
import { startServer } from '../../testing/server-process.ts';
import { call, json, modelEnv, testServers } from '../../testing/servers.ts';

const { start, modelServer, dataFolder, tempFolder, afterThisTest } = testServers();

const kinds: [string, () => Promise<Record<string, string>>][] = [
  ['embedded', async () => ({ DATA_DIR: await dataFolder() })],
];
if (testServerUrl !== undefined)
  kinds.push(['postgres', async () => ({ DATABASE_URL: await createTestDatabase() })]);

for (const [kind, databaseEnv] of kinds) {
  describe(`a server on ${kind}`, () => {
    test('says in four lines where it is, on what, and what to do next', async () => {
      const env = await databaseEnv();
      const chinese = await start({ ...env, LANG: 'zh_CN.UTF-8' });
      await chinese.kill();
      const named = env.DATABASE_URL === undefined ? '内嵌' : 'postgres://';
      expect(chinese.output()).toMatch(
        new RegExp(`^AgentChat .*\n数据库 +${named}.*\n模型 +内置演示模型.*\n下一步 +打开`),
      );

      const server = await start(env);
      const lines = server.output().trim().split('\n');
      expect(lines.slice(0, 4).map((line) => line.split(/\s{2,}/)[0])).toEqual([
        'AgentChat',
        'Database',
        'Model',
        'Next',
      ]);
      expect(lines[0]).toContain(`http://localhost:${server.port}`);
    });

    test('what was answered is found again after kill -9, and the conversation goes on', async () => {
      const model = modelServer();
      const env = { ...(await databaseEnv()), ...modelEnv(model) };
      const first = await start(env);
      const { id } = await json(call(first, 'POST', '/api/sessions'));
      const replies = [];
      for (const content of ['你好', 'second 😀', 'third']) {
        replies.push(await json(call(first, 'POST', `/api/sessions/${id}/chat`, { content })));
      }
      await first.kill('SIGKILL');

      const second = await start(env);
      const history = await json(call(second, 'GET', `/api/sessions/${id}/history`));
      expect(history).toHaveLength(6);
      expect(history.filter((_: unknown, n: number) => n % 2 === 1)).toMatchObject(replies);
      expect((await call(second, 'POST', '/chat', { content: 'fourth' })).status).toBe(200);
      const asked = model.requests.at(-1)?.body.messages;
      expect(JSON.stringify(asked)).toContain('second 😀');
    });

    test('a turn that was running at kill -9 is begun again by the next start, and ends', async () => {
      const script = (_: unknown, index: number): ModelStep[] =>
        index === 0 ? [{ text: 'half' }, { hang: true }] : [{ text: 'whole' }];
      const model = modelServer(script);
      const env = { ...(await databaseEnv()), ...modelEnv(model) };
      const first = await start(env);
      const { id } = await json(call(first, 'POST', '/api/sessions'));
      const path = `/api/sessions/${id}/chat`;
      const once = { 'idempotency-key': 'once' };
      const lost = call(first, 'POST', path, { content: 'hi' }, once).catch(() => 'lost');
      while (model.calls() === 0) await Bun.sleep(20);
      expect(await json(call(first, 'GET', `/api/sessions/${id}/turns?status=running`))).toHaveLength(1);
      await first.kill('SIGKILL');
      expect(await lost).toBe('lost');

      const second = await start(env);
      const next = json(call(second, 'POST', path, { content: 'next' }));
      expect((await json(call(second, 'POST', path, { content: 'hi' }, once))).content).toBe('whole');
      expect((await next).content).toBe('whole');
      const turns = await json(call(second, 'GET', `/api/sessions/${id}/turns`));
      expect(turns).toMatchObject([
        { status: 'completed', attempt: 1 },
        { status: 'completed', attempt: 2 },
      ]);
      const history = await json(call(second, 'GET', `/api/sessions/${id}/history`));
      const said = history.map((message: { content: string }) => message.content);
      expect(said).toEqual(['hi', 'whole', 'next', 'whole']);
    }, 180_000);

    test('250,000 characters of any kind come back as they went, streamed and stored', async () => {
      const server = await start({ ...(await databaseEnv()), ...modelEnv(modelServer()) });
      const { id } = await json(call(server, 'POST', '/api/sessions'));
      const content = '汉字 e\u0301 👩‍👩‍👧‍👦 \u202eيمين <b>&amp;</b> \'; DROP TABLE x; -- \\n "\r\n\t'
        .repeat(5000)
        .slice(0, 249_999);
      const sent = content.isWellFormed() ? content : content.slice(0, -1);
      const accept = { accept: 'text/event-stream' };
      const events = await readEvents(
        await call(server, 'POST', `/api/sessions/${id}/chat`, { content: sent }, accept),
      );
      const reply = events.find((event) => event.event === 'TextMessage')?.data;
      expect(joined(events, 'ModelClientStreamingChunkEvent') === reply.content).toBe(true);
      expect(reply.content.endsWith(sent)).toBe(true);
      const history = await json(call(server, 'GET', `/api/sessions/${id}/history`));
      expect(history[0].content === sent && history[1].content === reply.content).toBe(true);
    });
  });
}

describe('the embedded database', () => {
  test('is refused to a second process, with a sentence, and is free again after kill -9', async () => {
    const DATA_DIR = await tempFolder();
    const first = await start({ DATA_DIR });
    await expect(startServer({ env: { DATA_DIR } })).rejects.toThrow(/is in use by process \d+.*DATA_DIR/s);
    expect((await call(first, 'GET', '/readyz')).status).toBe(200);
    await first.kill('SIGKILL');
    await start({ DATA_DIR });
  });
});

describe.skipIf(testServerUrl === undefined)('a PostgreSQL server', () => {
  test('that goes away gives 503 with Retry-After, and all is well when it is back', async () => {
    const postgres = await startPostgres();
    if (!postgres) throw new Error('no PostgreSQL on this machine');
    afterThisTest(() => postgres.stop());
    const server = await start({ DATABASE_URL: `${postgres.url}`, ...modelEnv(modelServer()) });
    const { id } = await json(call(server, 'POST', '/api/sessions'));
    await json(call(server, 'POST', `/api/sessions/${id}/chat`, { content: 'before' }));

    await postgres.stopServer('immediate');
    for (const [method, path, body] of [
      ['GET', '/api/sessions'],
      ['GET', `/api/sessions/${id}/history`],
      ['POST', `/api/sessions/${id}/chat`, { content: 'during' }],
      ['GET', '/readyz'],
    ] as const) {
      const response = await call(server, method, path, body);
      expect(`${method} ${path} ${response.status}`).toBe(`${method} ${path} 503`);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    }
    expect((await call(server, 'GET', '/healthz')).status).toBe(200);

    await postgres.startServer();
    while ((await call(server, 'GET', '/readyz')).status !== 200) await Bun.sleep(100);
    const reply = await json(call(server, 'POST', `/api/sessions/${id}/chat`, { content: 'after' }));
    expect(reply.content).toContain('after');
    const history = await json(call(server, 'GET', `/api/sessions/${id}/history`));
    expect(history.filter((message: { source: string }) => message.source === 'user')).toHaveLength(2);
  }, 180_000);

  test('that restarts while a turn runs does not cost the reply', async () => {
    const postgres = await startPostgres({ durable: true });
    if (!postgres) throw new Error('no PostgreSQL on this machine');
    afterThisTest(() => postgres.stop());
    const gate = Promise.withResolvers<ModelStep[]>();
    const model = modelServer(() => gate.promise);
    const server = await start({ DATABASE_URL: postgres.url, ...modelEnv(model) });
    const { id } = await json(call(server, 'POST', '/api/sessions'));
    const answer = json(call(server, 'POST', `/api/sessions/${id}/chat`, { content: 'hi' }));
    while (model.calls() === 0) await Bun.sleep(10);
    await postgres.stopServer('immediate');
    gate.resolve([{ text: 'kept' }]);
    await Bun.sleep(500);
    await postgres.startServer();
    expect((await answer).content).toBe('kept');
    expect(await json(call(server, 'GET', `/api/sessions/${id}/history`))).toHaveLength(2);
  }, 180_000);

  test('whose database is missing gets it from the start, whatever its name', async () => {
    const url = new URL(testServerUrl ?? '');
    url.pathname = `/${encodeURIComponent(`Agent-Chat "数据库" ${randomUUID()}`)}`;
    const server = await start({ DATABASE_URL: url.href.replace('postgres://', 'postgresql+asyncpg://') });
    expect((await call(server, 'GET', '/readyz')).status).toBe(200);
    expect(server.output()).toContain('Agent-Chat "数据库"');
  });
});
