// The page's cookie: what a browser that is signed in brings along.
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { signInSeconds } from '../access/sign-ins.ts';
import { publicAddress, publicPath } from './public-address.ts';
import type { AppEnv } from './router.ts';

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

export const setSignInCookie = (c: Context<AppEnv>, token: string): void =>
  setCookie(c, cookieName, token, { ...cookieOptions(c), maxAge: signInSeconds });

export const deleteSignInCookie = (c: Context<AppEnv>): void => {
  deleteCookie(c, cookieName, cookieOptions(c));
};
