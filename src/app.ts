// The one Hono app: what every request passes through, and the sub-routers.
import { admin } from './http/admin.ts';
import { adminLimits } from './http/admin-limits.ts';
import { adminSignIns } from './http/admin-sign-ins.ts';
import { agents } from './http/agents.ts';
import { approvals } from './http/approvals.ts';
import { knownBasePath, pathBelow } from './http/base-path.ts';
import { jsonBody } from './http/body.ts';
import { chat } from './http/chat.ts';
import { failedRequest } from './http/failed-request.ts';
import { files } from './http/files.ts';
import { history } from './http/history.ts';
import { guardHost } from './http/host.ts';
import { identified } from './http/identified.ts';
import { legacy } from './http/legacy.ts';
import { pickLocale } from './http/locale.ts';
import { me } from './http/me.ts';
import { allowedMethods } from './http/methods.ts';
import { oidcSignIn } from './http/oidc-sign-in.ts';
import { serveDocument } from './http/openapi.ts';
import { crossOrigin, guardOrigin, resourcePolicy } from './http/origin.ts';
import type { Parts } from './http/parts.ts';
import { HttpProblem } from './http/problem.ts';
import { requestId } from './http/request-id.ts';
import { readableUrl } from './http/request-url.ts';
import { createRouter, problemResponse } from './http/router.ts';
import { service } from './http/service.ts';
import { sessions } from './http/sessions.ts';
import { signIn } from './http/sign-in.ts';
import { turns } from './http/turns.ts';
import { usage } from './http/usage.ts';
import { withoutKeys } from './http/without-keys.ts';

export type App = ReturnType<typeof createApp>;

/**
 * The app over its parts; it keeps no other state and needs no particular runtime.
 *
 * @example
 * const response = await createApp(parts).request('/api/sessions');
 */
export function createApp(parts: Parts) {
  const { settings, log } = parts;
  const app = createRouter(pathBelow(settings.basePath));
  const embeddable = resourcePolicy(settings.corsOrigins);

  app.use(requestId);
  app.use(async (c, next) => {
    c.set('parts', parts);
    c.set('locale', pickLocale(c.req.header('accept-language'), settings.defaultLocale));
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cross-Origin-Resource-Policy', embeddable);
    const began = performance.now();
    await next();
    // Probes come every few seconds and tell nobody anything.
    const level = probes.has(c.req.path) ? 'debug' : 'info';
    log[level]('request', {
      method: c.req.method,
      path: withoutKeys(c.req.path),
      status: c.res.status,
      ms: Math.round(performance.now() - began),
      request_id: c.get('requestId'),
    });
  });
  app.use(knownBasePath);
  app.use(guardHost(settings.allowedHosts));
  app.use(crossOrigin(settings.corsOrigins));
  app.use(readableUrl);
  app.use(guardOrigin);
  app.use(identified);
  app.use(jsonBody);

  const routed = app
    .route('/api/sessions', sessions)
    .route('/api/sessions', chat)
    .route('/api/sessions', history)
    .route('/api/sessions', turns)
    .route('/api/files', files)
    .route('/', legacy)
    .route('/api', agents)
    .route('/api', approvals)
    .route('/api', me)
    .route('/api', usage)
    .route('/api', signIn)
    .route('/api/admin', admin)
    .route('/api/sign-in', oidcSignIn)
    .route('/api/admin/limits', adminLimits)
    .route('/api/admin/sign-ins', adminSignIns)
    .route('/', service);
  serveDocument(routed);

  routed.notFound((c) => {
    const allow = allowedMethods(routed.routes, c.req.path);
    const error =
      allow.length > 0
        ? new HttpProblem(
            'method_not_allowed',
            { method: c.req.method, allow: allow.join(', ') },
            { headers: { Allow: allow.join(', ') } },
          )
        : new HttpProblem('not_found', { reason: withoutKeys(c.req.path) });
    return problemResponse(error, c);
  });
  routed.onError(failedRequest);
  return routed;
}

const probes = new Set(['/healthz', '/readyz']);
