// The server itself: is it alive, is it ready, its pages.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { parseAccept } from 'hono/utils/accept';
import { Failure } from '../chat/failure.ts';
import { sleep } from '../sleep.ts';
import { json } from './answers.ts';
import { bySlash } from './base-path.ts';
import type { Asset } from './parts.ts';
import { HttpProblem } from './problem.ts';
import { byDatabase, serviceProblems } from './problem-schemas.ts';
import { type AppEnv, createRouter } from './router.ts';
import { withoutKeys } from './without-keys.ts';

const state = z
  .object({ status: z.literal('ok') })
  .openapi('Ok', { description: 'That all is well', example: { status: 'ok' } });

const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'checkHealth',
  security: [],
  tags: ['service'],
  summary: 'Is the process alive?',
  responses: { 200: json(state, 'Yes'), ...serviceProblems() },
});

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'checkReadiness',
  security: [],
  tags: ['service'],
  summary: 'Can it serve: does the database answer, take what is written, and have this version’s tables?',
  responses: { 200: json(state, 'Yes'), ...serviceProblems(...byDatabase, 'draining') },
});

export const service = createRouter();

service.openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200));

service.openapi(readyz, async (c) => {
  const { chat, lastMigration } = c.get('parts');
  chat.refuseWhileDraining();
  const fault = await soon(chat.databaseFault(lastMigration));
  if (fault) throw new Failure(fault);
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
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

// The pages' own links are relative, so that they work below any path.
service.get('/', (c) => bySlash(c, 'slash') ?? asset(c, 'index.html', belowPath(c.get('basePath'))));
// Where the FastAPI application had its page. Relative, so that it is right below a path too.
service.get('/static/example/app_agent.html', (c) => c.redirect('../../'));
service.get('/static/*', (c) => asset(c, c.req.path.slice('/static/'.length)));
service.get('/admin', (c) => bySlash(c, 'none') ?? asset(c, 'admin.html'));
service.get('/docs', (c) => bySlash(c, 'none') ?? asset(c, 'reference.html'));

/** The chat page as the answer to who has to sign in first; undefined where there is none. */
export async function signInPage(c: Context<AppEnv>): Promise<Response | undefined> {
  const found = await c.get('parts').assets('index.html');
  if (!found) return undefined;
  const page = await belowPath(c.get('basePath'))(found);
  return c.body(page.body, 401, {
    'Content-Type': page.type,
    'Content-Security-Policy': policy,
    'Cache-Control': 'no-store',
    'WWW-Authenticate': 'Bearer realm="AgentChat"',
  });
}

async function asset(
  c: Context<AppEnv>,
  path: string,
  changed: (found: Asset) => Promise<Asset> | Asset = same,
) {
  const asset = await c.get('parts').assets(path);
  const found = asset && (await changed(asset));
  if (!found) throw new HttpProblem('not_found', { reason: withoutKeys(c.req.path) });
  const headers = {
    'Content-Type': found.type,
    'Content-Security-Policy': policy,
    // What keeps its name is always asked for again and seldom sent again: an update shows at the next load.
    'Cache-Control': found.lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: found.tag,
  };
  if (found.gzip) c.header('Vary', 'Accept-Encoding', { append: true });
  if (sameTag(c.req.header('if-none-match'), found.tag)) return c.body(null, 304, headers);
  if (found.gzip && takesGzip(c.req.header('accept-encoding')))
    return c.body(found.gzip, 200, { ...headers, 'Content-Encoding': 'gzip', ETag: `W/${found.tag}` });
  return c.body(found.body, 200, headers);
}

const same = (asset: Asset): Asset => asset;

/**
 * The chat page with its files where they are below the path. A proxy that takes the path away asks for `/` whether a
 * browser named it with the slash at its end or not, and without it the relative links would lead beside it; the page's
 * script then adds the slash.
 */
const belowPath =
  (basePath: string) =>
  async (page: Asset): Promise<Asset> => {
    if (basePath === '') return page;
    const text = await new Response(page.body).text();
    const { type, lasting } = page;
    const tag = `"${page.tag.replaceAll('"', '')}-${basePath.slice(1)}"`;
    return { body: text.replaceAll('"./static/', `"${basePath}/static/`), type, lasting, tag };
  };

/** Weak or strong: a compressed copy is as good as the file. */
const sameTag = (asked: string | undefined, tag: string): boolean =>
  (asked ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === tag);

function takesGzip(header: string | undefined): boolean {
  const codings = parseAccept(header ?? '');
  const coding = (name: string) => codings.find(({ type }) => type.toLowerCase() === name);
  return ((coding('gzip') ?? coding('*'))?.q ?? 0) > 0;
}
