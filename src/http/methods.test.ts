import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { testApp } from '../testing/test-app.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

onEachDatabase('a method', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('that a route does not have is 405 with Allow, on every route', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const served = new Map<string, Set<string>>();
    for (const { path, method } of app.app.routes) {
      if (method === 'ALL') continue;
      const own = served.get(path) ?? new Set();
      own.add(method);
      if (method === 'GET') own.add('HEAD');
      served.set(path, own);
    }
    expect(served.size).toBeGreaterThan(10);
    for (const [path, own] of served) {
      const url = path.replace(/:\w+/g, id).replace('*', 'x');
      for (const method of methods.filter((one) => !own.has(one))) {
        const response = await app.request(url, { method });
        expect(`${method} ${path}: ${response.headers.get('allow')}`).toBe(
          `${method} ${path}: ${[...own].sort().join(', ')}`,
        );
        if (method === 'HEAD') expect(response.status).toBe(405);
        else expect((await expectProblem(response, 405)).detail).toContain([...own].sort().join(', '));
      }
    }
  });

  test('is wrong before the body is: 405 and 404 come before 415, 413 and 400', async () => {
    const app = await testApp(database);
    for (const [body, type] of [
      ['a=1', 'application/x-www-form-urlencoded'],
      ['{', 'application/json'],
      ['x'.repeat(2 * 1024 ** 2), 'text/plain'],
    ] as const) {
      const init = { body, headers: { 'content-type': type } };
      await expectProblem(await app.request('/healthz', { ...init, method: 'POST' }), 405);
      await expectProblem(await app.request('/api/sessions', { ...init, method: 'PUT' }), 405);
      await expectProblem(await app.request('/nope', { ...init, method: 'POST' }), 404);
    }
  });

  test('HEAD answers as GET does, without the body', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    await app.send('POST', `/api/sessions/${id}/chat`, { content: 'x' });
    const [turn] = await (await app.get(`/api/sessions/${id}/turns`)).json();
    for (const path of [
      '/',
      '/docs',
      '/openapi.json',
      '/healthz',
      '/readyz',
      '/static/favicon.svg',
      '/history',
      '/api/sessions?limit=1',
      `/api/sessions/${id}`,
      `/api/sessions/${id}/history`,
      `/api/sessions/${id}/turns`,
      `/api/sessions/${id}/turns/${turn.id}`,
    ]) {
      const [get, head] = [await app.get(path), await app.request(path, { method: 'HEAD' })];
      expect([path, head.status, head.headers.get('content-type')]).toEqual([
        path,
        get.status,
        get.headers.get('content-type'),
      ]);
      expect(await head.text()).toBe('');
    }
  });

  test('PATCH and DELETE of one session leave the others alone', async () => {
    const app = await testApp(database);
    const [kept, changed, gone] = [
      await app.newSession({ name: 'kept' }),
      await app.newSession({ name: 'changed' }),
      await app.newSession(),
    ];
    await app.send('PATCH', `/api/sessions/${changed}`, { name: 'new' });
    await app.send('DELETE', `/api/sessions/${gone}`, '');
    const list = await (await app.get('/api/sessions')).json();
    expect(list.map((one: { id: string; name: string }) => [one.id, one.name])).toEqual([
      [changed, 'new'],
      [kept, 'kept'],
    ]);
  });
});
