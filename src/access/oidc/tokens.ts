// Tokens of the provider: which are good, and why the others are not.
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { Failure } from '../../chat/failure.ts';
import type { Role } from '../../words/access.ts';
import { ownerOf, roleOf } from './claims.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { Provider } from './provider.ts';

/** Of signatures that only the provider can make: a secret that both know would be none here. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
export const clockToleranceSeconds = 30;
/** The longest that is looked at. */
const mostCharacters = 16_384;

/** `isAttempt`: it was not made by the provider; others are merely of no use here, or no more. */
export type RefusedToken = { reason: string; isAttempt: boolean };

export type TokenWay = (token: string) => Promise<{ name: string; role: Role } | RefusedToken>;

/** Gives what says who calls with a token. Throws a Failure where the provider is away. */
export function createTokenWay(settings: OidcSettings, provider: Provider): TokenWay {
  return async (token) => {
    const verified = await verifyToken(token, provider, settings.audiences);
    if ('reason' in verified) return verified;
    const { claims, typ } = verified;
    const misuse = misuseOf(claims, typ);
    if (misuse !== undefined) return { reason: misuse, isAttempt: false };
    const owner = ownerOf(claims, settings);
    if ('reason' in owner) return { reason: owner.reason, isAttempt: false };
    return { name: owner.name, role: roleOf(claims, settings) };
  };
}

/** Three parts, the last of which is missing where nobody signed. */
export const looksLikeToken = (text: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);

/** The claims of a token that the provider has signed for one of `audiences` and that is good now, or why it is not. */
export async function verifyToken(
  token: string,
  provider: Provider,
  audiences: readonly string[],
): Promise<{ claims: JWTPayload; typ: string | undefined } | RefusedToken> {
  if (token.length > mostCharacters || !looksLikeToken(token))
    return { reason: 'it is no signed JWT', isAttempt: true };
  try {
    const { issuer } = await provider.metadata();
    const { payload, protectedHeader } = await jwtVerify(token, provider.keyOf, {
      issuer,
      audience: [...audiences],
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['exp'],
    });
    return { claims: payload, typ: protectedHeader.typ };
  } catch (error) {
    if (error instanceof Failure) throw error;
    return refusalOf(error);
  }
}

/** The library checks a signature before the claims, so whose claims are wrong was made by the provider. */
function refusalOf(error: unknown): RefusedToken {
  if (error instanceof errors.JWTExpired) return { reason: 'it has expired', isAttempt: false };
  if (error instanceof errors.JWTClaimValidationFailed)
    return { reason: `its claim ${error.claim} is not what it must be`, isAttempt: false };
  if (error instanceof errors.JOSEError)
    return { reason: reasons[error.code] ?? 'it is malformed', isAttempt: true };
  // A key of the set that this runtime cannot use.
  return { reason: 'its signature cannot be checked', isAttempt: true };
}

const reasons: Record<string, string> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'its algorithm is none of those that are allowed',
  ERR_JWKS_NO_MATCHING_KEY: 'the provider has no such key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'it does not say which of the provider’s keys it is signed with',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is wrong',
};

const accessTypes = /^(application\/)?(jwt|at\+jwt)$/i;

/**
 * Why a good token is none to call with; undefined where it is. One that says who signed in at a page is for that page,
 * and one that is bound to a key is not to be used without it.
 */
export function misuseOf(claims: JWTPayload, typ: string | undefined): string | undefined {
  if (typ !== undefined && !accessTypes.test(typ)) return 'its typ is not that of an access token';
  if (typeof claims.typ === 'string' && /^(id|refresh|offline|logout)$/i.test(claims.typ))
    return 'its claim typ is not that of an access token';
  if (claims.events !== undefined) return 'it tells of an event, as logout tokens do';
  const isIdToken =
    claims.at_hash !== undefined ||
    claims.c_hash !== undefined ||
    (claims.nonce !== undefined && claims.scope === undefined && claims.scp === undefined);
  if (isIdToken) return 'it is an ID token';
  if (claims.cnf !== undefined) return 'it is bound to a key, which is not checked here';
  return undefined;
}
