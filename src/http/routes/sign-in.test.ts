// The page's way in by a key, and what only an admin may.
import { beforeAll, expect, test } from 'bun:test';
import { newToken } from '../../access/secrets.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectInvalid, expectProblem } from '../../testing/expect-problem.ts';
import { makeKey } from '../../testing/keys.ts';
import { testApp } from '../../testing/test-app.ts';

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
    expect(set).toMatch(/^agentchat=/);
  });

  test('is the host’s own over TLS, where a browser lets no other set it; one from before goes on', async () => {
    const { get, send } = await withKeys();
    const { key, owner } = await makeKey(database);
    const tls = { 'x-forwarded-proto': 'https' };
    const before = cookieOf(await send('POST', '/api/sign-in', { key }));
    expect(await (await get('/api/me', { ...tls, cookie: before })).json()).toMatchObject({ owner });
    const answer = await send('POST', '/api/sign-in', { key }, { ...tls, cookie: before });
    const [set = '', old] = answer.headers.getSetCookie();
    expect(old).toMatch(/^agentchat=; Max-Age=0; Path=\/;/);
    expect(set).toMatch(/^__Host-agentchat=/);
    expect(set).toContain('Secure');
    expect(set).toContain('Path=/;');
    expect(set).not.toContain('Domain');
    const cookie = set.split(';')[0] ?? '';
    const flood = Array.from({ length: 50 }, () => `agentchat=${newToken()}`).join('; ');
    expect(await (await get('/api/me', { cookie: `${flood}; ${cookie}` })).json()).toMatchObject({ owner });
    const out = await send('POST', '/api/sign-out', {}, { ...tls, cookie: `${before}; ${cookie}` });
    expect(out.headers.getSetCookie().map((one) => one.split(';')[0])).toEqual([
      'agentchat=',
      '__Host-agentchat=',
    ]);
    for (const gone of [before, cookie]) await expectProblem(await get('/api/me', { cookie: gone }), 401);
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

  test('holds against cookies of the same name that another host has set', async () => {
    const { get, send } = await withKeys();
    const { key, owner } = await makeKey(database);
    const cookie = cookieOf(await send('POST', '/api/sign-in', { key }));
    for (const planted of [
      'agentchat=x',
      `agentchat=${newToken()}`,
      'agentchat=',
      'agentchat=x; agentchat=y',
    ])
      expect(await (await get('/api/me', { cookie: `${planted}; ${cookie}` })).json()).toMatchObject({
        owner,
      });
    const flood = Array.from({ length: 50 }, () => `agentchat=${newToken()}`).join('; ');
    await expectProblem(await get('/api/me', { cookie: `${flood}; ${cookie}` }), 401);
    expect((await send('POST', '/api/sign-out', {}, { cookie: `agentchat=x; ${cookie}` })).status).toBe(200);
    await expectProblem(await get('/api/me', { cookie }), 401);
  });

  test('changes nothing from a page that the browser calls foreign, or of another scheme', async () => {
    const { key } = await makeKey(database);
    const host = 'chat.example.com';
    const asked = async (settings: object) => {
      const { app, send } = await testApp(database, {
        settings: { ways: ['keys'], allowedHosts: [host], ...settings },
      });
      const cookie = cookieOf(await send('POST', '/api/sign-in', { key }));
      return async (headers: Record<string, string>, address = '192.0.2.1') =>
        (
          await app.request(
            '/api/sessions',
            {
              method: 'POST',
              body: '{}',
              headers: { cookie, host, 'content-type': 'application/json', ...headers },
            },
            { address },
          )
        ).status;
    };
    const [secure, plain] = [{ origin: `https://${host}` }, { origin: `http://${host}` }];
    const make = await asked({});
    for (const origin of [secure, plain]) {
      for (const site of ['cross-site', 'same-site'])
        expect(await make({ ...origin, 'sec-fetch-site': site })).toBe(403);
      // Behind a proxy that nobody has named, either may be the page's own.
      for (const site of ['same-origin', 'none'])
        expect(await make({ ...origin, 'sec-fetch-site': site })).toBe(201);
      expect(await make(origin)).toBe(201);
    }
    const named = await asked({ publicUrl: `https://${host}` });
    expect([await named(secure), await named(plain)]).toEqual([201, 403]);
    const local = { host: 'localhost:8001', origin: 'http://localhost:8001' };
    expect(await named(local)).toBe(201);
    const behind = await asked({ trustedProxies: ['10.0.0.0/8'] });
    const forwarded = { 'x-forwarded-proto': 'https' };
    for (const [origin, address, status] of [
      [secure, '10.0.0.1', 201],
      [plain, '10.0.0.1', 403],
      [plain, '192.0.2.1', 201],
    ] as const)
      expect(await behind({ ...origin, ...forwarded }, address)).toBe(status);
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

  test('a key is for some agents or for all, and is called what can be read', async () => {
    const { send, store } = await withKeys();
    const by = bearing((await makeKey(database, { role: 'admin' })).key);
    const make = (body: object) => send('POST', '/api/admin/keys', { owner: 'alice', ...body }, by);
    await expectInvalid(await make({ agents: [] }), ['body', 'agents']);
    await expectInvalid(await make({ agents: ['a\nb'] }), ['body', 'agents', 0]);
    await expectInvalid(await make({ name: 'a\u001b[2Jb' }), ['body', 'name']);
    const none = await makeKey(database, { agents: [] });
    expect((await store.keys.list()).find(({ id }) => id === none.id)?.agents).toEqual([]);
    // A long name is cut between its characters.
    const made = await make({ owner: '👩'.repeat(101) });
    expect((await made.json()).name).toBe('👩'.repeat(100));
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

  test('who comes, goes and is refused is written down, with where from and the request', async () => {
    const { app, store } = await withKeys();
    const { key, owner, id } = await makeKey(database);
    const address = `198.51.100.${Math.floor(Math.random() * 256)}-${owner}`;
    const post = (path: string, body: object, headers: Record<string, string> = {}) =>
      app.request(
        path,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-request-id': owner, ...headers },
          body: JSON.stringify(body),
        },
        { address },
      );
    await post('/api/sign-in', { key: 'ack_wrong' });
    const cookie = cookieOf(await post('/api/sign-in', { key }));
    await post('/api/sign-out', {}, { cookie });
    const written = (await store.audit.list({ limit: 1000 })).filter((entry) => entry.address === address);
    const whose = { owner, actor: owner, way: 'keys', key: id, requestId: owner };
    expect(written).toMatchObject([
      { ...whose, action: 'sign_in.ended' },
      { ...whose, action: 'sign_in.granted' },
      { owner: null, actor: null, way: 'keys', key: null, requestId: owner, action: 'sign_in.refused' },
    ]);
    for (const { at } of written) expect(Math.abs(at.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test('what was written down cannot be changed', async () => {
    await expect((async () => database.db.execute('update chat_audit set actor = null'))()).rejects.toThrow();
    await expect((async () => database.db.execute('delete from chat_audit'))()).rejects.toThrow();
    await expect((async () => database.db.execute('truncate chat_audit'))()).rejects.toThrow();
  });
});
