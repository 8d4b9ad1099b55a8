// What comes all at once is counted as what comes one by one: no more of it is looked at than may be wrong.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { newKey, newToken } from '../access/secrets.ts';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { startIdentityProvider } from '../testing/identity.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('at once', (open) => {
  let database: Database;
  let provider: Awaited<ReturnType<typeof startIdentityProvider>>;
  beforeAll(async () => {
    const redirectUris = ['http://localhost/api/sign-in/oidc/callback'];
    [database, provider] = await Promise.all([open(), startIdentityProvider({ redirectUris })]);
  });
  afterAll(() => provider.stop());

  async function asked() {
    const oidc = provider.settings();
    const { app, store } = await testApp(database, { settings: { ways: ['keys', 'oidc'], oidc } });
    const address = randomUUID();
    const call = async (path: string, headers: Record<string, string> = {}) =>
      app.request(path, { headers }, { address });
    const bring = (key: string) => call('/api/me', { authorization: `Bearer ${key}` });
    return { call, bring, app, store };
  }

  /** How many answers there were of each status. */
  async function statuses(answers: Promise<Response>[]): Promise<Record<number, number>> {
    const counts: Record<number, number> = {};
    for (const { status } of await Promise.all(answers)) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }
  const many = <T>(count: number, make: (n: number) => T): T[] =>
    Array.from({ length: count }, (_, n) => make(n));

  test('ten wrong keys are looked up, and the rest has to wait', async () => {
    const { bring } = await asked();
    expect(await statuses(many(300, () => bring(newKey())))).toEqual({ 401: 10, 429: 290 });
  });

  test('a good key of which this process does not know comes in however often it comes', async () => {
    const { bring } = await asked();
    const { key } = await makeKey(database);
    expect(await statuses(many(200, () => bring(key)))).toEqual({ 200: 200 });
  }, 20_000);

  test('good keys of which this process knows none all come in', async () => {
    const { bring } = await asked();
    const keys = await Promise.all(many(50, () => makeKey(database)));
    expect(await statuses(keys.map(({ key }) => bring(key)))).toEqual({ 200: 50 });
    // Also beside some that are wrong.
    const { bring: bringNext } = await asked();
    const mixed = keys.flatMap(({ key }, n) => (n < 9 ? [newKey(), key] : [key]));
    expect(await statuses(mixed.map(bringNext))).toEqual({ 200: 50, 401: 9 });
  });

  test('a hundred made-up cookies are looked up', async () => {
    const { call } = await asked();
    const tried = many(250, () => call('/api/me', { cookie: `agentchat=${newToken()}` }));
    expect(await statuses(tried)).toEqual({ 401: 100, 429: 150 });
  });

  test('the provider is asked of ten ways back that nobody went', async () => {
    const { call } = await asked();
    await provider.be({});
    const back = async (n: number) => {
      const state = `${n}`.padStart(12, 'x');
      const kept = JSON.stringify({ state, nonce: 'n', verifier: 'v'.repeat(43), to: '/' });
      return call(
        `/api/sign-in/oidc/callback?state=${state}&code=x&iss=${encodeURIComponent(provider.issuer)}`,
        {
          cookie: `agentchat_oidc_${state}=${encodeURIComponent(kept)}`,
        },
      );
    };
    const answers = await Promise.all(many(60, back));
    const codes = answers.map((answer) => answer.headers.get('location')?.split('=')[1]);
    expect(codes.filter((code) => code === 'provider_failed')).toHaveLength(10);
    expect(codes.filter((code) => code === 'too_many_attempts')).toHaveLength(50);
    expect((await provider.asked())['/token']).toBe(10);
  });
});
