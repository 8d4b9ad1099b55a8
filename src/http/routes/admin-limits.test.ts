// Whose limits an admin may look at, set and take back.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectInvalid, expectProblem } from '../../testing/expect-problem.ts';
import { makeKey } from '../../testing/keys.ts';
import { newOwner } from '../../testing/owners.ts';
import { testApp } from '../../testing/test-app.ts';

onEachDatabase('limits', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('are nobody’s whom there is not, but may be set for who is to come', async () => {
    const { calledBy } = await testApp(database);
    const admin = calledBy(await newOwner(database), 'admin');
    const name = `to come ${randomUUID()}`;
    const path = `/api/admin/limits/${encodeURIComponent(name)}`;
    const owners = async () => (await admin.get(`/api/admin/owners?q=${encodeURIComponent(name)}`)).json();
    for (const method of ['GET', 'DELETE']) {
      const { type } = await expectProblem(await admin.request(path, { method }), 404);
      expect(type).toEndWith('owner_not_found');
    }
    await expectProblem(await admin.send('PUT', `${path}?key=${randomUUID()}`, { turns_per_day: 1 }), 404);
    expect(await owners()).toEqual([]);
    expect((await admin.send('PUT', path, { turns_per_day: 1 })).status).toBe(200);
    expect(await owners()).toMatchObject([{ name }]);
    for (const key of [randomUUID(), (await makeKey(database)).id])
      for (const method of ['GET', 'DELETE']) {
        const { type } = await expectProblem(await admin.request(`${path}?key=${key}`, { method }), 404);
        expect(type).toEndWith('key_not_found');
      }
    for (const method of ['GET', 'DELETE', 'DELETE', 'GET'])
      expect((await admin.request(path, { method })).status).toBe(200);
    expect(await (await admin.get('/api/admin/limits/*')).json()).toMatchObject({ owner: '*', key: null });
    for (const wrong of ['%20', 'a%07b', 'x'.repeat(201)])
      for (const method of ['GET', 'PUT', 'DELETE'])
        await expectProblem(
          await admin.request(`/api/admin/limits/${wrong}`, {
            method,
            headers: { 'content-type': 'application/json' },
            ...(method === 'PUT' ? { body: '{"turns_per_day":1}' } : {}),
          }),
          422,
        );
    await expectInvalid(await admin.send('POST', '/api/admin/keys', { owner: '*' }), ['body', 'owner']);
  });

  test('of which none is one are refused, and change nothing', async () => {
    const { calledBy } = await testApp(database);
    const admin = calledBy(await newOwner(database), 'admin');
    const path = `/api/admin/limits/${randomUUID()}`;
    expect((await admin.send('PUT', path, { turns_per_day: 1 })).status).toBe(200);
    await expectProblem(await admin.send('PUT', path, { foo: 1 }), 422);
    await expectInvalid(await admin.send('PUT', path, {}), ['body']);
    expect(await (await admin.get(path)).json()).toMatchObject({ turns_per_day: 1, running_turns: null });
    // Who says so is limited in nothing, nor by the default.
    expect((await admin.send('PUT', path, { turns_per_day: null })).status).toBe(200);
    expect(await (await admin.get(path)).json()).toMatchObject({
      turns_per_day: null,
      updated_at: expect.any(String),
    });
  });

  test('shut no admin out who may lift them', async () => {
    const { get, send } = await testApp(database, { settings: { ways: ['keys'] } });
    const [admin, member] = [await makeKey(database, { role: 'admin' }), await makeKey(database)];
    const as = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });
    for (const { owner } of [admin, member])
      expect(
        (await send('PUT', `/api/admin/limits/${owner}`, { requests_per_minute: 0 }, as(admin))).status,
      ).toBe(200);
    await send(
      'PUT',
      `/api/admin/limits/${admin.owner}?key=${admin.id}`,
      { requests_per_minute: 0 },
      as(admin),
    );
    await Bun.sleep(3100);
    for (const path of ['/api/me', '/api/admin/keys', '/api/admin/limits'])
      expect([path, (await get(path, as(admin))).status]).toEqual([path, 200]);
    await expectProblem(await get('/api/sessions', as(admin)), 429);
    await expectProblem(await get('/api/me', as(member)), 429);
    await expectProblem(await get('/api/admin/keys', as(member)), 429);
    const lifted = await send(
      'PUT',
      `/api/admin/limits/${admin.owner}`,
      { requests_per_minute: null },
      as(admin),
    );
    expect(lifted.status).toBe(200);
  });
});
