// Who is let in by a token of an OpenID Connect provider, which is a process of its own here.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose';
import type { OidcSettings } from '../access/oidc/oidc-settings.ts';
import { newProviderMemory } from '../access/oidc/provider.ts';
import type { Database } from '../db/database.ts';
import { createLog } from '../log.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { newSigningKey, startIdentityProvider } from '../testing/identity.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';
import type { Way } from '../words/access.ts';

onEachDatabase('a token of the provider', (open) => {
  let database: Database;
  let provider: Awaited<ReturnType<typeof startIdentityProvider>>;
  beforeAll(async () => {
    [database, provider] = await Promise.all([open(), startIdentityProvider()]);
  });
  afterAll(() => provider.stop());

  type Change = Partial<OidcSettings> & { ways?: Way[]; admins?: string[] };

  async function withTokens({ ways = ['oidc'], admins = [], ...change }: Change = {}) {
    const oidc = provider.settings({ clientSecret: undefined, ...change });
    const lines: string[] = [];
    const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) });
    const providerMemory = newProviderMemory();
    const { app, store } = await testApp(database, { settings: { ways, admins, oidc }, log, providerMemory });
    // Each caller has an address of its own, so that none has to wait for what another tried.
    const from = randomUUID();
    const call = (token: string, path = '/api/me', address: string = from) =>
      app.request(path, { headers: { authorization: `Bearer ${token}` } }, { address });
    const reasons = () =>
      lines.map((line) => JSON.parse(line).reason).filter((reason) => reason !== undefined);
    return { call, store, reasons, lines, memory: providerMemory, from };
  }

  test('names its owner, and is asked for no more than once', async () => {
    await provider.be();
    const { call } = await withTokens();
    const sub = `李 ${randomUUID()}`;
    const token = await provider.token({ sub });
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(token)));
    for (const answer of answers)
      expect(await answer.json()).toMatchObject({ owner: sub, role: 'member', way: 'oidc' });
    expect(await provider.asked()).toEqual({ '/.well-known/openid-configuration': 1, '/jwks': 1 });
  });

  test('of the provider’s own making lets in', async () => {
    const { call } = await withTokens({ audiences: ['urn:agentchat'] });
    const answer = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('agentchat:agentchat-secret')}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: 'urn:agentchat',
        scope: 'chat',
      }),
    });
    const { access_token: token } = await answer.json();
    expect(await (await call(token)).json()).toMatchObject({ owner: 'agentchat', way: 'oidc' });
  });

  test('that anybody could have made is refused, and so is one that is not for us, not now, or not to call with', async () => {
    const stranger = await newSigningKey(provider.key.kid);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: provider.issuer, aud: 'agentchat', sub: 'alice', exp: now + 600 };
    const publicKey = new TextEncoder().encode(await exportSPKI(provider.key.publicKey));
    const good = await provider.token();
    const bad: [reason: RegExp, token: string][] = [
      [/no signed JWT|algorithm/, new UnsecuredJWT(claims).encode()],
      [
        /algorithm/,
        await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(publicKey),
      ],
      [/signature/, await provider.token({}, { by: stranger })],
      [/signature/, `${good.slice(0, -8)}AAAAAAAA`],
      [/no signed JWT/, 'nonsense'],
      [/no signed JWT/, `${'x'.repeat(20_000)}.x.x`],
      [/claim aud/, await provider.token({ aud: 'another' })],
      [/claim aud/, await provider.token({ aud: [] })],
      [/claim iss/, await provider.token({ iss: 'https://elsewhere.example' })],
      [/expired/, await provider.token({ exp: now - 60 })],
      [
        /claim exp/,
        await new SignJWT({ iss: claims.iss, aud: claims.aud, sub: claims.sub })
          .setProtectedHeader({ alg: 'RS256', kid: 'first' })
          .sign(provider.key.privateKey),
      ],
      [/claim nbf/, await provider.token({ nbf: now + 60 })],
      [/ID token/, await provider.token({ nonce: 'n' }, { header: { typ: 'JWT' } })],
      [/ID token/, await provider.token({ at_hash: 'x' }, { header: { typ: 'JWT' } })],
      [/typ/, await provider.token({}, { header: { typ: 'logout+jwt' } })],
      [/claim typ/, await provider.token({ typ: 'Refresh' })],
      [
        /event/,
        await provider.token(
          { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
          { header: { typ: 'JWT' } },
        ),
      ],
      [/bound to a key/, await provider.token({ cnf: { jkt: 'x' } })],
    ];
    for (const [reason, token] of bad) {
      const { call, reasons, lines } = await withTokens();
      const answer = await call(token);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="AgentChat", error="invalid_token"');
      await expectProblem(answer, 401);
      expect(reasons()).toEqual([expect.stringMatching(reason)]);
      expect(lines.join('')).not.toContain(token.slice(0, 200));
    }
    // A clock may be a little wrong.
    const { call } = await withTokens();
    expect((await call(await provider.token({ exp: now - 5, nbf: now + 5 }))).status).toBe(200);
  });

  test('that names nobody is refused, and the log says why', async () => {
    const longest = 'x'.repeat(200);
    for (const [sub, reason] of [
      [undefined, /missing/],
      ['', /1 to 200 characters/],
      ['  ', /begins with a space/],
      [7, /no string/],
      [['alice'], /no string/],
      [`${longest}x`, /1 to 200 characters/],
      ['a\u0000b', /has a control character/],
    ] as const) {
      const { call, reasons } = await withTokens({ ownerClaim: 'preferred_username' });
      await expectProblem(await call(await provider.token({ preferred_username: sub })), 401);
      expect(reasons()).toEqual([expect.stringMatching(reason)]);
    }
    const { call } = await withTokens({ ownerClaim: 'preferred_username' });
    expect((await call(await provider.token({ preferred_username: longest }))).status).toBe(200);
    const byAddress = await withTokens({ ownerClaim: 'email' });
    const email = `${randomUUID()}@example.com`;
    expect((await byAddress.call(await provider.token({ email, email_verified: true }))).status).toBe(200);
    for (const email_verified of [false, undefined, 'true', 1]) {
      const { call, reasons } = await withTokens({ ownerClaim: 'email' });
      await expectProblem(await call(await provider.token({ email, email_verified })), 401);
      expect(reasons()).toEqual([expect.stringMatching(/email_verified is not true/)]);
    }
    // Whose all is that was there before anybody signed in.
    const { call: callAs, reasons } = await withTokens();
    await expectProblem(await callAs(await provider.token({ sub: 'local' })), 401);
    expect(reasons()).toEqual([expect.stringMatching(/AUTH=none/)]);
  });

  test('says the role, by a claim or by who it is', async () => {
    const settings = { adminRoles: ['boss'], viewerRoles: ['guest'] };
    const sub = randomUUID();
    const roleBy = async (change: Change, claims: object) => {
      const { call } = await withTokens({ ...settings, ...change });
      return (await (await call(await provider.token({ sub, ...claims }))).json()).role;
    };
    const nested = { rolesClaim: 'realm_access.roles' };
    expect(await roleBy(nested, { realm_access: { roles: ['x', 'boss'] } })).toBe('admin');
    expect(await roleBy(nested, { realm_access: { roles: ['guest'] } })).toBe('viewer');
    expect(await roleBy(nested, { realm_access: { roles: ['guest', 'boss'] } })).toBe('admin');
    expect(await roleBy(nested, { realm_access: { roles: ['x', 7, null] } })).toBe('member');
    expect(await roleBy(nested, { realm_access: 'boss' })).toBe('member');
    expect(await roleBy({ rolesClaim: 'groups' }, { groups: 'boss' })).toBe('admin');
    expect(
      await roleBy({ rolesClaim: 'https://example.com/roles' }, { 'https://example.com/roles': ['guest'] }),
    ).toBe('viewer');
    expect(await roleBy({}, { groups: ['boss'] })).toBe('member');
    expect(await roleBy({ admins: [sub] }, {})).toBe('admin');
  });

  test('with a key that is not known has the keys fetched once more, however many come', async () => {
    const stranger = await newSigningKey('made up');
    await provider.be();
    const { call, memory } = await withTokens();
    expect((await call(await provider.token())).status).toBe(200);
    const token = await provider.token({}, { by: stranger });
    const many = () =>
      Promise.all(Array.from({ length: 9 }, (_, n) => call(token, '/api/me', `203.0.113.${n}`)));
    for (const answer of await many()) await expectProblem(answer, 401);
    expect((await provider.asked())['/jwks']).toBe(1);
    // A while later.
    memory.keys.triedAt = 0;
    for (const answer of await many()) await expectProblem(answer, 401);
    for (const answer of await many()) await expectProblem(answer, 401);
    expect((await provider.asked())['/jwks']).toBe(2);
  });

  test('that is signed with the next key is good at once, and the old one no longer than keys are kept', async () => {
    const next = await newSigningKey('second');
    const { call, memory } = await withTokens();
    const old = await provider.token();
    expect((await call(old)).status).toBe(200);
    await provider.be({ keys: [next] });
    memory.keys.triedAt = 0;
    expect((await call(await provider.token({}, { by: next }))).status).toBe(200);
    await expectProblem(await call(old), 401);
    await provider.be({ keys: [provider.key] });
  });

  test('is good while the provider is away, as far as its keys are known; else nobody can tell', async () => {
    const known = await withTokens();
    const token = await provider.token();
    expect((await known.call(token)).status).toBe(200);
    const unknown = await withTokens();
    const stranger = await newSigningKey('made up');
    await provider.away();
    try {
      // Keys that should be fetched again by now.
      Object.assign(known.memory.keys, { fetchedAt: Date.now() - 3_600_000, triedAt: 0 });
      for (let n = 0; n < 3; n++) expect((await known.call(token)).status).toBe(200);
      const away = [await known.call(await provider.token({}, { by: stranger })), await unknown.call(token)];
      for (const answer of away) {
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        await expectProblem(answer, 503);
      }
      // Nobody is let in by keys that are a day old.
      known.memory.keys.fetchedAt = Date.now() - 25 * 3_600_000;
      await expectProblem(await known.call(token), 503);
    } finally {
      await provider.back();
    }
    unknown.memory.metadata.triedAt = 0;
    unknown.memory.keys.triedAt = 0;
    expect((await unknown.call(token)).status).toBe(200);
  });

  test('waits not long for a provider that is slow, and not at all for keys that are known', async () => {
    const known = await withTokens();
    const token = await provider.token();
    expect((await known.call(token)).status).toBe(200);
    const unknown = await withTokens();
    await provider.be({ delayMs: 8000 });
    Object.assign(known.memory.keys, { fetchedAt: Date.now() - 3_600_000, triedAt: 0 });
    expect((await known.call(token)).status).toBe(200);
    await expectProblem(await unknown.call(token), 503);
    await provider.be();
  }, 20_000);

  test('goes its own way where there are keys too', async () => {
    const { call } = await withTokens({ ways: ['keys', 'oidc'] });
    const { key, owner } = await makeKey(database);
    const sub = randomUUID();
    expect(await (await call(key)).json()).toMatchObject({ owner, way: 'keys' });
    expect(await (await call(await provider.token({ sub }))).json()).toMatchObject({
      owner: sub,
      way: 'oidc',
    });
    await expectProblem(await call('ack_wrong'), 401);
    await expectProblem(await call(await provider.token({ aud: 'another' })), 401);
  });

  test('that nobody signed is an attempt, of which an address has ten a minute; one that has expired is none', async () => {
    const { call, store, from } = await withTokens();
    const expired = await provider.token({ exp: 1 });
    for (let n = 0; n < 12; n++) await expectProblem(await call(expired), 401);
    for (let n = 0; n < 10; n++) await expectProblem(await call('a.b.c'), 401);
    await expectProblem(await call('a.b.c'), 429);
    // Nobody behind the same address pays for it whose token is good.
    expect((await call(await provider.token())).status).toBe(200);
    await expectProblem(await call(expired), 401);
    const refused = (await store.audit.list({ limit: 100, action: 'access.refused' })).filter(
      ({ address }) => address === from,
    );
    expect(refused.map(({ details }) => details)).toEqual([
      { reason: 'it is malformed' },
      { reason: 'it is malformed' },
      { reason: 'it has expired' },
    ]);
  });
});
