// Cookies that nobody was given: an old one is no attempt, but so many different ones are.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { newToken } from '../access/secrets.ts';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('cookies', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function withKeys() {
    const { app, send, store } = await testApp(database, { settings: { ways: ['keys'] } });
    const address = randomUUID();
    const call = async (cookie: string, from = address, headers: Record<string, string> = {}) =>
      app.request('/api/me', { headers: { cookie, ...headers } }, { address: from });
    const signedIn = async () => {
      const { key } = await makeKey(database);
      const answer = await send('POST', '/api/sign-in', { key });
      return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    };
    const strange = () => `agentchat=${newToken()}`;
    return { call, signedIn, strange, address, store };
  }

  test('that are old shut nobody out, however often they come', async () => {
    const { call, signedIn, strange } = await withKeys();
    const [old, good] = [strange(), await signedIn()];
    for (let n = 0; n < 150; n++) await expectProblem(await call(old), 401);
    expect((await call(good)).status).toBe(200);
  });

  test('that are made up are looked up no more after a hundred a minute, but those that are known are good', async () => {
    const { call, signedIn, strange, address, store } = await withKeys();
    const [known, unknown] = [await signedIn(), await signedIn()];
    const { key } = await makeKey(database);
    expect((await call(known)).status).toBe(200);
    for (let n = 0; n < 100; n++) await expectProblem(await call(strange()), 401);
    const refused = await call(strange());
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectProblem(refused, 429);
    // This process has not seen it, so it cannot tell it from those.
    await expectProblem(await call(unknown), 429);
    expect((await call(unknown, randomUUID())).status).toBe(200);
    expect((await call(known)).status).toBe(200);
    expect((await call('', address, { 'x-api-key': key })).status).toBe(200);
    const written = await store.audit.list({ limit: 100, action: 'access.refused' });
    expect(written.filter((one) => one.address === address)).toMatchObject([
      { way: null, details: { reason: 'too many cookies that nobody has' } },
    ]);
  });
});
