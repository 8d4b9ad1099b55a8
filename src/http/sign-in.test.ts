// The page's way in by a key, and what only an admin may.
import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectInvalid, expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('signing in', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const withKeys = () => testApp(database, { settings: { ways: ['keys'] } });
  const cookieOf = (answer: Response) => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const bearing = (key: string) => ({ authorization: `Bearer ${key}` });

  test('gives a cookie for a key, which lets the page in and is taken back', async () => {
    const { get, send } = await withKeys();
    const { key, owner } = await makeKey(database);
    expect(await (await get('/api/sign-in')).json()).toEqual({ ways: ['keys'] });
    const answer = await send('POST', '/api/sign-in', { key });
    expect(await answer.json()).toMatchObject({ owner, role: 'member', way: 'keys' });
    const set = answer.headers.get('set-cookie') ?? '';
    for (const part of ['HttpOnly', 'SameSite=Lax', 'Path=/', 'Max-Age=2592000']) expect(set).toContain(part);
    expect(set).not.toContain('Secure');
    expect(set).not.toContain(key);
    const cookie = cookieOf(answer);
    expect(await (await get('/api/me', { cookie })).json()).toMatchObject({ owner });
    const out = await send('POST', '/api/sign-out', {}, { cookie });
    expect(out.headers.get('set-cookie')).toMatch(/Max-Age=0/);
    await expectProblem(await get('/api/me', { cookie }), 401);
    expect((await send('POST', '/api/sign-out', {})).status).toBe(200);
  });

  test('is over TLS alone where the page came so, and below its path', async () => {
    const { send } = await withKeys();
    const { key } = await makeKey(database);
    const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/chat' };
    const set = (await send('POST', '/api/sign-in', { key }, proxied)).headers.get('set-cookie');
    expect(set).toContain('Secure');
    expect(set).toContain('Path=/chat');
  });

  test('is refused with a wrong key, and for a service', async () => {
    const { send } = await withKeys();
    await expectProblem(await send('POST', '/api/sign-in', { key: 'ack_no' }), 401);
    await expectInvalid(await send('POST', '/api/sign-in', {}), ['body', 'key']);
    const { key } = await makeKey(database, { role: 'service' });
    await expectProblem(await send('POST', '/api/sign-in', { key }), 403);
  });

  test('changes nothing from the page of another origin, whatever other origins may call', async () => {
    const app = await testApp(database, {
      settings: { ways: ['keys'], corsOrigins: ['https://other.example'] },
    });
    const { key } = await makeKey(database);
    const cookie = cookieOf(await app.send('POST', '/api/sign-in', { key }));
    for (const origin of ['https://other.example', 'https://evil.example', 'null']) {
      await expectProblem(await app.send('POST', '/api/sessions', {}, { cookie, origin }), 403);
      await expectProblem(await app.send('POST', '/api/sign-out', {}, { cookie, origin }), 403);
    }
    const own = { cookie, origin: 'http://localhost', host: 'localhost' };
    expect((await app.send('POST', '/api/sessions', {}, own)).status).toBe(201);
    expect((await app.get('/api/me', { cookie })).status).toBe(200);
  });

  test('ends when the key is revoked that it came by', async () => {
    const { get, send } = await withKeys();
    const admin = await makeKey(database, { role: 'admin' });
    const { key, id } = await makeKey(database);
    const cookie = cookieOf(await send('POST', '/api/sign-in', { key }));
    expect((await get('/api/me', { cookie })).status).toBe(200);
    const gone = await send('DELETE', `/api/admin/keys/${id}`, {}, bearing(admin.key));
    expect((await gone.json()).revoked_at).toBeString();
    await Bun.sleep(3100);
    await expectProblem(await get('/api/me', { cookie }), 401);
  });

  test('makes who tries too often wait', async () => {
    const { app } = await withKeys();
    const { key } = await makeKey(database);
    const from = (address: string, tried: string) =>
      app.request('/api/me', { headers: bearing(tried) }, { address });
    for (let n = 0; n < 10; n++) await expectProblem(await from('192.0.2.1', `ack_${n}`), 401);
    const blocked = await from('192.0.2.1', 'ack_more');
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectProblem(blocked, 429);
    expect((await from('192.0.2.2', key)).status).toBe(200);
  });

  test('an admin makes, lists and revokes keys, and sees what was done', async () => {
    const { get, send } = await withKeys();
    const { key, owner } = await makeKey(database, { role: 'admin' });
    const by = bearing(key);
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const wanted = { owner: `of ${owner}`, name: 'ci', role: 'viewer', agents: ['assistant'], expires_at };
    const answer = await send('POST', '/api/admin/keys', wanted, by);
    expect(answer.status).toBe(201);
    const made = await answer.json();
    expect(made).toMatchObject({ ...wanted, revoked_at: null, last_used_at: null });
    expect(made.key).toStartWith(made.hint);
    expect(await (await get('/api/me', bearing(made.key))).json()).toMatchObject({
      owner: wanted.owner,
      role: 'viewer',
    });
    const listed = await (await get('/api/admin/keys', by)).json();
    expect(listed.map(({ id }: { id: string }) => id)).toContain(made.id);
    expect(JSON.stringify(listed)).not.toContain(made.key);
    expect((await send('DELETE', `/api/admin/keys/${made.id}`, {}, by)).status).toBe(200);
    const { id } = await (await send('POST', '/api/sessions', {}, by)).json();
    await send('DELETE', `/api/sessions/${id}`, {}, by);
    const audit = await (await get(`/api/admin/audit?owner=${owner}`, by)).json();
    expect(audit.map(({ action, target }: Record<string, string>) => [action, target])).toEqual([
      ['session.deleted', id],
      ['key.revoked', made.id],
      ['key.created', made.id],
    ]);
    expect(audit[0]).toMatchObject({ actor: owner, way: 'keys', request_id: expect.any(String) });
    const owners = await (await get(`/api/admin/owners?q=${encodeURIComponent(wanted.owner)}`, by)).json();
    expect(owners).toMatchObject([{ name: wanted.owner, session_count: 0 }]);
  });

  test('nobody else may', async () => {
    const { get, send } = await withKeys();
    for (const role of ['viewer', 'member'] as const) {
      const { key } = await makeKey(database, { role });
      for (const path of ['keys', 'owners', 'audit'])
        await expectProblem(await get(`/api/admin/${path}`, bearing(key)), 403);
      await expectProblem(await send('POST', '/api/admin/keys', { owner: 'me' }, bearing(key)), 403);
      const { id } = await makeKey(database);
      await expectProblem(await send('DELETE', `/api/admin/keys/${id}`, {}, bearing(key)), 403);
    }
    const { key } = await makeKey(database, { role: 'admin' });
    const unknown = '0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b';
    await expectProblem(await send('DELETE', `/api/admin/keys/${unknown}`, {}, bearing(key)), 404);
    for (const wrong of [{}, { owner: '' }, { owner: 'x', role: 'root' }, { owner: 'x', expires_at: 'soon' }])
      await expectProblem(await send('POST', '/api/admin/keys', wrong, bearing(key)), 422);
  });

  test('what was written down cannot be changed', async () => {
    await expect((async () => database.db.execute('update chat_audit set actor = null'))()).rejects.toThrow();
    await expect((async () => database.db.execute('delete from chat_audit'))()).rejects.toThrow();
    await expect((async () => database.db.execute('truncate chat_audit'))()).rejects.toThrow();
  });
});
