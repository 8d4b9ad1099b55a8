// The page's sign-in at an OpenID Connect provider: a navigation there, and one back.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { type PageSignIn, type SignInError, SignInRefused } from '../../access/oidc/page-sign-in.ts';
import { addressOf } from '../identified.ts';
import { HttpProblem } from '../problem.ts';
import { publicAddress, publicPath } from '../public-address.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { cookieOptions, setSignInCookie } from '../sign-in-cookie.ts';

export const oidcSignIn = createRouter();

const path = '/api/sign-in/oidc';
/** How long somebody may take at the provider. */
const onTheWaySeconds = 600;
const longestTo = 1000;

/** Each sign-in that is under way has its own, so that two of one browser do not mix. */
const cookieOf = (state = ''): string => `agentchat_oidc_${/^[\w-]{12}/.exec(state)?.[0] ?? 'none'}`;

const kept = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() });

oidcSignIn.get('/oidc', async (c) => {
  const page = pageSignIn(c);
  try {
    const { address, onTheWay } = await page.begin(redirectUri(c));
    const value = JSON.stringify({ ...onTheWay, to: pathTo(c.req.query('to') ?? '/', publicAddress(c)) });
    setCookie(c, cookieOf(onTheWay.state), value, { ...cookieOptions(c, path), maxAge: onTheWaySeconds });
    return leadTo(c, address);
  } catch (error) {
    return refused(c, page, error);
  }
});

oidcSignIn.get('/oidc/callback', async (c) => {
  const page = pageSignIn(c);
  const { access } = c.get('parts');
  const name = cookieOf(c.req.query('state'));
  const keptHere = readKept(getCookie(c, name));
  deleteCookie(c, name, cookieOptions(c, path));
  try {
    const query = new URL(c.req.url).searchParams;
    const token = await access.signInAtProvider(
      keptHere && { query, redirectUri: redirectUri(c), onTheWay: keptHere },
      { address: addressOf(c), requestId: c.get('requestId') },
    );
    setSignInCookie(c, token);
    return leadTo(c, pathTo(keptHere?.to ?? '/', publicAddress(c)));
  } catch (error) {
    return refused(c, page, error);
  }
});

function pageSignIn(c: Context<AppEnv>): PageSignIn {
  const { page } = c.get('parts').access;
  if (page === undefined) throw new HttpProblem('not_found', { reason: c.req.path });
  return page;
}

const redirectUri = (c: Context<AppEnv>): string => {
  const address = publicAddress(c);
  return `${address.origin}${publicPath(address)}${path}/callback`;
};

function leadTo(c: Context<AppEnv>, address: string): Response {
  c.header('Cache-Control', 'no-store');
  return c.redirect(address, 302);
}

/** Back to the page, which has a sentence for each code. */
function refused(c: Context<AppEnv>, page: PageSignIn, error: unknown): Response {
  if (!(error instanceof SignInRefused)) throw error;
  page.tell(error, { address: addressOf(c), request_id: c.get('requestId') });
  const code: SignInError = error.code;
  return leadTo(c, `${publicPath(publicAddress(c))}/?sign_in_error=${code}`);
}

function readKept(value: string | undefined): z.infer<typeof kept> | undefined {
  try {
    return kept.parse(JSON.parse(value ?? ''));
  } catch {
    return undefined;
  }
}

/**
 * The page to go on at, which is one of this server's, whatever was asked for: a path below ours, that a browser takes for
 * nothing else.
 */
export function pathTo(to: string, here: URL): string {
  const below = `${publicPath(here)}/`;
  const isPlain = to.startsWith('/') && to.length <= longestTo && !/[\\\p{Cc}]/u.test(to);
  if (!isPlain || !URL.canParse(to, here)) return below;
  const url = new URL(to, here);
  const isOurs =
    url.origin === here.origin && url.pathname.startsWith(below) && !url.pathname.startsWith('//');
  const isPage = isOurs && !url.pathname.slice(below.length - 1).startsWith('/api/');
  return isPage ? url.pathname + url.search + url.hash : below;
}
