// OAuth between machines: tokens for an MCP server, of the authorization server that the agent's file names, by its client's
// credentials. What the MCP server itself says of where tokens are given leads nowhere.
import type { AuthProvider } from '@modelcontextprotocol/client';
import type { AuthorizationServer } from 'oauth4webapi';
import { readText } from './bounded-body.ts';
import { failures } from './mcp-failure.ts';
import type { OAuthClient } from './mcp-server-params.ts';

const LONGEST_ANSWER = 256 * 1024;
const PATIENCE_MS = 10_000;
/** So much before it ends a token is no longer used. */
const MARGIN_MS = 10_000;

/** `token` rejects with a ToolServerError. One token is asked for at a time, and again when the server refuses it. */
export function oauthTokens(oauth: OAuthClient, send: typeof fetch = fetch): AuthProvider {
  let held: { token: string; goodUntil: number } | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    try {
      const given = await requestToken(oauth, send);
      held = given;
      return given.token;
    } catch (error) {
      throw failures.noToken(codeOf(error));
    } finally {
      asking = undefined;
    }
  }

  return {
    async token() {
      if (held && performance.now() < held.goodUntil) return held.token;
      asking ??= ask();
      return asking;
    },
    async onUnauthorized() {
      held = undefined;
    },
  };
}

async function requestToken(
  { issuer, clientId, clientSecret, scope, resource }: OAuthClient,
  send: typeof fetch,
) {
  const sdk = await import('oauth4webapi');
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const asked = {
    // Redirects are not followed: the client's secret would go along.
    [sdk.customFetch]: async (url: string, init: object) => {
      const response = await send(url, { ...init, redirect: 'manual', signal });
      const { text } = await readText(response.body, LONGEST_ANSWER);
      return new Response(text, { status: response.status, headers: response.headers });
    },
    [sdk.allowInsecureRequests]: new URL(issuer).protocol === 'http:',
  };
  const client = { client_id: clientId };
  const server = await findServer(sdk, new URL(issuer), asked);
  const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const authentication = ways.includes('client_secret_basic')
    ? sdk.ClientSecretBasic(clientSecret)
    : sdk.ClientSecretPost(clientSecret);
  const wanted = { ...(scope && { scope }), ...(resource && { resource }) };
  const answer = await sdk.clientCredentialsGrantRequest(server, client, authentication, wanted, asked);
  const given = await sdk.processClientCredentialsResponse(server, client, answer);
  const lasts =
    given.expires_in === undefined ? Number.POSITIVE_INFINITY : given.expires_in * 1000 - MARGIN_MS;
  return { token: given.access_token, goodUntil: performance.now() + lasts };
}

/** What it says of itself, where OpenID Connect or else where OAuth has it. */
async function findServer(
  sdk: typeof import('oauth4webapi'),
  issuer: URL,
  asked: object,
): Promise<AuthorizationServer> {
  const found = await sdk.discoveryRequest(issuer, { ...asked, algorithm: 'oidc' });
  if (found.ok) return sdk.processDiscoveryResponse(issuer, found);
  const other = await sdk.discoveryRequest(issuer, { ...asked, algorithm: 'oauth2' });
  return sdk.processDiscoveryResponse(issuer, other);
}

/** OAuth's own word for what is wrong, as `invalid_client`: never more of an answer than that. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Whose client is refused in HTTP's own words is told nothing else: RFC 6749, 5.2.
  if ('status' in error && error.status === 401) return 'invalid_client';
  const code = 'error' in error ? error.error : undefined;
  return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? code : undefined;
}
