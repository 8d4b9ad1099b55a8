import { expect, test } from 'bun:test';
import { type Environment, readSettings } from './settings.ts';

const oidc = { AUTH: 'oidc', OIDC_ISSUER: 'https://login.example.com/realms/a', OIDC_CLIENT_ID: 'chat' };
const proxy = { AUTH: 'proxy', AUTH_PROXY_HEADER: 'X-Forwarded-User', AUTH_PROXY_FROM: '10.0.0.0/8, ::1' };

test('a way whose settings are there', () => {
  expect(readSettings(proxy)).toMatchObject({
    proxy: { header: 'x-forwarded-user', from: ['10.0.0.0/8', '::1'] },
    trustedProxies: ['10.0.0.0/8', '::1'],
  });
  expect(readSettings({ ...proxy, TRUSTED_PROXIES: '192.0.2.1' }).trustedProxies).toEqual(['192.0.2.1']);
  expect(readSettings(oidc).oidc).toEqual({
    issuer: 'https://login.example.com/realms/a',
    clientId: 'chat',
    clientSecret: undefined,
    audiences: ['chat'],
    scopes: 'openid profile email',
    ownerClaim: 'sub',
    rolesClaim: undefined,
    adminRoles: [],
    viewerRoles: [],
  });
  const { OIDC_CLIENT_ID: _, ...onlyTokens } = { ...oidc, OIDC_AUDIENCE: 'api://chat, chat' };
  expect(readSettings(onlyTokens).oidc).toMatchObject({
    clientId: undefined,
    audiences: ['api://chat', 'chat'],
  });
  expect(readSettings({ PUBLIC_URL: 'https://Chat.example.com/agentchat/' })).toMatchObject({
    publicUrl: 'https://chat.example.com/agentchat',
    allowedHosts: ['chat.example.com'],
  });
  // What no way needs is not asked for.
  expect(readSettings({ ...oidc, AUTH: 'keys' }).oidc).toBeUndefined();
});

test('a way that lacks what it needs stops the start with one line', () => {
  const without = (all: Environment, name: string) => ({ ...all, [name]: '' });
  for (const [environment, name] of [
    [without(proxy, 'AUTH_PROXY_HEADER'), 'AUTH_PROXY_HEADER'],
    [without(proxy, 'AUTH_PROXY_FROM'), 'AUTH_PROXY_FROM'],
    [{ ...proxy, AUTH_PROXY_FROM: ' , ' }, 'AUTH_PROXY_FROM'],
    [without(oidc, 'OIDC_ISSUER'), 'OIDC_ISSUER'],
    [without(oidc, 'OIDC_CLIENT_ID'), 'OIDC_CLIENT_ID'],
  ] as const)
    expect(() => readSettings(environment)).toThrow(
      new RegExp(`^${name} is not set; AUTH=(oidc|proxy) needs it: .+$`),
    );
});

test('a value that is wrong stops it too, and says what it may be', () => {
  for (const [name, values] of Object.entries({
    AUTH_PROXY_HEADER: ['X User', 'Cookie', 'Authorization', 'X-Owner', 'X:'],
    AUTH_PROXY_FROM: ['10.0.0.0/33', 'proxy.lan', '*', '10.0.0.1;10.0.0.2'],
    TRUSTED_PROXIES: ['everybody'],
    OIDC_ISSUER: [
      'http://login.example.com',
      'login.example.com',
      'https://a:b@c.example',
      'https://c.example/?x',
    ],
    OIDC_SCOPES: ['profile email', 'openid "x"'],
    PUBLIC_URL: ['chat.example.com', 'javascript:alert(1)', 'https://chat.example.com/#x'],
  }))
    for (const value of values)
      expect(() => readSettings({ [name]: value })).toThrow(new RegExp(`^${name} is ".+"; it must be .+$`));
  for (const value of ['http://localhost:8080/realms/a', 'http://127.0.0.1:9000', 'http://[::1]:9000'])
    expect(readSettings({ ...oidc, OIDC_ISSUER: value }).oidc?.issuer).toBe(value);
});

test('the provider’s secret is never in what is said of a setting', () => {
  const said = () => readSettings({ ...oidc, OIDC_ISSUER: 'x', OIDC_CLIENT_SECRET: 'very-secret' });
  expect(said).toThrow(/^OIDC_ISSUER/);
  expect(said).not.toThrow(/very-secret/);
});
