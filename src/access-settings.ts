// The settings that say who may come in. What a way needs must be set with it, or the start stops.
import { z } from 'zod';
import { readNetwork } from './access/addresses.ts';
import type { OidcSettings } from './access/oidc/oidc-settings.ts';
import type { ProxySettings } from './access/proxy.ts';
import { listOf, SettingsError, setting } from './setting.ts';
import { type Way, ways } from './words/access.ts';

const text = (name: string) => setting(name, 'text', undefined, (value) => value);
const names = (name: string) => setting(name, 'names, comma-separated', [], listOf);
const networks = (name: string) =>
  setting(name, 'addresses and networks like 10.0.0.0/8 or fd00::/8, comma-separated', undefined, networksOf);

/** A secret's value is never printed, so nothing is ever wrong with it. */
const secret = z
  .string()
  .optional()
  .transform((raw) => raw?.trim() || undefined);

export const accessShape = {
  AUTH: setting('AUTH', `one or more of ${ways.join(', ')}, comma-separated`, undefined, waysOf),
  AUTH_ADMINS: names('AUTH_ADMINS'),
  AUTH_PROXY_HEADER: setting('AUTH_PROXY_HEADER', 'a header’s name like X-Forwarded-User', undefined, header),
  AUTH_PROXY_FROM: networks('AUTH_PROXY_FROM'),
  TRUSTED_PROXIES: networks('TRUSTED_PROXIES'),
  PUBLIC_URL: setting('PUBLIC_URL', 'an address like https://chat.example.com', undefined, publicUrl),
  OIDC_ISSUER: setting(
    'OIDC_ISSUER',
    'an address like https://login.example.com, or one of this machine with http',
    undefined,
    issuer,
  ),
  OIDC_CLIENT_ID: text('OIDC_CLIENT_ID'),
  OIDC_CLIENT_SECRET: secret,
  OIDC_AUDIENCE: names('OIDC_AUDIENCE'),
  OIDC_SCOPES: setting(
    'OIDC_SCOPES',
    'scopes like openid profile, with openid among them',
    undefined,
    scopes,
  ),
  OIDC_OWNER_CLAIM: text('OIDC_OWNER_CLAIM'),
  OIDC_ROLES_CLAIM: text('OIDC_ROLES_CLAIM'),
  OIDC_ADMIN_ROLES: names('OIDC_ADMIN_ROLES'),
  OIDC_VIEWER_ROLES: names('OIDC_VIEWER_ROLES'),
};

type Read = z.infer<z.ZodObject<typeof accessShape>>;

/** Throws a SettingsError where a way lacks what it needs. */
export function accessSettings(it: Read) {
  const named: readonly Way[] = it.AUTH ?? ['none'];
  const proxy = named.includes('proxy') ? proxySettings(it) : undefined;
  return {
    /** How a request may say whose it is, in their order. */
    ways: named,
    /** Owners who are admins by `oidc` and `proxy`. */
    admins: it.AUTH_ADMINS,
    oidc: named.includes('oidc') ? oidcSettings(it) : undefined,
    proxy,
    /** Who may say from where a request comes that they pass on. */
    trustedProxies: it.TRUSTED_PROXIES ?? proxy?.from ?? [],
    /** Where people reach the page, without a slash at its end; undefined: where a request says that it was sent. */
    publicUrl: it.PUBLIC_URL,
  };
}

function proxySettings(it: Read): ProxySettings {
  const { AUTH_PROXY_HEADER: header, AUTH_PROXY_FROM: from } = it;
  if (header === undefined)
    throw needed('proxy', 'AUTH_PROXY_HEADER', 'the header in which the proxy names who calls');
  if (from === undefined || from.length === 0)
    throw needed('proxy', 'AUTH_PROXY_FROM', 'the addresses of the proxy, like 127.0.0.1 or 10.0.0.0/8');
  return { header, from };
}

function oidcSettings(it: Read): OidcSettings {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = it;
  if (issuer === undefined) throw needed('oidc', 'OIDC_ISSUER', 'the address of the provider');
  const audiences = it.OIDC_AUDIENCE.length > 0 || clientId === undefined ? it.OIDC_AUDIENCE : [clientId];
  if (audiences.length === 0)
    throw needed('oidc', 'OIDC_CLIENT_ID', 'or OIDC_AUDIENCE, if only programs with tokens come');
  return {
    issuer,
    clientId,
    clientSecret,
    audiences,
    scopes: it.OIDC_SCOPES ?? 'openid profile email',
    ownerClaim: it.OIDC_OWNER_CLAIM ?? 'sub',
    rolesClaim: it.OIDC_ROLES_CLAIM,
    adminRoles: it.OIDC_ADMIN_ROLES,
    viewerRoles: it.OIDC_VIEWER_ROLES,
  };
}

const needed = (way: Way, name: string, what: string) =>
  new SettingsError(`${name} is not set; AUTH=${way} needs it: ${what}`);

function waysOf(value: string): Way[] | undefined {
  const named = listOf(value)?.map((name) => ways.find((way) => way === name.toLowerCase()));
  const known = named?.filter((way) => way !== undefined) ?? [];
  return known.length > 0 && known.length === named?.length ? [...new Set(known)] : undefined;
}

function networksOf(value: string): string[] | undefined {
  const named = listOf(value);
  return named?.every((name) => readNetwork(name) !== undefined) ? named : undefined;
}

/** Headers that say something else of a request name nobody. */
function header(value: string): string | undefined {
  const isUsable =
    /^[\w-]{1,100}$/.test(value) && !/^(host|cookie|origin|authorization|x-owner)$/i.test(value);
  return isUsable ? value.toLowerCase() : undefined;
}

function publicUrl(value: string): string | undefined {
  const url = plainUrl(value);
  return url?.href.replace(/\/$/, '');
}

/** As it was written: what calls itself so must write it alike. */
function issuer(value: string): string | undefined {
  const url = plainUrl(value);
  const isHere = url && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  return url && (url.protocol === 'https:' || isHere) ? value : undefined;
}

/** An address without a name, a password, a query or a fragment. */
function plainUrl(value: string): URL | undefined {
  const url = /^https?:\/\//i.test(value) && URL.canParse(value) ? new URL(value) : undefined;
  return url && !url.username && !url.password && !/[?#]/.test(value) ? url : undefined;
}

function scopes(value: string): string | undefined {
  const named = value.split(/[\s,]+/).filter((scope) => scope !== '');
  return named.includes('openid') && named.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
    ? named.join(' ')
    : undefined;
}
