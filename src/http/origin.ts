// Whose pages may call: those on this machine, and those that the settings name.
import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { HttpProblem } from './problem.ts';
import { knownScheme } from './public-address.ts';
import type { AppEnv } from './router.ts';

const local = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

function isAllowedOrigin(origin: string, named: readonly string[]): boolean {
  return local.test(origin) || named.includes('*') || named.includes(origin);
}

/** Lets those pages read the answers. Who names no origin, as programs do, gets the same answer without it. */
export function crossOrigin(named: readonly string[]): MiddlewareHandler<AppEnv> {
  const answer = cors({
    origin: (origin) => (isAllowedOrigin(origin, named) ? origin : null),
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'X-API-Key',
      'X-Owner',
      'Content-Type',
      'Accept-Language',
      'Idempotency-Key',
      'Last-Event-ID',
      'X-Request-Id',
      'X-File-Name',
      'Range',
      'If-Range',
      'If-None-Match',
    ],
    exposeHeaders: [
      'Accept-Ranges',
      'Content-Disposition',
      'Content-Range',
      'ETag',
      'Link',
      'Location',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'WWW-Authenticate',
      'X-Request-Id',
    ],
    maxAge: 600,
  });
  return async (c, next) => {
    if (c.req.method === 'OPTIONS' || c.req.header('origin') !== undefined) return answer(c, next);
    c.header('Vary', 'Origin', { append: true });
    return next();
  };
}

/**
 * What a foreign page is not to have, nor to set off; the pages themselves may be opened from anywhere, and a provider
 * leads back to the sign-in.
 */
const data = /^\/(api\/(?!sign-in\/oidc(\/callback)?\/?$)|chat\/?$|history\/?$)/;

// A browser sends some requests before it asks whether it may, and shows others in a foreign page as a picture or a
// script: those stop here. It says where the page is from; programs that are no browsers say nothing.
export const guardOrigin: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { headers } = c.req.raw;
  const origin = headers.get('origin');
  const changes = c.req.method !== 'GET' && c.req.method !== 'HEAD';
  if (!(changes || data.test(c.req.path)) || isOwn(origin, headers, changes)) return next();
  const { corsOrigins } = c.get('parts').settings;
  if (corsOrigins.includes('*') || (origin !== null && isAllowedOrigin(origin, corsOrigins))) return next();
  throw new HttpProblem('forbidden_origin', { reason: origin?.slice(0, 200) || elsewhere });
};

/**
 * Throws for a change that another page asks for, whatever CORS_ORIGINS says: of what a browser brings along by itself. What
 * the browser says of where the page is from counts for more than the host's name, which another port or scheme may share.
 */
export function fromHereAlone(c: Context<AppEnv>): void {
  const { headers, method } = c.req.raw;
  const origin = headers.get('origin');
  const isOther = isForeign(headers) || isOfOtherScheme(c, origin);
  if (method === 'GET' || method === 'HEAD' || (!isOther && isOwn(origin, headers, true))) return;
  throw new HttpProblem('forbidden_origin', { reason: origin?.slice(0, 200) || elsewhere });
}

const elsewhere = { 'zh-CN': '其他网站', en: 'another site' };

/** Whether the browser says that a page of another origin asks. */
const isForeign = (headers: Headers): boolean =>
  /^(cross|same)-site$/.test(headers.get('sec-fetch-site') ?? '');

/** Behind a proxy only the proxy, or the settings, know by which scheme people come. */
function isOfOtherScheme(c: Context<AppEnv>, origin: string | null): boolean {
  const scheme = c.req.header('sec-fetch-site') === 'same-origin' ? undefined : knownScheme(c);
  return (
    scheme !== undefined && origin !== null && URL.canParse(origin) && new URL(origin).protocol !== scheme
  );
}

/** Whether a page that this server itself sent makes the request, or no page; behind a proxy only the browser knows. */
function isOwn(origin: string | null, headers: Headers, changes: boolean): boolean {
  if (headers.get('sec-fetch-site') === 'same-origin') return true;
  if (origin !== null && URL.canParse(origin) && new URL(origin).host === headers.get('host')) return true;
  return !isForeign(headers) && (origin === null || !changes);
}

/** Who may show what comes from here in a page of another origin, without asking for it. */
export const resourcePolicy = (named: readonly string[]): 'cross-origin' | 'same-origin' =>
  named.includes('*') ? 'cross-origin' : 'same-origin';
