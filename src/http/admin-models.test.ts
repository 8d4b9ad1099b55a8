// Testing a model before it is configured: what is told, who may, how often, and that nothing of it is kept.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { createLog } from '../log.ts';
import { anthropicSteps } from '../testing/anthropic-stream.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { choiceChunk, type ModelServer, type ModelStep, startModelServer } from '../testing/model-server.ts';
import { testApp } from '../testing/test-app.ts';

const path = '/api/admin/models/test';

onEachDatabase('a test of a model', (open) => {
  let database: Database;
  let server: ModelServer;
  let steps: (path: string) => ModelStep[];
  beforeAll(async () => {
    database = await open();
    server = startModelServer(({ path: asked }) => steps(asked));
  });
  afterAll(() => server.stop());

  const good = (asked: string): ModelStep[] => {
    if (asked === '/api/chat') return [{ raw: '{"message":{"content":"x"},"done":true}\n' }];
    if (asked.endsWith('/messages')) return anthropicSteps([{ text: ['x'] }]);
    return [{ chunk: choiceChunk({ content: 'x' }, 'stop') }];
  };
  const compatible = (more: object = {}) => ({
    provider: 'OpenAIChatCompletionClient',
    config: { model: 'm', api_key: 'sk-secret-1', base_url: server.url, ...more },
  });

  /** Everybody is an admin who calls from this address. */
  async function localApp(address: string | null = '127.0.0.1') {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', format: 'json', write: (line: string) => lines.push(line) });
    const { app, store } = await testApp(database, { log, settings: { ways: ['none'] } });
    const call = (body: object, headers: Record<string, string> = {}) =>
      app.request(
        path,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        },
        address === null ? {} : { address },
      );
    return { call, store, lines };
  }

  test('works with each provider as its file has it, and is written down without the key', async () => {
    const { call, store, lines } = await localApp();
    steps = good;
    const root = server.url.replace('/v1', '');
    for (const body of [
      compatible(),
      compatible({ api_key: undefined }),
      {
        provider: 'AnthropicChatCompletionClient',
        config: { model: 'm', api_key: 'sk-secret-2', base_url: root },
      },
      { provider: 'OllamaChatCompletionClient', config: { model: 'm', host: root } },
      {
        provider: 'AzureOpenAIChatCompletionClient',
        config: {
          ...{ model: 'm', api_key: 'sk-secret-3', azure_endpoint: root },
          ...{ azure_deployment: 'd', api_version: '2024-10-21' },
        },
      },
    ])
      expect([body.provider, await (await call(body)).json()]).toEqual([
        body.provider,
        { works: true, reason: null },
      ]);
    const [entry] = await store.audit.list({ limit: 1, action: 'model.tested' });
    expect(entry).toMatchObject({ target: new URL(root).host, actor: 'local' });
    expect(lines.join('\n') + JSON.stringify(await store.audit.list({ limit: 20 }))).not.toContain(
      'sk-secret',
    );
  });

  test('that fails says why: the key, the model, the way there, the answer', async () => {
    const { call } = await localApp();
    const reason = async (answer: ModelStep[], more: object = {}) => {
      steps = () => answer;
      const { works, reason: why } = await (await call(compatible(more), { 'accept-language': 'en' })).json();
      expect(works).toBe(false);
      return why;
    };
    expect(await reason([{ status: 401, body: { error: { message: 'no sk-secret-1' } } }])).toMatch(
      /refused the key \(401\)/,
    );
    expect(await reason([{ status: 404, body: { error: { message: 'model m not found' } } }])).toContain(
      'does not know the model "m"',
    );
    expect(await reason([], { base_url: 'http://127.0.0.1:1/v1' })).toContain('connection refused');
    expect(await reason([{ raw: '<html>hello' }])).not.toContain('hello');
    expect(await reason([{ chunk: choiceChunk({}, 'stop') }])).toContain('no text');
    expect(await reason([{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }])).toContain(
      'redirect',
    );
  });

  test('takes addresses of models alone, and no placeholder', async () => {
    const { call } = await localApp();
    for (const base_url of [
      'file:///etc/passwd',
      'localhost',
      'http://169.254.169.254/v1',
      'http://metadata.google.internal',
    ])
      await expectProblem(await call(compatible({ base_url })), 422);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a file may have
    await expectProblem(await call(compatible({ api_key: '${HOME}' })), 422);
    await expectProblem(await call({ provider: 'Other', config: { model: 'm' } }), 422);
  });

  test('is for who sits at the machine, or an admin; not for other pages', async () => {
    steps = good;
    for (const address of ['10.0.0.1', null])
      await expectProblem(await (await localApp(address)).call(compatible()), 403);
    const { call } = await localApp();
    await expectProblem(await call(compatible(), { 'x-forwarded-for': '127.0.0.1' }), 403);
    await expectProblem(await call(compatible(), { origin: 'http://localhost:3000' }), 403);
    const app = await testApp(database, { settings: { ways: ['keys'] } });
    for (const [role, status] of [
      ['viewer', 403],
      ['member', 403],
      ['admin', 200],
    ] as const) {
      const { key } = await makeKey(database, { role });
      const answer = await app.send('POST', path, compatible(), { authorization: `Bearer ${key}` });
      expect([role, answer.status]).toEqual([role, status]);
    }
    expect((await app.send('POST', path, compatible())).status).toBe(401);
  });

  test('comes ten times a minute', async () => {
    const { call } = await localApp();
    steps = good;
    for (let n = 0; n < 10; n++) expect((await call(compatible())).status).toBe(200);
    const refused = await call(compatible());
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    await expectProblem(refused, 429);
  });
});
