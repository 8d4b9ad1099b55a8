import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { localOwner } from '../db/owner.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { testApp } from '../testing/test-app.ts';
import { problemKinds } from './problem-kinds.ts';

const unknown = '0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b';

onEachDatabase('a problem', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('has exactly the fields of RFC 9457, the request id, and what was wrong', async () => {
    const app = await testApp(database);
    const response = await app.get('/api/sessions/x?limit=5', { 'x-request-id': 'abc' });
    expect(await response.json()).toEqual({
      type: 'urn:agentchat:problem:invalid_request',
      title: 'Invalid request',
      status: 422,
      detail: 'id: must be a UUID, like 0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
      instance: '/api/sessions/x',
      request_id: 'abc',
      errors: [{ loc: ['path', 'id'], msg: 'must be a UUID, like 0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b' }],
    });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test('names nothing of what an unexpected error was about', async () => {
    const app = await testApp(database);
    app.app.get('/boom', () => {
      throw new Error('select secret from chat_sessions at /home/me/app.ts', {
        cause: new TypeError('sk-secret'),
      });
    });
    const response = await app.get('/boom', { 'x-request-id': 'abc' });
    const text = await response.clone().text();
    const { detail } = await expectProblem(response, 500);
    expect(text).not.toMatch(/secret|select|home/);
    expect(detail).toContain('request_id');
  });

  test('quotes a caller’s text as text, placeholders too', async () => {
    const app = await testApp(database);
    for (const path of ['/{reason}{limit}', '/$&$1', '/%22%5C%0A', '/<script>alert(1)</script>']) {
      const { instance, detail } = await expectProblem(await app.get(path), 404);
      expect(detail).toBe(`There is no ${instance} here. The API is described at /docs.`);
    }
  });
});

test('a database that is away is 503 that says when to come back', async () => {
  const away = openPostgres({ url: 'postgres://user:secret@127.0.0.1:1/none', poolMax: 1, prepare: true });
  const app = await testApp(away, { owner: localOwner });
  for (const response of [
    await app.get('/readyz'),
    await app.get('/api/sessions'),
    await app.get(`/api/sessions/${unknown}/history`),
    await app.send('POST', '/api/sessions', {}),
    await app.send('POST', `/api/sessions/${unknown}/chat`, { content: 'x' }),
  ]) {
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectProblem(response, 503);
  }
  expect((await app.get('/healthz')).status).toBe(200);
  await away.close();
});

onEachDatabase('a request id', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('is echoed on every kind of answer', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const headers = { 'x-request-id': 'Root=1-67891233:abc/A_b.c+d@e~' };
    for (const response of [
      await app.get('/', headers),
      await app.get('/healthz', headers),
      await app.get('/static/favicon.svg', headers),
      await app.get('/openapi.json', headers),
      await app.get('/nope', headers),
      await app.get('/api/sessions?limit=0', headers),
      await app.get(`/api/sessions/${unknown}`, headers),
      await app.request('/api/sessions', { method: 'PUT', headers }),
      await app.send('POST', '/api/sessions', '{', headers),
      await app.send('POST', '/api/sessions', '{}', { ...headers, 'content-type': 'text/plain' }),
      await app.send('POST', `/api/sessions/${id}/chat`, { content: 'x' }, headers),
      await app.send('POST', `/api/sessions/${id}/chat?stream=true`, { content: 'x' }, headers),
      await app.request('/api/sessions', {
        method: 'OPTIONS',
        headers: { ...headers, origin: 'http://localhost' },
      }),
    ]) {
      expect(response.headers.get('x-request-id')).toBe('Root=1-67891233:abc/A_b.c+d@e~');
      await response.text();
    }
  });

  test('is made where there is none or none that is fit for a log, and differs from request to request', async () => {
    const app = await testApp(database);
    const ids = new Set<string>();
    for (const sent of ['', ' ', 'a b', '<script>', '"; drop', 'é', '{}', 'a'.repeat(256)]) {
      const response = await app.get('/healthz', { 'x-request-id': sent });
      const made = response.headers.get('x-request-id') ?? '';
      expect(made).toMatch(/^[0-9a-f-]{36}$/);
      ids.add(made);
    }
    expect(ids.size).toBe(8);
    const longest = 'a'.repeat(255);
    expect((await app.get('/healthz', { 'x-request-id': longest })).headers.get('x-request-id')).toBe(
      longest,
    );
  });
});

