// An OpenID Connect provider for tests: a process of its own, the keys it signs with, and tokens made with them.
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { z } from 'zod';
import type { OidcSettings } from '../access/oidc/oidc-settings.ts';
import { freePort, startServer } from './server-process.ts';

/** What the process is told. `claims` are those of each account, besides its `sub`. */
export const identity = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })),
  redirectUris: z.array(z.string()),
  logoutUris: z.array(z.string()).default([]),
  claims: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

export type SigningKey = Awaited<ReturnType<typeof newSigningKey>>;

export async function newSigningKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kty: 'RSA', kid, alg: 'RS256', use: 'sig' };
  return { kid, privateKey, publicKey, jwk };
}

type Asked = Record<string, number>;

/** Starts one. Everybody may sign in at its page under any name. */
export async function startIdentityProvider(
  options: {
    redirectUris?: string[];
    logoutUris?: string[];
    claims?: Record<string, Record<string, unknown>>;
  } = {},
) {
  const key = await newSigningKey('first');
  const { redirectUris = ['http://127.0.0.1:1/never'], ...rest } = options;
  const port = String(await freePort());
  const told: z.input<typeof identity> = { keys: [key.jwk], redirectUris, ...rest };
  const start = () =>
    startServer({
      entry: join(import.meta.dir, 'oidc-provider.ts'),
      env: { PORT: port, IDENTITY: JSON.stringify(told), NODE_ENV: 'test' },
    });
  let server = await start();
  const { url } = server;

  return {
    issuer: url,
    key,

    /** What a server must know of it; `agentchat` is its client. */
    settings: (change: Partial<OidcSettings> = {}): OidcSettings => ({
      issuer: url,
      clientId: 'agentchat',
      clientSecret: 'agentchat-secret',
      audiences: ['agentchat'],
      scopes: 'openid',
      ownerClaim: 'sub',
      rolesClaim: undefined,
      adminRoles: [],
      viewerRoles: [],
      ...change,
    }),

    /** A token of its own making that is good, but for what is said. */
    token: (
      claims: JWTPayload = {},
      { by = key, header = {} }: { by?: SigningKey; header?: object } = {},
    ) => {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ iss: url, aud: 'agentchat', sub: 'alice', iat: now, exp: now + 600, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: by.kid, typ: 'at+jwt', ...header })
        .sign(by.privateKey);
    },

    /** How often each of its paths was asked for, since `be`. */
    asked: async (): Promise<Asked> =>
      z.record(z.string(), z.number()).parse(await (await fetch(`${url}/test/asked`)).json()),

    /** How slow it is from now on, and with which keys it signs. */
    be: async (next: { delayMs?: number; keys?: SigningKey[] } = {}): Promise<void> => {
      const body = JSON.stringify({ ...next, keys: next.keys?.map(({ jwk }) => jwk) });
      await fetch(`${url}/test/be`, { method: 'POST', body });
    },

    /** It is away, until `back`. */
    away: async (): Promise<void> => {
      await server.kill('SIGKILL');
    },
    back: async (): Promise<void> => {
      server = await start();
    },
    stop: async (): Promise<void> => {
      await server.kill('SIGKILL');
    },
  };
}
