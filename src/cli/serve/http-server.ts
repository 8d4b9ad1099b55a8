// Bun's HTTP server around the app: its limits, and an answer for what the app itself could not answer.
import { pickLocale } from '../../http/locale.ts';
import { resourcePolicy } from '../../http/origin.ts';
import { makeProblem } from '../../http/problem.ts';
import { pathOf } from '../../http/request-url.ts';
import { withoutKeys } from '../../http/without-keys.ts';
import type { Log } from '../../log.ts';
import type { Settings } from '../../settings.ts';
import { listening } from './listen.ts';

export type HttpServerParts = {
  settings: Pick<Settings, 'host' | 'port' | 'workers' | 'defaultLocale' | 'corsOrigins'>;
  log: Log;
  /** Is told where a request comes from. */
  fetch: (request: Request, from: { address?: string | undefined }) => Response | Promise<Response>;
  /** How long a connection may be silent, up to 255. Above the heartbeat of streams, only a dead or idle one is so long. */
  idleSeconds?: number;
};

/** Opens the port, or throws a ListenError. */
export function openHttpServer({ settings, log, fetch, idleSeconds = 120 }: HttpServerParts) {
  /** A 500 that says nothing but its request id, under which the log has the error. */
  const broken = (error: unknown, request?: Request): Response => {
    const requestId = crypto.randomUUID();
    const instance = request ? withoutKeys(pathOf(request)) : '/';
    log.error('a request failed', { method: request?.method, path: instance, request_id: requestId, error });
    const locale = pickLocale(request?.headers.get('accept-language') ?? undefined, settings.defaultLocale);
    return new Response(JSON.stringify(makeProblem('internal', {}, { locale, instance, requestId })), {
      status: 500,
      headers: {
        'Content-Type': 'application/problem+json',
        'Cross-Origin-Resource-Policy': resourcePolicy(settings.corsOrigins),
        'X-Request-Id': requestId,
      },
    });
  };
  return listening(settings, () =>
    Bun.serve({
      hostname: settings.host,
      port: settings.port,
      reusePort: settings.workers > 1,
      // Bun's own error page shows sources and paths.
      development: false,
      idleTimeout: idleSeconds,
      // The app has its own limit, and a sentence for it; it reads no further than that.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      fetch: async (request, server) => {
        // A caller who waits for a whole reply waits as long as a model thinks; the body has its own time in the app.
        const isPost = request.method === 'POST';
        if (isPost) server.timeout(request, 0);
        try {
          return await fetch(request, { address: server.requestIP(request)?.address });
        } catch (error) {
          return broken(error, request);
        } finally {
          // What is left of it, and the next request on the connection, have no such reason to be silent.
          if (isPost) server.timeout(request, idleSeconds);
        }
      },
      error: (error) => broken(error),
    }),
  );
}