onEachDatabase('the language', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const chinese = /[\u4e00-\u9fff]/;
  // Sentences of every kind that a caller can bring about by a request alone.
  const faults: [string, string, RequestInit?][] = [
    ['404', '/nope'],
    ['404', `/api/sessions/${unknown}`],
    ['422', '/api/sessions/x'],
    ['422', '/api/sessions?limit=0'],
    ['422', '/api/sessions?limit=1&limit=2'],
    ['422', '/api/sessions?cursor=x'],
    ['422', '/api/sessions?q=%00'],
    ['422', `/api/sessions/${unknown}/history?include=x`],
    ['422', `/api/sessions/${unknown}/turns?status=x`],
    ['422', `/api/sessions/${unknown}/turns/${unknown}`, { headers: { 'last-event-id': 'x' } }],
    ['405', '/api/sessions', { method: 'PUT' }],
    ['422', '/chat?stream=x', { method: 'POST' }],
    ...['{', '5', '{"content":5}', '{}', '{"content":""}', '{"content":"x","type":"y"}'].map(body),
    ...['{"content":"x","metadata":{"a":1e999}}', '{"content":"x","metadata":5}'].map(body),
    ...[`{"content":"x","metadata":{"a":"${'x'.repeat(17_000)}"}}`, '{"content":"\\ud800"}'].map(body),
    ...[`{"content":"x","metadata":{"a":${'['.repeat(70)}${']'.repeat(70)}}}`].map(body),
    ...['{"content":"x","models_usage":{"prompt_tokens":-1,"completion_tokens":1.5}}'].map(body),
    ['415', '/chat', { method: 'POST', body: 'x' }],
    ['413', '/chat', { method: 'POST', headers: { 'content-length': '99999999' }, body: 'x' }],
    [
      '403',
      '/chat',
      { method: 'POST', headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } },
    ],
  ];
  function body(text: string): [string, string, RequestInit] {
    const headers = { 'content-type': 'application/json' };
    return [text === '{' ? '400' : '422', '/chat', { method: 'POST', headers, body: text }];
  }

  test('of every sentence is the caller’s', async () => {
    const app = await testApp(database);
    for (const [status, path, init = {}] of faults) {
      const said = async (language: string) => {
        const headers = { ...(init.headers as Record<string, string>), 'accept-language': language };
        const problem = await expectProblem(await app.request(path, { ...init, headers }), Number(status));
        return [problem.detail, ...(problem.errors ?? []).map((error) => error.msg)];
      };
      for (const sentence of await said('zh')) expect(sentence).toMatch(chinese);
      for (const sentence of await said('en')) expect(sentence).not.toMatch(chinese);
    }
  });

  for (const [header, expected] of [
    ['zh', 'zh-CN'],
    ['zh-CN', 'zh-CN'],
    ['zh-TW', 'zh-CN'],
    ['ZH-hant-HK', 'zh-CN'],
    ['en', 'en'],
    ['en-US', 'en'],
    ['EN-gb', 'en'],
    ['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['en;q=0.2,zh;q=0.7', 'zh-CN'],
    ['zh;q=0.2, en;q=0.7', 'en'],
    ['zh;q=0, en;q=0.001', 'en'],
    ['fr, en;q=0.1', 'en'],
    ['fr-FR, de', undefined],
    ['*', undefined],
    ['fr, *;q=0.5', undefined],
    ['', undefined],
    [',;q=,;;,q=1', undefined],
    ['zhx, english', undefined],
    ['en;q=0', undefined],
    ['😀'.replace(/./gu, '?').repeat(1000), undefined],
    [undefined, undefined],
  ] as const) {
    test(`of Accept-Language ${header?.slice(0, 40) ?? 'none'} is ${expected ?? 'the default'}`, async () => {
      for (const defaultLocale of ['zh-CN', 'en'] as const) {
        const app = await testApp(database, { settings: { defaultLocale } });
        const headers: Record<string, string> = header === undefined ? {} : { 'accept-language': header };
        const { detail } = await (await app.get('/nope', headers)).json();
        expect(chinese.test(detail) ? 'zh-CN' : 'en').toBe(expected ?? defaultLocale);
      }
    });
  }
});

test('docs/api.md tells every code of a problem, with its status', async () => {
  const text = await Bun.file(new URL('../../docs/api.md', import.meta.url)).text();
  const untold = Object.entries(problemKinds).filter(
    ([code, { status }]) => !new RegExp(`^\\| ${status} +\\| \`${code}\` `, 'm').test(text),
  );
  expect(untold.map(([code]) => code)).toEqual([]);
});
