// What a token's claims say of who calls: their name here, and their role.
import { z } from 'zod';
import { isLocal, localName, type Role } from '../../words/access.ts';
import { nameFault } from '../../words/owner-name.ts';
import type { OidcSettings } from './oidc-settings.ts';

export type Claims = Record<string, unknown>;

const object = z.record(z.string(), z.unknown());

/** A claim by its name, or by the way to it: `realm_access.roles`. Undefined where there is none. */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let found: unknown = claims;
  for (const name of path.split('.')) {
    const fields = object.safeParse(found).data;
    if (fields === undefined || !Object.hasOwn(fields, name)) return undefined;
    found = fields[name];
  }
  return found;
}

/**
 * What a token tells, and beside it what the provider tells of the same person. That an address is verified counts for the
 * one that it was said of.
 */
export function joined(token: Claims, info: Claims): Claims {
  const all = { ...info, ...token };
  const verifies = token.email_verified === undefined ? info : token;
  return verifies.email === all.email ? all : { ...all, email_verified: undefined };
}

/** The owner's name, or why the claims name nobody, for the log. `isUnverified`: it may be somebody else's address. */
export function ownerOf(
  claims: Claims,
  { ownerClaim }: Pick<OidcSettings, 'ownerClaim'>,
): { name: string } | { reason: string; isUnverified?: boolean } {
  const name = claimAt(claims, ownerClaim);
  if (name === undefined) return { reason: `the claim ${ownerClaim} is missing` };
  if (typeof name !== 'string') return { reason: `the claim ${ownerClaim} is no string` };
  const fault = nameFault(name);
  if (fault) return { reason: `the claim ${ownerClaim} is no name: it ${fault.en}` };
  if (name === localName) return { reason: isLocal };
  // Anybody may write somebody else's address into a profile, and a provider that checks none need not say so.
  if (ownerClaim === 'email' && claims.email_verified !== true)
    return {
      reason: 'the claim email names nobody: the claim email_verified is not true',
      isUnverified: true,
    };
  return { name };
}

/** `member`, unless what the provider says of them makes them something else. */
export function roleOf(
  claims: Claims,
  { rolesClaim, adminRoles, viewerRoles }: Pick<OidcSettings, 'rolesClaim' | 'adminRoles' | 'viewerRoles'>,
): Role {
  const said = rolesClaim === undefined ? undefined : claimAt(claims, rolesClaim);
  const roles = z.array(z.unknown()).safeParse(said).data ?? [said];
  const hasOne = (of: readonly string[]) =>
    roles.some((role) => typeof role === 'string' && of.includes(role));
  if (hasOne(adminRoles)) return 'admin';
  return hasOne(viewerRoles) ? 'viewer' : 'member';
}
