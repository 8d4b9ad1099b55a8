// The server itself: is it alive, is it ready, its pages.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { Failure } from '../chat/failure.ts';
import { sleep } from '../chat/patience.ts';
import { HttpProblem } from './problem.ts';
import { type AppEnv, createRouter, json, problems } from './router.ts';

const state = z.object({ status: z.literal('ok') }).openapi('Ok');

const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['service'],
  summary: 'Is the process alive?',
  responses: { 200: json(state, 'Yes') },
});

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['service'],
  summary: 'Can it serve: does the database answer, and is it migrated?',
  responses: { 200: json(state, 'Yes'), ...problems(503) },
});

export const service = createRouter();

service.openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200));

service.openapi(readyz, async (c) => {
  const { store, turns, lastMigration } = c.get('parts');
  turns.refuseWhileDraining();
  const applied = await soon(store.lastAppliedMigration());
  if (lastMigration !== undefined && applied !== lastMigration) throw new Failure('not_migrated');
  return c.json({ status: 'ok' as const }, 200);
});

// A server that hangs is as good as away to whoever asks.
const readyMs = 3000;

async function soon<T>(answer: Promise<T>): Promise<T> {
  const late = sleep(readyMs).then(() => {
    throw new Failure('database_away');
  });
  answer.catch(() => {});
  late.catch(() => {});
  return Promise.race([answer, late]);
}

// Everything the pages load comes from here; nothing in them runs that is not a file of ours.
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
// Swagger UI writes style attributes.
const referencePolicy = pagePolicy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

service.get('/', (c) => asset(c, 'static', 'index.html', pagePolicy));
service.get('/static/*', (c) => asset(c, 'static', c.req.path.slice('/static/'.length), pagePolicy));
service.get('/docs', (c) => asset(c, 'static', 'reference.html', referencePolicy));
service.get('/docs/*', (c) => asset(c, 'reference', c.req.path.slice('/docs/'.length), referencePolicy));

async function asset(c: Context<AppEnv>, folder: 'static' | 'reference', path: string, policy: string) {
  const found = await c.get('parts').assets(folder, path);
  if (!found) throw new HttpProblem('not_found', { reason: c.req.path });
  const headers = {
    'Content-Type': found.type,
    'Content-Security-Policy': policy,
    // Always asked for again, seldom sent again: an update shows at the next load.
    'Cache-Control': 'no-cache',
    ETag: found.tag,
  };
  if (c.req.header('if-none-match') === found.tag) return c.body(null, 304, headers);
  return new Response(found.body, { headers });
}
