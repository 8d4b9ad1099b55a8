// Who is signed in on the page: seen and ended by an admin.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectInvalid, expectProblem } from '../../testing/expect-problem.ts';
import { makeKey } from '../../testing/keys.ts';
import { testApp } from '../../testing/test-app.ts';

onEachDatabase('sign-ins', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function signedIn() {
    const app = await testApp(database, { settings: { ways: ['keys'] } });
    const admin = await makeKey(database, { role: 'admin' });
    const by = { authorization: `Bearer ${admin.key}` };
    const signIn = async (key: string) => {
      const answer = await app.send('POST', '/api/sign-in', { key });
      return { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
    };
    const listed = async (owner: string) =>
      (await app.get(`/api/admin/sign-ins?owner=${encodeURIComponent(owner)}`, by)).json();
    return { ...app, admin, by, signIn, listed };
  }

  test('of an owner are listed and ended together, here and in other processes, and that is written down', async () => {
    const { get, send, admin, by, signIn, listed } = await signedIn();
    const elsewhere = await testApp(database, { settings: { ways: ['keys'] } });
    const [alice, bob] = [await makeKey(database, { owner: `李 ${randomUUID()}/` }), await makeKey(database)];
    const cookies = [await signIn(alice.key), await signIn(alice.key)];
    const other = await signIn(bob.key);
    for (const app of [{ get }, elsewhere])
      for (const cookie of cookies) expect((await app.get('/api/me', cookie)).status).toBe(200);
    const shown = await listed(alice.owner);
    expect(shown).toHaveLength(2);
    expect(shown[0]).toMatchObject({ owner: alice.owner, way: 'keys', role: 'member', key_id: alice.id });

    const path = `/api/admin/sign-ins/${encodeURIComponent(alice.owner)}`;
    expect(await (await send('DELETE', path, {}, by)).json()).toEqual({ ended: 2 });
    expect(await (await send('DELETE', path, {}, by)).json()).toEqual({ ended: 0 });
    expect(await listed(alice.owner)).toEqual([]);
    expect(await listed(bob.owner)).toHaveLength(1);
    await Bun.sleep(3100);
    for (const app of [{ get }, elsewhere])
      for (const cookie of cookies) await expectProblem(await app.get('/api/me', cookie), 401);
    expect((await get('/api/me', other)).status).toBe(200);
    const audit = await (await get(`/api/admin/audit?owner=${admin.owner}`, by)).json();
    expect(audit).toMatchObject([{ action: 'sign_in.ended', target: alice.owner, actor: admin.owner }]);
  });

  test('are ended one by one, whose they are, and the one that asks is told from the others', async () => {
    const { get, send, admin, by, signIn, listed } = await signedIn();
    const [alice, bob] = [await makeKey(database), await makeKey(database)];
    const [old, kept] = [await signIn(alice.key), await signIn(alice.key)];
    await signIn(bob.key);
    const [second, first] = await listed(alice.owner);
    const [others] = await listed(bob.owner);
    const end = async (id: string) =>
      (await send('DELETE', `/api/admin/sign-ins/${alice.owner}?id=${id}`, {}, by)).json();
    // Another's, and one that never was.
    for (const id of [others.id, randomUUID()]) expect(await end(id)).toEqual({ ended: 0 });
    expect(await listed(bob.owner)).toHaveLength(1);
    expect(await end(first.id.toUpperCase())).toEqual({ ended: 1 });
    expect(await end(first.id)).toEqual({ ended: 0 });
    expect(await listed(alice.owner)).toEqual([second]);
    await Bun.sleep(3100);
    await expectProblem(await get('/api/me', old), 401);
    expect((await get('/api/me', kept)).status).toBe(200);
    const audit = await (await get(`/api/admin/audit?owner=${admin.owner}`, by)).json();
    expect(audit).toMatchObject([
      { action: 'sign_in.ended', target: alice.owner, details: { sign_in: first.id } },
    ]);
    await expectInvalid(await send('DELETE', `/api/admin/sign-ins/${alice.owner}?id=x`, {}, by), [
      'query',
      'id',
    ]);

    const [mine] = [await signIn(admin.key), await signIn(admin.key)];
    const shown = await (await get(`/api/admin/sign-ins?owner=${admin.owner}`, mine)).json();
    expect(shown.map((one: { current: boolean }) => one.current)).toEqual([false, true]);
    for (const one of await listed(admin.owner)) expect(one.current).toBe(false);
  });

  test('come by pages, and without those that are no good', async () => {
    const { get, send, by, signIn, listed } = await signedIn();
    const { key, owner, id } = await makeKey(database);
    const out = await signIn(key);
    await send('POST', '/api/sign-out', {}, out);
    for (let n = 0; n < 3; n++) await signIn(key);
    const ids: string[] = [];
    let next: string | undefined = `/api/admin/sign-ins?limit=2&owner=${owner}`;
    while (next !== undefined) {
      const answer: Response = await get(next, by);
      ids.push(...(await answer.json()).map((one: { id: string }) => one.id));
      next = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(ids).toEqual((await listed(owner)).map((one: { id: string }) => one.id));
    expect(ids).toHaveLength(3);
    await send('DELETE', `/api/admin/keys/${id}`, {}, by);
    expect(await listed(owner)).toEqual([]);
    await expectInvalid(await get('/api/admin/sign-ins?cursor=x', by), ['query', 'cursor']);
  });

  test('are nobody else’s business', async () => {
    const { get, send } = await signedIn();
    const { key, owner } = await makeKey(database);
    const by = { authorization: `Bearer ${key}` };
    await expectProblem(await get(`/api/admin/sign-ins?owner=${owner}`, by), 403);
    await expectProblem(await send('DELETE', `/api/admin/sign-ins/${owner}`, {}, by), 403);
  });
});
