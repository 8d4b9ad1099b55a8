// Whose pages may call: those on this machine, and those that the settings name.
import type { MiddlewareHandler } from 'hono';
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
    allowHeaders: ['Content-Type', 'Accept-Language', 'Idempotency-Key', 'Last-Event-ID', 'X-Request-Id'],
    exposeHeaders: ['Link', 'Location', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
  });
  return async (c, next) => {
    if (c.req.method === 'OPTIONS' || c.req.header('origin') !== undefined) return answer(c, next);
    c.header('Vary', 'Origin');
    return next();
  };
}

// A browser sends some requests that change things before it asks whether it may: those stop here. It names the
// page's origin; programs that are no browsers name none.
export const guardOrigin: MiddlewareHandler<AppEnv> = async (c, next) => {
  const origin = c.req.header('origin');
  const changes = c.req.method !== 'GET' && c.req.method !== 'HEAD';
  if (origin === undefined || !changes || isOwnOrigin(origin, c.req.raw.headers)) return next();
  if (isAllowedOrigin(origin, c.get('parts').settings.corsOrigins)) return next();
  throw new HttpProblem('forbidden_origin', { reason: origin.slice(0, 200) });
};

/** Whether a page that this server itself sent makes the request; behind a proxy only the browser knows. */
function isOwnOrigin(origin: string, headers: Headers): boolean {
  if (headers.get('sec-fetch-site') === 'same-origin') return true;
  return URL.canParse(origin) && new URL(origin).host === headers.get('host');
}
