// A page says whom it speaks for, and nothing is done for it as somebody else.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('X-Signed-In-As', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('lets through who calls, whatever the name is written in, and nobody else', async () => {
    const { get, send } = await testApp(database, { settings: { ways: ['keys'] } });
    const { key, owner } = await makeKey(database, { owner: `李 ${randomUUID()} %` });
    const as = (name: string) => ({
      authorization: `Bearer ${key}`,
      'x-signed-in-as': encodeURIComponent(name),
    });
    expect((await get('/api/sessions', as(owner))).status).toBe(200);
    expect((await send('POST', '/api/sessions', {}, as(owner))).status).toBe(201);
    for (const name of ['another', '', owner.toUpperCase()]) {
      await expectProblem(await get('/api/sessions', as(name)), 401);
      await expectProblem(await send('POST', '/api/sessions', {}, as(name)), 401);
    }
    expect(await (await get('/api/sessions', as(owner))).json()).toHaveLength(1);
  });

  test('the admin page itself is for everybody to load, below a path too, and has nothing in it', async () => {
    const { get } = await testApp(database, { settings: { ways: ['keys'] } });
    const page = await get('/admin');
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    const below = await testApp(database, { settings: { ways: ['keys'], basePath: '/agentchat' } });
    expect((await below.get('/agentchat/admin')).status).toBe(200);
    for (const path of ['/api/admin/keys', '/api/admin/owners', '/api/admin/audit', '/admins', '/admin/keys'])
      await expectProblem(await get(path), 401);
  });
});
