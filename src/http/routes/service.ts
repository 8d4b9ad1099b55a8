// The server itself: is it alive, is it ready, its pages.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { parseAccept } from 'hono/utils/accept';
import type { AgentFault } from '../../agent/agent.ts';
import { Failure } from '../../chat/failure.ts';
import { sleep } from '../../sleep.ts';
import type { Bilingual, Locale } from '../../words/bilingual.ts';
import { json } from '../answers.ts';
import { bySlash } from '../base-path.ts';
import { policyOf } from '../page-policy.ts';
import type { Asset } from '../parts.ts';
import { HttpProblem } from '../problem.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { orNull } from '../schemas/answer-fields.ts';
import { byDatabase, serviceProblems } from '../schemas/problem-schemas.ts';
import { withoutKeys } from '../without-keys.ts';

const state = z
  .object({ status: z.literal('ok') })
  .openapi('Ok', { description: 'That all is well', example: { status: 'ok' } });

const ready = z
  .object({
    status: z.literal('ok'),
    details: z
      .array(z.object({ agent: orNull(z.string()), detail: z.string() }))
      .optional()
      .openapi({
        description: 'What is wrong and keeps nobody from being served: agents’ files, as they are now',
      }),
  })
  .openapi('Ready', { description: 'That it can serve', example: { status: 'ok' } });

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
  responses: { 200: json(ready, 'Yes'), ...serviceProblems(...byDatabase, 'draining') },
});

export const service = createRouter();

service.openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200));

service.openapi(readyz, async (c) => {
  const { chat, lastMigration } = c.get('parts');
  chat.refuseWhileDraining();
  const fault = await soon(chat.databaseFault(lastMigration));
  if (fault) throw new Failure(fault);
  const details = chat.agentFaults().map((wrong) => faultOf(wrong, c.get('locale')));
  return c.json({ status: 'ok' as const, ...(details.length > 0 ? { details } : {}) }, 200);
});

/** What the log says besides is not for everybody. */
function faultOf({ agent, stays }: AgentFault, locale: Locale) {
  const { files, before, missing } = agentFaultTexts;
  return { agent: agent ?? null, detail: (agent === undefined ? files : stays ? before : missing)[locale] };
}

const agentFaultTexts = {
  files: {
    'zh-CN': '智能体的文件夹读不出来，所有智能体保持原样；原因见日志',
    en: 'The folder of the agents cannot be read, and all of them stay as they were. The log says why',
  },
  before: {
    'zh-CN': '它的文件现在有误，它仍按原样回答；原因见日志',
    en: 'Its file is wrong now, and it answers as before. The log says what is wrong',
  },
  missing: {
    'zh-CN': '它的文件有误，所以没有这个智能体；原因见日志',
    en: 'Its file is wrong, so there is no such agent. The log says what is wrong',
  },
} satisfies Record<string, Bilingual>;

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
    'Content-Security-Policy': policyOf('index.html'),
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
    'Content-Security-Policy': policyOf(path),
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
