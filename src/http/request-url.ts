// A request's URL, whatever its Host header says or leaves out.
import type { MiddlewareHandler } from 'hono';
import { getPathNoStrict } from 'hono/utils/url';
import { HttpProblem } from './problem.ts';
import type { AppEnv } from './router.ts';

const methods = 'GET, HEAD, POST, PATCH, DELETE, OPTIONS';

// Who names no host, as HTTP/1.0 allows and load balancers do, gets a request whose URL is a path alone.
const nobody = 'http://localhost';

/** The path that a request is routed by. Never throws: it runs before anything could answer for it. */
export function pathOf(request: Request): string {
  const { url } = request;
  if (isTunnel(request)) return '/';
  if (!url.startsWith('/')) return getPathNoStrict(request);
  return URL.canParse(url, nobody) ? getPathNoStrict(new Request(new URL(url, nobody))) : url;
}

/** What it asks for is a host and a port, and nothing here. */
const isTunnel = ({ method }: Request): boolean => method === 'CONNECT';

/** Makes the URL one that can be read; a host that is none is 400, and one to be connected with 405. */
export const readableUrl: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { url } = c.req;
  // What follows on the connection is no request.
  if (isTunnel(c.req.raw))
    throw new HttpProblem(
      'method_not_allowed',
      { method: c.req.method, allow: methods },
      { headers: { Allow: methods, Connection: 'close' } },
    );
  if (URL.canParse(url)) return next();
  if (!URL.canParse(url, nobody)) throw new HttpProblem('malformed_host');
  c.req.raw = new Request(new URL(url, nobody), c.req.raw);
  return next();
};
