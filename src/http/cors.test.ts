import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { testApp } from '../testing/test-app.ts';

const named = 'https://chat.example.com';

onEachDatabase('a page of another origin', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const list = (text: string | null) => (text ?? '').split(',').map((one) => one.trim().toLowerCase());
  const allowed = (response: Response) => response.headers.get('access-control-allow-origin');

  for (const origin of [
    'http://localhost',
    'http://localhost:3000',
    'https://localhost:8443',
    'http://127.0.0.1:8001',
    'http://[::1]:5173',
    named,
  ]) {
    test(`${origin} may call and read what it needs, also from an error`, async () => {
      const app = await testApp(database, { settings: { corsOrigins: [named] } });
      for (const response of [
        await app.get('/api/sessions', { origin }),
        await app.get('/api/sessions/x', { origin }),
        await app.get('/nope', { origin }),
        await app.send('POST', '/chat', { content: 'x' }, { origin, 'sec-fetch-site': 'cross-site' }),
        await app.send('POST', '/chat?stream=true', { content: 'x' }, { origin }),
        await app.send('POST', '/chat', '{', { origin }),
      ]) {
        expect(allowed(response)).toBe(origin);
        expect(list(response.headers.get('vary'))).toContain('origin');
        const readable = list(response.headers.get('access-control-expose-headers'));
        for (const name of [
          ...['link', 'location', 'ratelimit', 'ratelimit-policy', 'retry-after'],
          ...['www-authenticate', 'x-request-id'],
        ])
          expect(readable).toContain(name);
        expect(response.headers.get('access-control-allow-credentials')).toBeNull();
        await response.text();
      }
    });

    test(`${origin} may ask beforehand, for every method and header that callers need`, async () => {
      const app = await testApp(database, { settings: { corsOrigins: [named] } });
      const sent = ['content-type', 'accept-language', 'idempotency-key', 'last-event-id', 'x-request-id'];
      sent.push('authorization', 'x-api-key', 'x-owner');
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        const response = await app.request('/api/sessions', {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': method,
            'access-control-request-headers': sent.join(','),
          },
        });
        expect(response.status).toBe(204);
        expect(allowed(response)).toBe(origin);
        expect(list(response.headers.get('access-control-allow-methods'))).toContain(method.toLowerCase());
        for (const name of sent)
          expect(list(response.headers.get('access-control-allow-headers'))).toContain(name);
      }
    });
  }

  for (const origin of [
    'https://evil.example',
    'http://localhost.evil.example',
    'http://evil.example/localhost',
    'http://localhost@evil.example',
    'http://127.0.0.1.evil.example',
    'http://notlocalhost',
    'http://localhost:',
    'http://localhost:80:90',
    'file://localhost',
    'null',
    `${named}.evil.example`,
    'http://chat.example.com',
    '',
  ]) {
    test(`${origin || 'that says nothing'} is let read nothing`, async () => {
      const app = await testApp(database, { settings: { corsOrigins: [named] } });
      const preflight = { origin, 'access-control-request-method': 'POST' };
      for (const response of [
        await app.get('/api/sessions', { origin }),
        await app.get('/nope', { origin }),
        await app.request('/chat', { method: 'OPTIONS', headers: preflight }),
      ]) {
        expect(allowed(response)).toBeNull();
        await response.text();
      }
    });
  }

  test('cannot change anything with a request that a browser sends without asking', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const { detail } = await expectProblem(
      await app.request('/api/sessions', { method: 'POST', headers }),
      403,
    );
    expect(detail).toMatch(/https:\/\/evil\.example.*CORS_ORIGINS/);
    await expectProblem(await app.request(`/api/sessions/${id}`, { method: 'DELETE', headers }), 403);
    const form = {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/plain' },
      body: '{"content":"x"}',
    };
    await expectProblem(await app.request('/chat', form), 403);
    expect(await (await app.get('/api/sessions')).json()).toHaveLength(1);
    expect(await (await app.get('/history')).json()).toEqual([]);
  });

  for (const site of ['cross-site', 'same-site', 'none', undefined]) {
    test(`is told apart from this server's own where the browser says ${site ?? 'nothing'} of it`, async () => {
      const app = await testApp(database, { settings: { allowedHosts: ['chat.example.com'] } });
      const says = site === undefined ? {} : { 'sec-fetch-site': site };
      const post = (origin: string, host: string) =>
        app.request('/api/sessions', { method: 'POST', headers: { origin, host, ...says } });
      await expectProblem(await post('https://evil.example', 'chat.example.com'), 403);
      expect((await post('https://chat.example.com', 'chat.example.com')).status).toBe(201);
    });
  }

  for (const site of ['cross-site', 'same-site']) {
    test(`is given no data where the browser says that it is ${site}, whatever it asks for`, async () => {
      const app = await testApp(database, { settings: { corsOrigins: [named] } });
      const id = await app.newSession();
      const foreign = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
      for (const path of [
        '/api/sessions',
        `/api/sessions/${id}`,
        `/api/sessions/${id}/history`,
        '/history',
        '/api/nope',
      ]) {
        for (const headers of [foreign, { ...foreign, origin: 'https://evil.example' }])
          expect((await expectProblem(await app.get(path, headers), 403)).detail).toContain('CORS_ORIGINS');
      }
      await expectProblem(await app.request('/chat', { method: 'POST', headers: foreign }), 403);
      for (const origin of [named, 'http://localhost:3000'])
        expect((await app.get('/api/sessions', { ...foreign, origin })).status).toBe(200);
      const any = await testApp(database, { settings: { corsOrigins: ['*'] } });
      expect((await any.get('/api/sessions', foreign)).status).toBe(200);
    });

    test(`may lead to this server’s pages where the browser says that it is ${site}`, async () => {
      const app = await testApp(database);
      const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
      for (const path of ['/', '/docs', '/static/favicon.svg', '/healthz'])
        expect((await app.get(path, headers)).status).toBe(200);
    });
  }

  test('cannot show anything from here, unless any page may call', async () => {
    for (const [corsOrigins, policy] of [
      [[], 'same-origin'],
      [[named], 'same-origin'],
      [['*'], 'cross-origin'],
    ] as const) {
      const app = await testApp(database, { settings: { corsOrigins } });
      for (const path of ['/', '/static/favicon.svg', '/api/sessions', '/history', '/nope', '/healthz'])
        expect((await app.get(path)).headers.get('cross-origin-resource-policy')).toBe(policy);
      const refused = await app.get('/', { host: 'evil.example' });
      expect(refused.headers.get('cross-origin-resource-policy')).toBe(policy);
    }
  });

  test('may be one without an origin, as a file is, only where the settings name null', async () => {
    const headers = { origin: 'null', 'sec-fetch-site': 'cross-site' };
    const preflight = { origin: 'null', 'access-control-request-method': 'POST' };
    for (const [corsOrigins, status] of [
      [['null'], 200],
      [[named], 403],
    ] as const) {
      const app = await testApp(database, { settings: { corsOrigins } });
      const leave = status === 200 ? 'null' : null;
      expect(allowed(await app.request('/chat', { method: 'OPTIONS', headers: preflight }))).toBe(leave);
      const answer = await app.send('POST', '/chat', { content: 'x' }, headers);
      expect(answer.status).toBe(status);
      expect(allowed(answer)).toBe(leave);
      expect(allowed(await app.get('/history', headers))).toBe(leave);
    }
  });

  test('may be any at all where the settings say *', async () => {
    const app = await testApp(database, { settings: { corsOrigins: ['*'] } });
    for (const origin of ['https://evil.example', 'null']) {
      const response = await app.send(
        'POST',
        '/api/sessions',
        {},
        { origin, 'sec-fetch-site': 'cross-site' },
      );
      expect(response.status).toBe(201);
      expect([origin, '*']).toContain(allowed(response) ?? '');
    }
  });

  test('is nobody where a request has no origin, and a page of this server needs no leave', async () => {
    const app = await testApp(database);
    expect(allowed(await app.get('/api/sessions'))).toBeNull();
    const own = { origin: 'https://agentchat.example', 'sec-fetch-site': 'same-origin' };
    expect((await app.send('POST', '/api/sessions', {}, own)).status).toBe(201);
  });
});
