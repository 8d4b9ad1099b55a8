// The one Hono app: what every request passes through, and the sub-routers.

import { knownBasePath, pathBelow } from './http/base-path.ts';
import { jsonBody } from './http/body.ts';
import { failedRequest } from './http/failed-request.ts';
import { guardHost } from './http/host.ts';
import { identified } from './http/identified.ts';
import { pickLocale } from './http/locale.ts';
import { allowedMethods } from './http/methods.ts';
import { crossOrigin, guardOrigin, resourcePolicy } from './http/origin.ts';
import type { Parts } from './http/parts.ts';
import { HttpProblem } from './http/problem.ts';
import { requestId } from './http/request-id.ts';
import { readableUrl } from './http/request-url.ts';
import { createRouter, problemResponse } from './http/router.ts';
import { admin } from './http/routes/admin.ts';
import { adminLimits } from './http/routes/admin-limits.ts';
import { adminModels } from './http/routes/admin-models.ts';
import { adminSignIns } from './http/routes/admin-sign-ins.ts';
import { agents } from './http/routes/agents.ts';
import { approvals } from './http/routes/approvals.ts';
import { chat } from './http/routes/chat.ts';
import { exports } from './http/routes/exports.ts';
import { files } from './http/routes/files.ts';
import { history } from './http/routes/history.ts';
import { legacy } from './http/routes/legacy.ts';
import { me } from './http/routes/me.ts';
import { oidcSignIn } from './http/routes/oidc-sign-in.ts';
import { serveDocument } from './http/routes/openapi.ts';
import { service } from './http/routes/service.ts';
import { sessionContext } from './http/routes/session-context.ts';
import { sessions } from './http/routes/sessions.ts';
import { shared, shares } from './http/routes/shares.ts';
import { signIn } from './http/routes/sign-in.ts';
import { turns } from './http/routes/turns.ts';
import { usage } from './http/routes/usage.ts';
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
    .route('/api/sessions', sessionContext)
    .route('/api/sessions', chat)
    .route('/api/sessions', history)
    .route('/api/sessions', turns)
    .route('/api/sessions', exports)
    .route('/api/sessions', shares)
    .route('/', shared)
    .route('/api/files', files)
    .route('/', legacy)
    .route('/api', agents)
    .route('/api', approvals)
    .route('/api', me)
    .route('/api', usage)
    .route('/api', signIn)
    .route('/api/admin', admin)
    .route('/api/admin/models', adminModels)
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
