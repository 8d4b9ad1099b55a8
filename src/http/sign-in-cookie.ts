// The page's cookie: what a browser that is signed in brings along.
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { signInSeconds } from '../access/sign-ins.ts';
import { publicAddress, publicPath } from './public-address.ts';
import type { AppEnv } from './router.ts';

/** Under plain http, or below a path, and before versions that knew the other one. */
export const cookieName = 'agentchat';
/** Over TLS, at the root of a host: a browser takes one of this name from that host alone, so no neighbour can set it. */
export const hostCookieName = `__Host-${cookieName}`;

/** No script reads it, and no other site's request brings it along but a link that is followed. */
export function cookieOptions(c: Context<AppEnv>, path = ''): CookieOptions {
  const address = publicAddress(c);
  return {
    httpOnly: true,
    sameSite: 'Lax',
    secure: address.protocol === 'https:',
    path: publicPath(address) + path || '/',
  };
}

/** The most cookies of our names that are looked at. */
const mostTokens = 3;

/** A neighbouring host may have set one of the plain name, which a browser may send before ours. */
export const signInTokens = (c: Context<AppEnv>): string[] =>
  [...new Set([...tokensNamed(c, hostCookieName), ...tokensNamed(c, cookieName)])].slice(0, mostTokens);

function tokensNamed(c: Context<AppEnv>, wanted: string): string[] {
  const pairs = (c.req.header('cookie') ?? '').split(';').map((pair) => pair.trim().split('=', 2));
  return pairs.flatMap(([name, token]) => (name === wanted && token ? [token] : []));
}

const isOfHost = ({ secure, path }: CookieOptions): boolean => secure === true && path === '/';

export function setSignInCookie(c: Context<AppEnv>, token: string): void {
  const options = cookieOptions(c);
  const name = isOfHost(options) ? hostCookieName : cookieName;
  setCookie(c, name, token, { ...options, maxAge: signInSeconds });
  if (name !== cookieName && tokensNamed(c, cookieName).length > 0) deleteCookie(c, cookieName, options);
}

export function deleteSignInCookie(c: Context<AppEnv>): void {
  const options = cookieOptions(c);
  deleteCookie(c, cookieName, options);
  if (isOfHost(options)) deleteCookie(c, hostCookieName, options);
}
