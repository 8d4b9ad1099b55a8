// An OpenID Connect provider as a process of its own: oidc-provider, with its own login page, on the port PORT. It knows
// what IDENTITY (JSON) says, and at /test/… it does what a test asks of it.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import Provider, { errors } from 'oidc-provider';
import { z } from 'zod';
import { identity } from './identity.ts';

const port = Number(process.env.PORT);
const issuer = `http://127.0.0.1:${port}`;
const { keys, redirectUris, logoutUris, claims } = identity.parse(JSON.parse(process.env.IDENTITY ?? '{}'));

/** How often each path was asked for. */
let asked: Record<string, number> = {};
let delayMs = 0;
let listener = listenerOf(keys);

function listenerOf(jwks: typeof keys): RequestListener {
  const provider = new Provider(issuer, {
    jwks: { keys: jwks },
    clients: [
      {
        client_id: 'agentchat',
        client_secret: 'agentchat-secret',
        grant_types: ['authorization_code', 'client_credentials'],
      },
      { client_id: 'agentchat-public', token_endpoint_auth_method: 'none' as const },
    ].map((client) => ({ ...client, redirect_uris: redirectUris, post_logout_redirect_uris: logoutUris })),
    cookies: { keys: ['of this test alone'] },
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username', 'groups'],
      email: ['email', 'email_verified'],
    },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, preferred_username: accountId, ...claims[accountId] }),
    }),
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => {
          if (resource !== 'urn:agentchat') throw new errors.InvalidTarget();
          return { scope: 'chat', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
        },
      },
    },
  });
  return provider.callback();
}

const told = z.object({ delayMs: z.number().optional(), keys: identity.shape.keys.optional() });

createServer(async (request, response) => {
  const path = new URL(request.url ?? '/', issuer).pathname;
  if (path === '/healthz') return response.end();
  if (path === '/test/asked') return response.end(JSON.stringify(asked));
  if (path === '/test/be') {
    const next = told.parse(JSON.parse(await textOf(request)));
    delayMs = next.delayMs ?? 0;
    if (next.keys) listener = listenerOf(next.keys);
    asked = {};
    return response.end();
  }
  asked[path] = (asked[path] ?? 0) + 1;
  if (delayMs > 0) await Bun.sleep(delayMs);
  return listener(request, response);
}).listen(port, '127.0.0.1');

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
