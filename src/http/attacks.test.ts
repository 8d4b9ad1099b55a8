// What somebody tries who has no right to come in, or not to that: none of it helps, and none of it is told on.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { createLog } from '../log.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('an attack', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function withKeys() {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', format: 'json', write: (line) => lines.push(line) });
    const app = await testApp(database, { settings: { ways: ['keys'] }, log });
    const from = async (address: string, key: string) =>
      app.app.request('/api/me', { headers: bearing(key) }, { address });
    return { ...app, lines, from };
  }
  const bearing = (key: string) => ({ authorization: `Bearer ${key}` });
  const wrong = () => `ack_${'x'.repeat(7)}${randomUUID()}`;

  test('of many wrong keys is stopped by address, a whole network of IPv6 as one, and logged once', async () => {
    const { from, lines } = await withKeys();
    const { key } = await makeKey(database);
    const network = `2001:db8:${Math.floor(Math.random() * 60_000).toString(16)}:1`;
    for (let n = 1; n <= 10; n++) await expectProblem(await from(`${network}::${n}`, wrong()), 401);
    for (let n = 1; n <= 5; n++) await expectProblem(await from(`${network}:${n}::1`, wrong()), 429);
    await expectProblem(await from(`${network}::99`, key), 429);
    expect((await from(`${network.slice(0, -1)}2::1`, key)).status).toBe(200);
    expect(lines.filter((line) => line.includes('too many wrong keys'))).toHaveLength(1);
  });

  test('shuts nobody out who was let in from there before, until their key is revoked', async () => {
    const { from, store } = await withKeys();
    const { id, key } = await makeKey(database);
    const address = randomUUID();
    expect((await from(address, key)).status).toBe(200);
    for (let n = 0; n < 10; n++) await from(address, wrong());
    await expectProblem(await from(address, wrong()), 429);
    expect((await from(address, key)).status).toBe(200);
    const by = { owner: null, actor: null, way: null, key: null, address: null, requestId: null };
    await store.keys.revoke(id, { ...by, action: 'key.revoked', target: id });
    await Bun.sleep(3100);
    await expectProblem(await from(address, key), 401);
    await expectProblem(await from(address, key), 429);
  });

  test('by a key in the address lets nobody in', async () => {
    const { get } = await withKeys();
    const { key } = await makeKey(database);
    for (const name of ['key', 'api_key', 'access_token', 'token'])
      await expectProblem(await get(`/api/me?${name}=${key}`), 401);
  });

  test('by a body larger than a key is refused before it is read, signed in or not', async () => {
    const { request } = await withKeys();
    for (const path of ['/api/sign-in', '/api/sign-out', '/api/sessions']) {
      for (const length of [{}, { 'content-length': String(1024 ** 3) }] as Record<string, string>[]) {
        let sent = 0;
        const body = new ReadableStream({
          pull(controller) {
            sent += 10_000;
            controller.enqueue(new Uint8Array(10_000).fill(32));
          },
        });
        const headers = { 'content-type': 'application/json', ...length };
        const answer = await request(path, { method: 'POST', headers, body });
        await expectProblem(answer, path === '/api/sessions' ? 401 : 413);
        expect(sent).toBeLessThan(100_000);
      }
    }
    const { send } = await withKeys();
    const { key } = await makeKey(database);
    const padded = (size: number) => JSON.stringify({ key }) + ' '.repeat(size - key.length - 10);
    expect(padded(4096)).toHaveLength(4096);
    expect((await send('POST', '/api/sign-in', padded(4096))).status).toBe(200);
    expect((await expectProblem(await send('POST', '/api/sign-in', padded(4097)), 413)).detail).toContain(
      '4096',
    );
  });

  test('by headers that are nearly right lets nobody in', async () => {
    const { get } = await withKeys();
    const { key } = await makeKey(database);
    for (const authorization of [
      `Basic ${btoa(`${key}:`)}`,
      'Bearer',
      'Bearer ',
      key,
      `Bearer ${key} ${key}`,
    ])
      await expectProblem(await get('/api/me', { authorization }), 401);
    await expectProblem(await get('/api/me', bearing('x'.repeat(100_000))), 401);
    await expectProblem(await get('/api/me', { 'x-api-key': '' }), 401);
    expect((await get('/api/me', { authorization: `bearer ${key}` })).status).toBe(200);
    // A key that is wrong is not made good by a cookie that is right.
    const { send } = await withKeys();
    const cookie =
      ((await send('POST', '/api/sign-in', { key })).headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await get('/api/me', { cookie })).status).toBe(200);
    await expectProblem(await get('/api/me', { cookie, ...bearing(wrong()) }), 401);
  });

  test('by speaking for others is refused, whatever the name is', async () => {
    const { get, request } = await withKeys();
    for (const role of ['viewer', 'member', 'admin'] as const) {
      const { key } = await makeKey(database, { role });
      for (const name of ['alice', 'x'.repeat(201), 'a, b'])
        await expectProblem(await get('/api/me', { ...bearing(key), 'x-owner': name }), 403);
    }
    await expectProblem(await get('/api/me', { 'x-owner': 'x'.repeat(201) }), 401);
    const { key } = await makeKey(database, { role: 'service' });
    for (const name of ['', '  ', 'x'.repeat(201), 'a\u007fb', 'a\tb', 'alice,bob'])
      await expectProblem(await get('/api/me', { ...bearing(key), 'x-owner': name }), 422);
    const twice = new Headers({ ...bearing(key), 'x-owner': 'alice' });
    twice.append('X-Owner', 'bob');
    await expectProblem(await request('/api/me', { headers: twice }), 422);
    for (const path of ['/chat/', '/history/', '/api/sessions/'])
      await expectProblem(await get(path, bearing(key)), 403);
    expect((await get('/api/me/', bearing(key))).status).toBe(200);
  });

  test('by naming another owner in a body changes nothing', async () => {
    const { get, send } = await withKeys();
    const [mine, theirs] = [await makeKey(database), await makeKey(database)];
    const body = { owner: theirs.owner, owner_id: 1, metadata: { owner: theirs.owner } };
    const { id } = await (await send('POST', '/api/sessions', body, bearing(mine.key))).json();
    expect((await get(`/api/sessions/${id}`, bearing(mine.key))).status).toBe(200);
    await expectProblem(await get(`/api/sessions/${id}`, bearing(theirs.key)), 404);
  });

  test('finds no key in a log, an error, the audit or the document', async () => {
    const { get, send, lines, store } = await withKeys();
    const { key } = await makeKey(database, { role: 'admin' });
    const bad = wrong();
    const answers = [
      await get('/api/me', bearing(bad)),
      await get(`/api/me?key=${key}`),
      await get(`/api/sessions/${key}`, bearing(key)),
      await send('POST', `/api/sessions/${key}/chat`, { content: 'x' }, bearing(key)),
      await get(`/static/${key}`),
      await get(`/nowhere/${key}`, bearing(key)),
      await send('DELETE', `/api/me/${key}`, {}, bearing(key)),
      await send('POST', '/api/sign-in', { key: bad }),
      await send('POST', '/api/sign-in', { key: [key] }),
      await send('POST', '/api/sign-in', { key }),
      await get('/openapi.json', bearing(key)),
      await get('/api/admin/keys', bearing(key)),
      await get('/api/admin/audit', bearing(key)),
    ];
    const told = [...(await Promise.all(answers.map((answer) => answer.text()))), ...lines];
    told.push(JSON.stringify(await store.audit.list({ limit: 1000 })));
    for (const secret of [key, bad, key.slice(12)]) expect(told.join('\n').includes(secret)).toBe(false);
  });

  test('finds in the database no key, nor what a cookie holds: what they hash to alone', async () => {
    const { send } = await withKeys();
    const { key, id } = await makeKey(database);
    const set = (await send('POST', '/api/sign-in', { key })).headers.get('set-cookie') ?? '';
    const token = /^agentchat=([^;]+)/.exec(set)?.[1] ?? '';
    const hold = async (text: string) => {
      const names = await database.db
        .select({ name: sql<string>`table_name` })
        .from(sql`information_schema.tables`)
        .where(sql`table_schema = 'public'`);
      const found: string[] = [];
      for (const { name } of names) {
        const [row] = await database.db
          .select({
            count: sql<number>`(select count(*)::int from ${sql.identifier(name)} as t where position(${text} in t::text) > 0)`,
          })
          .from(sql`(values (1)) as once`);
        if (row?.count) found.push(name);
      }
      return found;
    };
    expect(await hold(id)).toContain('chat_keys');
    for (const secret of [key, key.slice(12), key.slice(4), token]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(await hold(secret)).toEqual([]);
    }
  });

  test('on what needs a credential is answered with the page that asks for one, if a browser opens it', async () => {
    const { get } = await withKeys();
    const page = await get('/docs', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect([page.status, page.headers.get('cache-control')]).toEqual([401, 'no-store']);
    expect(page.headers.get('content-type')).toStartWith('text/html');
    expect(await page.text()).toContain('<script');
    for (const accept of ['*/*', 'application/json'])
      await expectProblem(await get('/docs', { accept }), 401);
    const html = { accept: 'text/html' };
    for (const path of ['/openapi.json', '/api/sessions']) await expectProblem(await get(path, html), 401);
    const { key } = await makeKey(database);
    expect((await get('/docs', { ...html, ...bearing(key) })).status).toBe(200);
  });
});
