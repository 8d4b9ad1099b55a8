// The page's sign-in at the provider: the way there (authorization code with PKCE), and what it leads back with.
import {
  AuthorizationResponseError,
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  clockTolerance,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  None,
  OperationProcessingError,
  processAuthorizationCodeResponse,
  processUserInfoResponse,
  ResponseBodyError,
  userInfoRequest,
  validateAuthResponse,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi';
import { Failure } from '../../chat/failure.ts';
import type { Log } from '../../log.ts';
import type { Role } from '../../words/access.ts';
import { type Claims, claimAt, joined, ownerOf, roleOf } from './claims.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { Provider } from './provider.ts';
import { clockToleranceSeconds, verifyToken } from './tokens.ts';

/** What the browser that goes to the provider keeps until it is back: any process may answer it then. */
export type OnTheWay = { state: string; nonce: string; verifier: string };

/** What the page is told of a sign-in that came to nothing. */
export const signInErrors = [
  'access_denied',
  'email_unverified',
  'expired',
  'not_allowed',
  'provider_away',
  'provider_failed',
  'too_many_attempts',
] as const;
export type SignInError = (typeof signInErrors)[number];

/** Why somebody comes back without a sign-in; `reason` is for the log. */
export class SignInRefused extends Error {
  override name = 'SignInRefused';
  readonly code: SignInError;
  constructor(code: SignInError, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.code = code;
  }
}

export type PageSignIn = ReturnType<typeof createPageSignIn>;

export function createPageSignIn(parts: {
  settings: OidcSettings & { clientId: string };
  provider: Provider;
  log: Log;
}) {
  const { settings, provider, log } = parts;
  const client: Client = { client_id: settings.clientId, [clockTolerance]: clockToleranceSeconds };

  /** With what the provider answers: who has signed in, as far as is told. */
  async function claimsOf(server: AuthorizationServer, back: Back): Promise<Claims> {
    const { state, nonce, verifier } = back.onTheWay;
    const { asking } = provider;
    const code = validateAuthResponse(server, client, back.query, state);
    const answer = await processAuthorizationCodeResponse(
      server,
      client,
      await authorizationCodeGrantRequest(
        server,
        client,
        proofOf(server),
        code,
        back.redirectUri,
        verifier,
        asking,
      ),
      { expectedNonce: nonce, requireIdToken: true },
    );
    const verified = await verifyToken(answer.id_token ?? '', provider, [settings.clientId]);
    if ('reason' in verified)
      throw new SignInRefused('provider_failed', `of the ID token: ${verified.reason}`);
    const { claims } = verified;
    const { ownerClaim, rolesClaim } = settings;
    const needed = [ownerClaim, rolesClaim, ownerClaim === 'email' ? 'email_verified' : undefined];
    const isWhole = needed.every((name) => name === undefined || claimAt(claims, name) !== undefined);
    if (isWhole || server.userinfo_endpoint === undefined || claims.sub === undefined) return claims;
    // Many tell no more than `sub` in the token itself.
    const info = await userInfoRequest(server, client, answer.access_token, asking);
    return joined(claims, await processUserInfoResponse(server, client, claims.sub, info));
  }

  /** How this server shows that it is the client. */
  function proofOf({ token_endpoint_auth_methods_supported: methods }: AuthorizationServer): ClientAuth {
    if (settings.clientSecret === undefined) return None();
    // Who says nothing takes `client_secret_basic`.
    const isPost = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic');
    return isPost ? ClientSecretPost(settings.clientSecret) : ClientSecretBasic(settings.clientSecret);
  }

  return {
    /** Where to send the browser, which keeps `onTheWay`. Throws SignInRefused. */
    async begin(redirectUri: string): Promise<{ address: string; onTheWay: OnTheWay }> {
      const { authorization_endpoint: endpoint } = await provider.metadata().catch(refusal);
      if (endpoint === undefined)
        throw new SignInRefused('provider_failed', 'it has no authorization_endpoint');
      const onTheWay = {
        state: generateRandomState(),
        nonce: generateRandomNonce(),
        verifier: generateRandomCodeVerifier(),
      };
      const address = new URL(endpoint);
      for (const [name, value] of Object.entries({
        response_type: 'code',
        client_id: settings.clientId,
        redirect_uri: redirectUri,
        scope: settings.scopes,
        state: onTheWay.state,
        nonce: onTheWay.nonce,
        code_challenge: await calculatePKCECodeChallenge(onTheWay.verifier),
        code_challenge_method: 'S256',
      }))
        address.searchParams.set(name, value);
      return { address: address.href, onTheWay };
    },

    /** Who has signed in. Throws SignInRefused. */
    async finish(back: Back): Promise<{ name: string; role: Role }> {
      try {
        const claims = await claimsOf(await provider.metadata(), back);
        const owner = ownerOf(claims, settings);
        if ('reason' in owner)
          throw new SignInRefused(owner.isUnverified ? 'email_unverified' : 'not_allowed', owner.reason);
        return { name: owner.name, role: roleOf(claims, settings) };
      } catch (error) {
        return refusal(error);
      }
    },

    /** Where the provider's own session ends; undefined where it has no such place, or is away. */
    async endAddress(returnTo: string): Promise<string | undefined> {
      const server = await provider.metadata().catch(() => undefined);
      if (server?.end_session_endpoint === undefined) return undefined;
      const address = new URL(server.end_session_endpoint);
      address.searchParams.set('client_id', settings.clientId);
      address.searchParams.set('post_logout_redirect_uri', returnTo);
      return address.href;
    },

    /** Says in the log why nobody was signed in. */
    tell(refused: SignInRefused, fields: object): void {
      const { code, message: reason, cause } = refused;
      log.warn('a sign-in at the provider came to nothing', {
        code,
        reason,
        ...fields,
        ...(cause ? { error: cause } : {}),
      });
    },
  };
}

/** With what the browser came back. */
type Back = { query: URLSearchParams; redirectUri: string; onTheWay: OnTheWay };

/** What the provider says in sentences is not for the log: codes are. */
function refusal(error: unknown): never {
  if (error instanceof SignInRefused) throw error;
  if (error instanceof AuthorizationResponseError)
    throw new SignInRefused(
      error.error === 'access_denied' ? 'access_denied' : 'provider_failed',
      codeOf(error.error),
    );
  if (error instanceof ResponseBodyError) throw new SignInRefused('provider_failed', codeOf(error.error));
  if (error instanceof WWWAuthenticateChallengeError)
    throw new SignInRefused('provider_failed', 'it does not take OIDC_CLIENT_ID with OIDC_CLIENT_SECRET');
  if (error instanceof OperationProcessingError) throw new SignInRefused('provider_failed', error.message);
  if (error instanceof Failure && error.code !== 'provider_away') throw error;
  throw new SignInRefused(
    'provider_away',
    'the provider does not answer',
    error instanceof Failure ? undefined : error,
  );
}

/** The provider's own word for it, if it is one. */
const codeOf = (word: string): string =>
  /^\w{1,40}$/.test(word) ? `the provider says ${word}` : 'the provider says no';
