// What a token's claims say of who calls: their name here, and their role.
import { z } from 'zod';
import { isOwnerName, type Role } from '../../words/access.ts';
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

/** The owner's name, or why the claims name nobody, for the log. */
export function ownerOf(claims: Claims, { ownerClaim }: OidcSettings): { name: string } | { reason: string } {
  const name = claimAt(claims, ownerClaim);
  if (name === undefined) return { reason: `the claim ${ownerClaim} is missing` };
  if (typeof name !== 'string') return { reason: `the claim ${ownerClaim} is no string` };
  if (!isOwnerName(name))
    return { reason: `the claim ${ownerClaim} is empty, too long, or has control characters` };
  // Anybody may write somebody else's address into a profile.
  if (ownerClaim === 'email' && claims.email_verified === false)
    return { reason: 'the claim email is not verified by the provider' };
  return { name };
}

type RoleSettings = Pick<OidcSettings, 'rolesClaim' | 'adminRoles' | 'viewerRoles'> & {
  admins: readonly string[];
};

/** `member`, unless what the provider says of them, or their name, makes them something else. */
export function roleOf(name: string, claims: Claims, settings: RoleSettings): Role {
  const { admins, rolesClaim, adminRoles, viewerRoles } = settings;
  const said = rolesClaim === undefined ? undefined : claimAt(claims, rolesClaim);
  const roles = z.array(z.unknown()).safeParse(said).data ?? [said];
  const hasOne = (of: readonly string[]) =>
    roles.some((role) => typeof role === 'string' && of.includes(role));
  if (admins.includes(name) || hasOne(adminRoles)) return 'admin';
  return hasOne(viewerRoles) ? 'viewer' : 'member';
}
