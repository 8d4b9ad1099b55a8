// The path below which a proxy shows this server: what stands before every address that a caller is told.
import type { Context, MiddlewareHandler } from 'hono';
import { pathOf } from './request-url.ts';
import type { AppEnv } from './router.ts';

// Segments of which none leads elsewhere: neither `//host` nor `..`.
const usable = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/;

/** Says it for the rest of the request: what its proxy says, else what the settings say; `/` is an empty text. */
export const knownBasePath: MiddlewareHandler<AppEnv> = async (c, next) => {
  const forwarded = c.req.header('x-forwarded-prefix');
  c.set('basePath', readPrefix(forwarded) ?? c.get('parts').settings.basePath);
  c.header('Vary', 'X-Forwarded-Prefix');
  return next();
};

/**
 * Only who sent the header gets the answer, so it need not be believed more than that. Each proxy of several adds what
 * it took away.
 */
function readPrefix(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 500) return undefined;
  const prefix = header
    .split(',')
    .map((part) => part.trim().replace(/\/$/, ''))
    .join('');
  return prefix === '' || usable.test(prefix) ? prefix : undefined;
}

/** The path that a request is routed by, whether its proxy took `basePath` away or not. */
export const pathBelow =
  (basePath: string) =>
  (request: Request): string => {
    const path = pathOf(request);
    if (basePath === '' || !`${path}/`.startsWith(`${basePath}/`)) return path;
    return path.slice(basePath.length) || '/';
  };

/** What leads to the same address with a slash at its end, or without it; undefined where it is so already. */
export function bySlash(c: Context, wanted: 'slash' | 'none'): Response | undefined {
  const { pathname, search } = new URL(c.req.url);
  const [last = ''] = /[^/]*\/?$/.exec(pathname) ?? [];
  if (last === '' || last === '/' || last.endsWith('/') === (wanted === 'slash')) return undefined;
  // Relative, so that it is right below any path.
  return c.redirect((wanted === 'slash' ? `${last}/` : `../${last.slice(0, -1)}`) + search, 302);
}
