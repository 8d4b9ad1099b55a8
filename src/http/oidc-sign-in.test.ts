// The way to the provider's sign-in and back, as far as no browser is needed.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { newProviderMemory } from '../access/oidc/provider.ts';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { startIdentityProvider } from '../testing/identity.ts';
import { testApp } from '../testing/test-app.ts';
import type { HttpSettings } from './parts.ts';

onEachDatabase('the way to the provider', (open) => {
  let database: Database;
  let provider: Awaited<ReturnType<typeof startIdentityProvider>>;
  beforeAll(async () => {
    [database, provider] = await Promise.all([open(), startIdentityProvider()]);
  });
  afterAll(() => provider.stop());

  async function withSignIn(settings: Partial<HttpSettings> = {}, clientId: string | null = 'agentchat') {
    const oidc = {
      issuer: provider.issuer,
      clientId: clientId ?? undefined,
      clientSecret: 'agentchat-secret',
      audiences: ['agentchat'],
      scopes: 'openid',
      ownerClaim: 'sub',
      rolesClaim: undefined,
      adminRoles: [],
      viewerRoles: [],
    };
    const providerMemory = newProviderMemory();
    const { app } = await testApp(database, {
      settings: { ways: ['oidc'], oidc, ...settings },
      providerMemory,
    });
    const address = randomUUID();
    const go = (path: string, headers: Record<string, string> = {}) =>
      app.request(path, { headers }, { address });
    return { go, providerMemory };
  }

  /** What the browser keeps of the way there. */
  const keptOf = (answer: Response) => {
    const [cookie = ''] = answer.headers.getSetCookie();
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    return { cookie, pair: `${name}=${value}`, kept: JSON.parse(decodeURIComponent(value)) };
  };

  test('has a state, a nonce and a challenge of its own each time', async () => {
    const { go } = await withSignIn();
    const answers = await Promise.all([go('/api/sign-in/oidc'), go('/api/sign-in/oidc')]);
    const seen = new Set<string | null>();
    for (const answer of answers) {
      expect(answer.status).toBe(302);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const to = new URL(answer.headers.get('location') ?? '');
      expect(to.href).toStartWith(`${provider.issuer}/auth?`);
      expect(Object.fromEntries(to.searchParams)).toMatchObject({
        response_type: 'code',
        client_id: 'agentchat',
        redirect_uri: 'http://localhost/api/sign-in/oidc/callback',
        code_challenge_method: 'S256',
        scope: 'openid',
      });
      for (const name of ['state', 'nonce', 'code_challenge']) seen.add(to.searchParams.get(name));
      const { cookie, kept } = keptOf(answer);
      expect(cookie).toMatch(
        /^agentchat_oidc_[\w-]{12}=.*Max-Age=600; Path=\/api\/sign-in\/oidc; HttpOnly; SameSite=Lax$/,
      );
      expect(to.href).not.toContain(kept.verifier);
    }
    expect(seen.size).toBe(6);
  });

  test('leads back to where people reach the page', async () => {
    for (const [settings, headers, expected] of [
      [{}, { 'x-forwarded-proto': 'https', host: 'chat.localhost' }, 'https://chat.localhost'],
      [{}, { 'x-forwarded-prefix': '/agentchat' }, 'http://localhost/agentchat'],
      [{ basePath: '/agentchat' }, {}, 'http://localhost/agentchat'],
      [
        { publicUrl: 'https://chat.example.com' },
        { 'x-forwarded-proto': 'http' },
        'https://chat.example.com',
      ],
      [{ publicUrl: 'https://chat.example.com', basePath: '/a' }, {}, 'https://chat.example.com/a'],
      [{ publicUrl: 'https://chat.example.com/b' }, {}, 'https://chat.example.com/b'],
      // What anybody may say of the host is nothing.
      [{}, { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }, 'http://localhost'],
    ] as const) {
      const { go } = await withSignIn(settings);
      const answer = await go('/api/sign-in/oidc', headers);
      const to = new URL(answer.headers.get('location') ?? '');
      expect(to.searchParams.get('redirect_uri')).toBe(`${expected}/api/sign-in/oidc/callback`);
      const { cookie } = keptOf(answer);
      expect(cookie.includes('Secure')).toBe(expected.startsWith('https'));
      expect(cookie).toContain(`Path=${new URL(expected).pathname.replace(/\/$/, '')}/api/sign-in/oidc;`);
    }
  });

  test('goes on at no page but ours', async () => {
    for (const [basePath, to, expected] of [
      ['', '/', '/'],
      ['', '/?session=x#/y', '/?session=x#/y'],
      ['', '/docs', '/docs'],
      ['', '//evil.example', '/'],
      ['', '///evil.example', '/'],
      ['', '/.//evil.example', '/'],
      ['', '/x/..//evil.example', '/'],
      ['', '/\\evil.example', '/'],
      ['', '\\\\evil.example', '/'],
      ['', '/\t/evil.example', '/'],
      ['', '/\n/evil.example', '/'],
      ['', 'https:evil.example', '/'],
      ['', 'https://evil.example/', '/'],
      ['', 'javascript:alert(1)', '/'],
      ['', 'evil.example', '/'],
      ['', '%2F%2Fevil.example', '/'],
      ['', '/%2F%2Fevil.example', '/%2F%2Fevil.example'],
      ['', '/%5Cevil.example', '/%5Cevil.example'],
      ['', '@evil.example', '/'],
      ['', '/api/sign-in/oidc', '/'],
      ['', `/${'x'.repeat(2000)}`, '/'],
      ['/agentchat', '/agentchat/?session=x', '/agentchat/?session=x'],
      ['/agentchat', '/', '/agentchat/'],
      ['/agentchat', '/elsewhere', '/agentchat/'],
      ['/agentchat', '/agentchat/../elsewhere', '/agentchat/'],
      ['/agentchat', '/agentchat.evil/', '/agentchat/'],
      ['/agentchat', '/agentchat/api/me', '/agentchat/'],
    ] as const) {
      const { go } = await withSignIn({ basePath });
      const { kept } = keptOf(await go(`/api/sign-in/oidc?to=${encodeURIComponent(to)}`));
      expect([to, kept.to]).toEqual([to, expected]);
    }
  });

  test('leads back with a code from a list, whatever comes', async () => {
    const { go } = await withSignIn();
    const begun = keptOf(await go('/api/sign-in/oidc'));
    const { state } = begun.kept;
    const iss = encodeURIComponent(provider.issuer);
    const back = (query: string, cookie?: string) =>
      go(`/api/sign-in/oidc/callback?${query}`, cookie === undefined ? {} : { cookie });
    for (const [query, cookie, code] of [
      ['', undefined, 'expired'],
      [`state=${state}&code=x&iss=${iss}`, undefined, 'expired'],
      [`state=${state}&code=x&iss=${iss}`, `${begun.pair.split('=')[0]}=nonsense`, 'expired'],
      [`state=${state}&code=x&iss=${iss}`, begun.pair, 'provider_failed'],
      [`state=${state}&code=x&iss=https://evil.example`, begun.pair, 'provider_failed'],
      [`state=${state}&code=x`, begun.pair, 'provider_failed'],
      [`state=${state}x&code=x&iss=${iss}`, begun.pair, 'provider_failed'],
      [`state=${state}&state=${state}&code=x&iss=${iss}`, begun.pair, 'provider_failed'],
      [`state=${state}&error=access_denied&iss=${iss}`, begun.pair, 'access_denied'],
      [
        `state=${state}&error=%0d%0aevil&error_description=<script>&iss=${iss}`,
        begun.pair,
        'provider_failed',
      ],
    ] as const) {
      const answer = await back(query, cookie);
      expect([answer.status, query, answer.headers.get('location')]).toEqual([
        302,
        query,
        `/?sign_in_error=${code}`,
      ]);
      expect(answer.headers.getSetCookie().filter((one) => one.startsWith('agentchat='))).toEqual([]);
    }
  });

  test('may be begun and ended by a link of another site, as providers do, and by nothing else', async () => {
    const { go } = await withSignIn();
    const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    for (const path of ['/api/sign-in/oidc', '/api/sign-in/oidc/callback'])
      expect((await go(path, foreign)).status).toBe(302);
    await expectProblem(await go('/api/me', foreign), 403);
  });

  test('is none where the provider knows us not, or where it is away', async () => {
    const { go: without } = await withSignIn({}, null);
    const { go, providerMemory } = await withSignIn();
    await expectProblem(await without('/api/sign-in/oidc'), 404);
    await provider.away();
    const answer = await go('/api/sign-in/oidc?to=/docs');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/?sign_in_error=provider_away']);
    await provider.back();
    providerMemory.metadata.triedAt = 0;
    expect((await go('/api/sign-in/oidc')).headers.get('location')).toStartWith(provider.issuer);
  });
});
