// X-Request-Id: echoed where a caller sent one, made otherwise.
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './router.ts';

// What traces really carry (W3C's, AWS's and others). Much else could forge a line of a log.
const usable = /^[\w.:/+=@~-]{1,255}$/;

export const requestId: MiddlewareHandler<AppEnv> = async (c, next) => {
  const sent = c.req.header('x-request-id');
  const id = sent !== undefined && usable.test(sent) ? sent : crypto.randomUUID();
  c.set('requestId', id);
  c.header('X-Request-Id', id);
  return next();
};
