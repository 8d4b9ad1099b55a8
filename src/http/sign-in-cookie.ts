// The page's cookie: what a browser that is signed in brings along.
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { signInSeconds } from '../access/sign-ins.ts';
import { publicAddress, publicPath } from './public-address.ts';
import type { AppEnv } from './router.ts';

/**
 * Without the prefix `__Host-`, which would keep a neighbouring host from setting it: it needs TLS and the path `/`, so one
 * server would have two names for it, by how each request came.
 */
export const cookieName = 'agentchat';

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

/** The most cookies of our name that are looked at. */
const mostTokens = 3;

/** A neighbouring host may have set one of the same name, which a browser may send before ours. */
export const signInTokens = (c: Context<AppEnv>): string[] => {
  const named = (c.req.header('cookie') ?? '').split(';').map((pair) => pair.trim().split('=', 2));
  const tokens = named.flatMap(([name, token]) => (name === cookieName && token ? [token] : []));
  return [...new Set(tokens)].slice(0, mostTokens);
};

export const setSignInCookie = (c: Context<AppEnv>, token: string): void =>
  setCookie(c, cookieName, token, { ...cookieOptions(c), maxAge: signInSeconds });

export const deleteSignInCookie = (c: Context<AppEnv>): void => {
  deleteCookie(c, cookieName, cookieOptions(c));
};
