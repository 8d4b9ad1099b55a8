// Who is let in by the header of a login's proxy, and as whom.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { createLog } from '../log.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';
import type { Way } from '../words/access.ts';

const own = '10.1.2.3';

onEachDatabase('the header of a login’s proxy', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function behindProxy(ways: Way[] = ['proxy'], admins: string[] = []) {
    const lines: string[] = [];
    const log = createLog({ level: 'warn', format: 'json', write: (line) => lines.push(line) });
    const settings = {
      ways,
      admins,
      proxy: { header: 'x-forwarded-user', from: ['10.0.0.0/8', 'fd00::/8'] },
    };
    const { app, store } = await testApp(database, { settings, log });
    const call = async (
      address: string | undefined,
      headers: [name: string, value: string][],
      [method, path]: [string, string] = ['GET', '/api/me'],
    ) => app.request(path, { method, headers }, { address });
    return { call, store, lines };
  }

  const user = (name: string): [string, string] => ['x-forwarded-user', name];

  test('names the owner, if it comes from the proxy', async () => {
    const { call } = await behindProxy();
    const name = `José 李 ${randomUUID()}`;
    const bytes = String.fromCharCode(...new TextEncoder().encode(` ${name} `));
    for (const address of [own, `::ffff:${own}`, 'fd00::7']) {
      const me = await (await call(address, [user(bytes)])).json();
      expect(me).toMatchObject({ owner: name, role: 'member', way: 'proxy' });
    }
  });

  test('is nothing from anywhere else, and the log says so once in a while', async () => {
    const { call, lines } = await behindProxy();
    for (const address of ['203.0.113.9', '::1', '127.0.0.1', undefined])
      await expectProblem(await call(address, [user('alice')]), 401);
    // Nor does it help to say that one comes from there.
    const forged: [string, string][] = [user('alice'), ['x-forwarded-for', own], ['x-real-ip', own]];
    await expectProblem(await call('203.0.113.9', forged), 401);
    expect(lines.filter((line) => line.includes('AUTH_PROXY_FROM'))).toHaveLength(1);
    expect(lines.join()).not.toContain('alice');
    await expectProblem(await call(own, []), 401);
  });

  test('names nobody if it comes twice, is too long, or has control characters', async () => {
    const { call } = await behindProxy();
    for (const headers of [
      [user('mallory'), user('alice')],
      [user('mallory, alice')],
      [user('x'.repeat(201))],
      [user('a\u007fb')],
      // Whose all is that was there before anybody signed in.
      [user('local')],
      [user('')],
      [user('  ')],
    ])
      await expectProblem(await call(own, headers), 401);
    expect((await call(own, [user('x'.repeat(200))])).status).toBe(200);
  });

  test('makes admins of those that AUTH_ADMINS lists, and lets nobody speak for others', async () => {
    const admin = randomUUID();
    const { call } = await behindProxy(['proxy'], [admin]);
    expect(await (await call(own, [user(admin)])).json()).toMatchObject({ role: 'admin' });
    await expectProblem(await call(own, [user(admin), ['x-owner', 'alice']]), 403);
  });

  test('leaves to each request its own way, in the order of AUTH', async () => {
    const { key, owner } = await makeKey(database);
    const bearer: [string, string] = ['authorization', `Bearer ${key}`];
    const name = randomUUID();
    const proxyFirst = await behindProxy(['proxy', 'keys']);
    expect(await (await proxyFirst.call(own, [user(name), bearer])).json()).toMatchObject({ owner: name });
    expect(await (await proxyFirst.call('203.0.113.9', [user(name), bearer])).json()).toMatchObject({
      owner,
    });
    expect(await (await proxyFirst.call(own, [bearer])).json()).toMatchObject({ owner, way: 'keys' });
    const keysFirst = await behindProxy(['keys', 'proxy']);
    expect(await (await keysFirst.call(own, [user(name), bearer])).json()).toMatchObject({ owner });
    // The login's own token, which some proxies pass on, is no key.
    const token: [string, string] = ['authorization', 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln'];
    expect(await (await keysFirst.call(own, [user(name), token])).json()).toMatchObject({ owner: name });
  });

  test('changes nothing for a page of another origin', async () => {
    const { call } = await behindProxy();
    const me = user(randomUUID());
    const make: [string, string] = ['POST', '/api/sessions'];
    for (const headers of [
      [['origin', 'https://evil.example']],
      [['origin', 'http://localhost:3000']],
      [['sec-fetch-site', 'same-site']],
      [['origin', 'null']],
    ] as [string, string][][])
      await expectProblem(await call(own, [me, ['host', 'chat.localhost'], ...headers], make), 403);
    for (const headers of [
      [],
      [['sec-fetch-site', 'same-origin']],
      [['origin', 'https://chat.localhost']],
    ] as [string, string][][])
      expect((await call(own, [me, ['host', 'chat.localhost'], ...headers], make)).status).toBe(201);
  });

  test('and the caller’s address is that which the proxy says, for who tries wrong keys', async () => {
    const { call, store } = await behindProxy(['proxy', 'keys']);
    const caller = `2001:db8::${Math.floor(Math.random() * 60_000).toString(16)}`;
    const wrong = (forwarded: string) =>
      call(own, [
        ['authorization', 'Bearer ack_wrong'],
        ['x-forwarded-for', forwarded],
      ]);
    for (let n = 0; n < 10; n++) await expectProblem(await wrong(`198.51.100.${n}, ${caller}`), 401);
    await expectProblem(await wrong(caller), 429);
    await expectProblem(await wrong('2001:db8:1::1'), 401);
    const refused = (await store.audit.list({ limit: 100, action: 'access.refused' })).filter(
      ({ address }) => address === caller,
    );
    expect(refused.map(({ way }) => way)).toEqual(['keys', 'keys']);
  });
});
