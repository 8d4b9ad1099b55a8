// Whose pages may call: those on this machine, and those that the settings name.
import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { HttpProblem } from './problem.ts';
import type { AppEnv } from './router.ts';

const local = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

function isAllowedOrigin(origin: string, named: readonly string[]): boolean {
  return local.test(origin) || named.includes('*') || named.includes(origin);
}

/** Lets those pages read the answers. Who names no origin, as programs do, gets the same answer without it. */
export function crossOrigin(named: readonly string[]): MiddlewareHandler<AppEnv> {
  const answer = cors({
    origin: (origin) => (isAllowedOrigin(origin, named) ? origin : null),
    allowMethods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'X-API-Key',
      'X-Owner',
      'Content-Type',
      'Accept-Language',
      'Idempotency-Key',
      'Last-Event-ID',
      'X-Request-Id',
    ],
    exposeHeaders: ['Link', 'Location', 'Retry-After', 'X-Request-Id'],
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

/** Throws for a change that another page asks for, whatever CORS_ORIGINS says: of what a browser brings along by itself. */
export function fromHereAlone(c: Context<AppEnv>): void {
  const { headers, method } = c.req.raw;
  const origin = headers.get('origin');
  if (method === 'GET' || method === 'HEAD' || isOwn(origin, headers, true)) return;
  throw new HttpProblem('forbidden_origin', { reason: origin?.slice(0, 200) || elsewhere });
}

const elsewhere = { 'zh-CN': '其他网站', en: 'another site' };

/** Whether a page that this server itself sent makes the request, or no page; behind a proxy only the browser knows. */
function isOwn(origin: string | null, headers: Headers, changes: boolean): boolean {
  const site = headers.get('sec-fetch-site');
  if (site === 'same-origin') return true;
  if (origin !== null && URL.canParse(origin) && new URL(origin).host === headers.get('host')) return true;
  const isForeign = site === 'cross-site' || site === 'same-site';
  return !isForeign && (origin === null || !changes);
}

/** Who may show what comes from here in a page of another origin, without asking for it. */
export const resourcePolicy = (named: readonly string[]): 'cross-origin' | 'same-origin' =>
  named.includes('*') ? 'cross-origin' : 'same-origin';
