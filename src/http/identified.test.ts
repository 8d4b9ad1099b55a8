// Who is let in by a key, and as whom.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('keys', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const withKeys = () => testApp(database, { settings: { ways: ['keys'] } });
  const bearing = (key: string, more: Record<string, string> = {}) => ({
    authorization: `Bearer ${key}`,
    ...more,
  });

  test('let in who has one, by either header, and nobody else', async () => {
    const { get } = await withKeys();
    const { key, owner } = await makeKey(database);
    for (const headers of [bearing(key), { 'x-api-key': key }]) {
      expect(await (await get('/api/me', headers)).json()).toMatchObject({
        owner,
        role: 'member',
        way: 'keys',
      });
    }
    for (const headers of [{}, bearing('ack_wrong'), bearing(`${key}x`), { authorization: `Basic ${key}` }]) {
      const answer = await get('/api/sessions', headers);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      await expectProblem(answer, 401);
    }
    for (const path of ['/healthz', '/', '/readyz', '/admin', '/static/favicon.svg', '/api/sign-in'])
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    for (const path of ['/openapi.json', '/docs', '/history', '/nothing'])
      await expectProblem(await get(path), 401);
  });

  test('let in no more once they are revoked or have expired', async () => {
    const { get, store } = await withKeys();
    const old = await makeKey(database, { expiresAt: new Date(Date.now() - 1000) });
    await expectProblem(await get('/api/me', bearing(old.key)), 401);
    const { id, key } = await makeKey(database);
    expect((await get('/api/me', bearing(key))).status).toBe(200);
    const by = { owner: null, actor: null, way: null, key: null, address: null, requestId: null };
    await store.keys.revoke(id, { ...by, action: 'key.revoked', target: id });
    await Bun.sleep(3100);
    await expectProblem(await get('/api/me', bearing(key)), 401);
  });

  test('of a service speak for whom it names, and for nobody else', async () => {
    const { get, send } = await withKeys();
    const { key } = await makeKey(database, { role: 'service' });
    const [alice, bob] = [`José ${randomUUID()}`, randomUUID()];
    const asUtf8 = (name: string) => String.fromCharCode(...new TextEncoder().encode(name));
    const made = await send('POST', '/api/sessions', {}, bearing(key, { 'x-owner': asUtf8(alice) }));
    const { id } = await made.json();
    expect(await (await get('/api/me', bearing(key, { 'x-owner': asUtf8(alice) }))).json()).toMatchObject({
      owner: alice,
      role: 'service',
    });
    expect((await get(`/api/sessions/${id}`, bearing(key, { 'x-owner': asUtf8(alice) }))).status).toBe(200);
    await expectProblem(await get(`/api/sessions/${id}`, bearing(key, { 'x-owner': bob })), 404);
    await expectProblem(await get('/api/sessions', bearing(key)), 403);
    expect(await (await get('/api/me', bearing(key))).json()).toMatchObject({ owner: null });
    for (const name of ['', 'x'.repeat(201)])
      await expectProblem(await get('/api/me', bearing(key, { 'x-owner': name })), 422);
    const member = await makeKey(database, { role: 'admin' });
    await expectProblem(await get('/api/me', bearing(member.key, { 'x-owner': alice })), 403);
  });

  test('of a service have their limit of requests also where they name nobody, and no owner’s', async () => {
    const { get, store } = await withKeys();
    const { id, key } = await makeKey(database, { role: 'service' });
    const by = { owner: null, actor: null, way: null, key: null, address: null, requestId: null };
    const none = {
      running_turns: null,
      turns_per_day: null,
      tokens_per_day: null,
      cost_per_month: null,
      agents: null,
    };
    await store.limits.set(
      { key: id },
      { requests_per_minute: 2, ...none },
      { ...by, action: 'x', target: id },
    );
    // Whichever minute it is that a request falls into.
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await get('/api/me', bearing(key))).status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    const { key: another } = await makeKey(database, { role: 'service' });
    const answer = await get('/api/me', bearing(another));
    expect([answer.status, answer.headers.get('ratelimit')]).toEqual([200, null]);
  });

  test('make no admin of who says nothing beside them', async () => {
    const { get, send } = await testApp(database, { settings: { ways: ['keys', 'none'] } });
    expect(await (await get('/api/me')).json()).toMatchObject({
      owner: 'local',
      role: 'member',
      way: 'none',
    });
    await expectProblem(await send('POST', '/api/admin/keys', { owner: 'alice' }), 403);
    await expectProblem(await get('/api/me', bearing('ack_wrong')), 401);
  });

  test('of a viewer read, and change nothing', async () => {
    const { get, send } = await withKeys();
    const { key, owner } = await makeKey(database);
    const viewer = await makeKey(database, { owner, role: 'viewer' });
    const { id } = await (await send('POST', '/api/sessions', {}, bearing(key))).json();
    expect((await get(`/api/sessions/${id}`, bearing(viewer.key))).status).toBe(200);
    const changes: [string, string, object][] = [
      ['POST', '/api/sessions', {}],
      ['PATCH', `/api/sessions/${id}`, { name: 'x' }],
      ['DELETE', `/api/sessions/${id}`, {}],
      ['POST', `/api/sessions/${id}/chat`, { content: 'x' }],
      ['POST', '/chat', { content: 'x' }],
    ];
    for (const [method, path, body] of changes)
      await expectProblem(await send(method, path, body, bearing(viewer.key)), 403);
  });

  test('of some agents ask no others', async () => {
    const { get, send } = await withKeys();
    const { key } = await makeKey(database, { agents: ['another'] });
    const { id } = await (await send('POST', '/api/sessions', {}, bearing(key))).json();
    await expectProblem(await send('POST', `/api/sessions/${id}/chat`, { content: 'x' }, bearing(key)), 403);
    // Nor leave anything behind where there was no session.
    const other = await makeKey(database, { agents: ['another'] });
    await expectProblem(await send('POST', '/chat', { content: 'x' }, bearing(other.key)), 403);
    expect(await (await get('/api/sessions', bearing(other.key))).json()).toEqual([]);
    const all = await makeKey(database, { agents: ['another', 'assistant'] });
    const own = await (await send('POST', '/api/sessions', {}, bearing(all.key))).json();
    const answer = await send('POST', `/api/sessions/${own.id}/chat`, { content: 'x' }, bearing(all.key));
    expect(answer.status).toBe(200);
  });
});
