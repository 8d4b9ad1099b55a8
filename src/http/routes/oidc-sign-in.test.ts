// The way to the provider's sign-in and back, as far as no browser is needed.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { OidcSettings } from '../../access/oidc/oidc-settings.ts';
import { newProviderMemory } from '../../access/oidc/provider.ts';
import type { Database } from '../../db/database.ts';
import { createLog } from '../../log.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import { startIdentityProvider } from '../../testing/identity.ts';
import { identityVisitor } from '../../testing/identity-visitor.ts';
import { testApp } from '../../testing/test-app.ts';
import type { HttpSettings } from '../parts.ts';

onEachDatabase('the way to the provider', (open) => {
  let database: Database;
  let provider: Awaited<ReturnType<typeof startIdentityProvider>>;
  beforeAll(async () => {
    const at = (name: string) => `${name}@example.com`;
    const asked = {
      redirectUris: ['http://localhost/api/sign-in/oidc/callback'],
      logoutUris: ['http://localhost/'],
      claims: {
        carol: { email: at('carol'), email_verified: true },
        dave: { email: at('dave') },
        erin: { email: at('erin'), email_verified: false },
      },
    };
    [database, provider] = await Promise.all([open(), startIdentityProvider(asked)]);
  });
  afterAll(() => provider.stop());

  async function withSignIn(
    settings: Partial<HttpSettings & { admins: string[] }> = {},
    clientId: string | null = 'agentchat',
    change: Partial<OidcSettings> = {},
  ) {
    const oidc = provider.settings({
      clientId: clientId ?? undefined,
      ...(clientId === 'agentchat-public' ? { clientSecret: undefined } : {}),
      ...change,
    });
    const providerMemory = newProviderMemory();
    const lines: string[] = [];
    const { app, store } = await testApp(database, {
      settings: { ways: ['oidc'], oidc, ...settings },
      providerMemory,
      log: createLog({ level: 'warn', format: 'json', write: (line) => lines.push(line) }),
    });
    const address = randomUUID();
    const go = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      app.request(path, { method, headers }, { address });

    /** There and back, as somebody of this name in this browser; gives the page’s cookie. */
    async function signIn(name: string, browser = identityVisitor(provider.issuer)) {
      const there = await go('/api/sign-in/oidc?to=/docs');
      const back = await browser.signIn(there.headers.get('location') ?? '', name);
      const answer = await go(back, { cookie: keptOf(there).pair });
      const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('agentchat=')) ?? '';
      return { answer, cookie: cookie.split(';')[0] ?? '', back };
    }
    return { go, providerMemory, signIn, store, address, lines };
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

  test('makes an admin of whom the settings list, as long as they do', async () => {
    const name = randomUUID();
    const listed = await withSignIn({ admins: [name] });
    const { cookie } = await listed.signIn(name);
    const me = async ({ go }: typeof listed) => (await go('/api/me', { cookie })).json();
    expect(await me(listed)).toMatchObject({ owner: name, role: 'admin', way: 'oidc' });
    expect(await me(await withSignIn())).toMatchObject({ owner: name, role: 'member', way: 'oidc' });
  });

  test('brings nobody in by an address that the provider has not verified', async () => {
    const byAddress = () => withSignIn({}, 'agentchat', { ownerClaim: 'email', scopes: 'openid email' });
    for (const name of ['dave', 'erin']) {
      const { answer, cookie } = await (await byAddress()).signIn(name);
      expect([answer.headers.get('location'), cookie]).toEqual(['/?sign_in_error=email_unverified', '']);
    }
    const { go, signIn } = await byAddress();
    const { cookie } = await signIn('carol');
    expect(await (await go('/api/me', { cookie })).json()).toMatchObject({ owner: 'carol@example.com' });
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

  for (const client of ['agentchat', 'agentchat-public'])
    test(`lets in who comes back from it (${client}), whether the client has a secret or PKCE alone`, async () => {
      const { go, signIn } = await withSignIn({}, client);
      const name = randomUUID();
      const { answer, cookie, back } = await signIn(name);
      expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs']);
      expect(await (await go('/api/me', { cookie })).json()).toMatchObject({ owner: name, way: 'oidc' });
      // The same code with another way there: its challenge is not met.
      const other = keptOf(await go('/api/sign-in/oidc'));
      const forged = new URL(back);
      forged.searchParams.set('state', other.kept.state);
      const refused = await go(forged.href, { cookie: other.pair });
      expect(refused.headers.get('location')).toBe('/?sign_in_error=provider_failed');
    });

  test('goes on at no page but ours, also where the browser says another when it is back', async () => {
    const { go } = await withSignIn();
    for (const to of ['//evil.example', 'https://evil.example/', '/\\evil.example']) {
      const there = await go('/api/sign-in/oidc');
      const { pair, kept } = keptOf(there);
      const address = there.headers.get('location') ?? '';
      const back = await identityVisitor(provider.issuer).signIn(address, randomUUID());
      const changed = `${pair.split('=')[0]}=${encodeURIComponent(JSON.stringify({ ...kept, to }))}`;
      expect((await go(back, { cookie: changed })).headers.get('location')).toBe('/');
    }
  });

  test('is no way in where our secret is wrong, and the log says so', async () => {
    const { signIn, lines } = await withSignIn({}, 'agentchat', { clientSecret: 'wrong' });
    const { answer, cookie } = await signIn(randomUUID());
    expect([answer.headers.get('location'), cookie]).toEqual(['/?sign_in_error=provider_failed', '']);
    expect(lines.join()).toContain('OIDC_CLIENT_SECRET');
  });

  test('signing out ends the cookie here, and leads to where the provider ends its own and back', async () => {
    const { go, signIn } = await withSignIn();
    const browser = identityVisitor(provider.issuer);
    const { cookie } = await signIn(randomUUID(), browser);
    const wayThere = async () => (await go('/api/sign-in/oidc')).headers.get('location') ?? '';
    expect(await browser.isSignedIn(await wayThere())).toBe(true);
    const out = await go('/api/sign-out', { cookie }, 'POST');
    const { redirect } = await out.json();
    expect(redirect).toStartWith(`${provider.issuer}/session/end?`);
    await expectProblem(await go('/api/me', { cookie }), 401);
    expect(await browser.signOut(redirect)).toBe('http://localhost/');
    expect(await browser.isSignedIn(await wayThere())).toBe(false);
    // Nobody is led there whose sign-in was over, or was none.
    for (const headers of [{ cookie }, {}])
      expect(await (await go('/api/sign-out', headers, 'POST')).json()).toEqual({
        success: true,
        redirect: null,
      });
  });

  test('is over for a while for an address from which too many came back with what is wrong', async () => {
    const { go, signIn, store, address } = await withSignIn();
    const wrong = async () => {
      const begun = keptOf(await go('/api/sign-in/oidc'));
      const query = `state=${begun.kept.state}&code=made-up&iss=${encodeURIComponent(provider.issuer)}`;
      return (await go(`/api/sign-in/oidc/callback?${query}`, { cookie: begun.pair })).headers.get(
        'location',
      );
    };
    for (let n = 0; n < 10; n++) expect(await wrong()).toBe('/?sign_in_error=provider_failed');
    await provider.be();
    expect(await wrong()).toBe('/?sign_in_error=too_many_attempts');
    // The provider is not asked any more.
    expect((await provider.asked())['/token']).toBeUndefined();
    const { answer, cookie } = await signIn(randomUUID());
    expect([answer.headers.get('location'), cookie]).toEqual(['/?sign_in_error=too_many_attempts', '']);
    const entries = await store.audit.list({ limit: 1000, action: 'sign_in.refused' });
    expect(entries.filter((entry) => entry.address === address)).toHaveLength(10);
    const elsewhere = await withSignIn();
    expect((await elsewhere.signIn(randomUUID())).answer.headers.get('location')).toBe('/docs');
  });
});
