// Who was refused is written down: what goes on for hours once an hour, what is tried when it begins and when it has to
// stop, and each sign-in on the page.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { startIdentityProvider } from '../testing/identity.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';

onEachDatabase('the audit', (open) => {
  let database: Database;
  let provider: Awaited<ReturnType<typeof startIdentityProvider>>;
  beforeAll(async () => {
    [database, provider] = await Promise.all([open(), startIdentityProvider()]);
  });
  afterAll(() => provider.stop());

  async function asked() {
    const oidc = provider.settings({ clientSecret: undefined });
    const proxy = { header: 'x-user', from: ['10.0.0.0/8'] };
    const { app, store } = await testApp(database, {
      settings: { ways: ['proxy', 'keys', 'oidc'], oidc, proxy },
    });
    const address = randomUUID();
    const call = async (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
      app.request(path, { headers, ...init }, { address });
    const signIn = (key: string) =>
      call(
        '/api/sign-in',
        { 'content-type': 'application/json' },
        { method: 'POST', body: JSON.stringify({ key }) },
      );
    /** What was written of this address, in its order. */
    const written = async () =>
      (await store.audit.list({ limit: 1000 }))
        .filter((one) => one.address === address)
        .map(({ way, action, details }) => [action, way, details])
        .reverse();
    return { call, signIn, written };
  }
  const refused = 'access.refused';
  const signInRefused = 'sign_in.refused';

  test('has tokens that are of no use here, each reason once', async () => {
    const { call, written } = await asked();
    const expired = await provider.token({ exp: 1 });
    const foreign = await provider.token({ aud: 'another' });
    for (const token of [expired, foreign, expired, foreign])
      expect((await call('/api/me', { authorization: `Bearer ${token}` })).status).toBe(401);
    expect(await written()).toEqual([
      [refused, 'oidc', { reason: 'it has expired' }],
      [refused, 'oidc', { reason: 'its claim aud is not what it must be' }],
    ]);
  });

  test('has the proxy’s header from elsewhere, once', async () => {
    const { call, written } = await asked();
    for (let n = 0; n < 3; n++) expect((await call('/api/me', { 'x-user': 'alice' })).status).toBe(401);
    const reason = 'the proxy’s header came from an address not in AUTH_PROXY_FROM';
    expect(await written()).toEqual([[refused, 'proxy', { reason }]]);
  });

  test('has a service’s key on the page, once, and each key there that is wrong', async () => {
    const { signIn, written } = await asked();
    const { key } = await makeKey(database, { role: 'service' });
    for (let n = 0; n < 2; n++) expect((await signIn(key)).status).toBe(403);
    for (let n = 0; n < 3; n++) expect((await signIn(`ack_${n}`)).status).toBe(401);
    expect(await written()).toEqual([
      [signInRefused, 'keys', { reason: 'a key of a service' }],
      ...Array.from({ length: 3 }, () => [signInRefused, 'keys', {}]),
    ]);
  });

  test('has each sign-in that the provider does not vouch for, and who was on no way there once', async () => {
    const { call, written } = await asked();
    const back = '/api/sign-in/oidc/callback?code=x&state=';
    for (let n = 0; n < 2; n++) await call(`${back}none`);
    for (let n = 0; n < 3; n++) {
      const [set = ''] = (await call('/api/sign-in/oidc')).headers.getSetCookie();
      const cookie = set.split(';')[0] ?? '';
      const { state } = JSON.parse(decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)));
      await call(`${back}${state}`, { cookie });
    }
    expect(await written()).toEqual([
      [signInRefused, 'oidc', { reason: 'expired' }],
      ...Array.from({ length: 3 }, () => [signInRefused, 'oidc', { reason: 'provider_failed' }]),
    ]);
  });
});
