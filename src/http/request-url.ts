// A request's URL, whatever its Host header says or leaves out.
import type { MiddlewareHandler } from 'hono';
import { getPathNoStrict } from 'hono/utils/url';
import { HttpProblem } from './problem.ts';
import type { AppEnv } from './router.ts';

// Who names no host, as HTTP/1.0 allows and load balancers do, gets a request whose URL is a path alone.
const nobody = 'http://localhost';

/** The path that a request is routed by. Never throws: it runs before anything could answer for it. */
export function pathOf(request: Request): string {
  const { url } = request;
  if (!url.startsWith('/')) return getPathNoStrict(request);
  return URL.canParse(url, nobody) ? getPathNoStrict(new Request(new URL(url, nobody))) : url;
}

/** Makes the URL one that can be read; a host that is none is 400. */
export const readableUrl: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { url } = c.req;
  if (URL.canParse(url)) return next();
  if (!URL.canParse(url, nobody)) throw new HttpProblem('malformed_host');
  c.req.raw = new Request(new URL(url, nobody), c.req.raw);
  return next();
};
