// /api/sessions: making, listing, naming and deleting sessions.
import { createRoute } from '@hono/zod-openapi';
import { v7 as newId } from 'uuid';
import type { z } from 'zod';
import { assistantAgentState, otherState } from '../../chat/context/state.ts';
import { goneMetadata, isoTime } from '../../chat/messages.ts';
import type { NewSession, SessionCursor, SessionRow } from '../../db/sessions.ts';
import type { Bilingual, Locale } from '../../words/bilingual.ts';
import { json } from '../answers.ts';
import { badCursor, nextLink } from '../page-link.ts';
import { HttpProblem } from '../problem.ts';
import { createRouter } from '../router.ts';
import { byBody, problems } from '../schemas/problem-schemas.ts';
import { sessionPath, sessionsQuery } from '../schemas/query-schemas.ts';
import * as schemas from '../schemas/session-schemas.ts';
import { brokenRule, invalidRequest } from '../validation.ts';

const defaultName: Bilingual = { 'zh-CN': '新会话', en: 'New session' };
const deletedMessage: Bilingual = { 'zh-CN': '会话已删除', en: 'Session deleted' };

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createSession',
  tags: ['sessions'],
  summary: 'Make a session',
  request: { body: { content: { 'application/json': { schema: schemas.newSession } } } },
  responses: {
    201: json(schemas.session, 'The session', 'Location'),
    ...problems(...byBody),
  },
});

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listSessions',
  tags: ['sessions'],
  summary: 'List sessions, most recently updated first',
  request: { query: sessionsQuery },
  responses: {
    200: json(schemas.session.array(), 'Sessions; the `Link` header leads to the next page', 'Link'),
    ...problems('search_busy'),
  },
});

const detail = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getSession',
  tags: ['sessions'],
  summary: 'A session with the agent’s state',
  request: { params: sessionPath },
  responses: { 200: json(schemas.sessionDetail, 'The session'), ...problems('session_not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateSession',
  tags: ['sessions'],
  summary: 'Rename a session, say who answers and how, or which version it shows, or replace its metadata',
  request: {
    params: sessionPath,
    body: { required: true, content: { 'application/json': { schema: schemas.sessionChange } } },
  },
  responses: {
    200: json(schemas.session, 'The session'),
    ...problems('session_not_found', 'message_not_found', 'session_busy', ...byBody),
  },
});

const fork = createRoute({
  method: 'post',
  path: '/{id}/fork',
  operationId: 'forkSession',
  tags: ['sessions'],
  summary: 'Make a session of its own of what stands up to a message',
  request: {
    params: sessionPath,
    body: { required: true, content: { 'application/json': { schema: schemas.newFork } } },
  },
  responses: {
    201: json(schemas.session, 'The new session', 'Location'),
    ...problems('session_not_found', 'message_not_found', 'session_busy', ...byBody),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'deleteSession',
  tags: ['sessions'],
  summary: 'Delete a session and all it holds',
  request: { params: sessionPath },
  responses: { 200: json(schemas.deleted, 'It is gone'), ...problems('session_not_found') },
});

export const sessions = createRouter()
  .openapi(create, async (c) => {
    const body = c.req.valid('json');
    const row = await c.get('chat').sessions.create({
      ...emptySession(c.get('locale')),
      name: body.name ?? undefined,
      agent: body.agent ?? null,
      instructions: body.instructions ?? null,
      temperature: body.temperature ?? null,
      metadata: body.metadata ?? {},
      agentState: body.agent_state == null ? null : importedState(body.agent_state, c.get('locale')),
    });
    c.header('Location', `${c.get('basePath')}/api/sessions/${row.id}`);
    return c.json(sessionOf(row), 201);
  })
  .openapi(list, async (c) => {
    const { limit, offset, cursor, q } = c.req.valid('query');
    const after = cursor === undefined ? undefined : parseCursor(cursor, c.get('locale'));
    const { sessions: own } = c.get('chat');
    const page =
      q === undefined
        ? await own.list({ limit, offset, after })
        : await own.search({ contains: q, limit, offset, after });
    if (page === 'busy') throw new HttpProblem('search_busy', { retry_after: 2 });
    if (page.next) c.header('Link', nextLink(c, linkPlace(page.next)));
    return c.json(page.sessions.map(sessionOf), 200);
  })
  .openapi(detail, async (c) => {
    const row = await c.get('chat').sessions.findWithState(c.req.valid('param').id);
    const metadata = { ...row.metadata, ...goneMetadata(row.insteadOf) };
    return c.json({ ...sessionOf(row), metadata, agent_state: row.agentState }, 200);
  })
  .openapi(update, async (c) => {
    const { leaf_id, ...change } = c.req.valid('json');
    const row = await c.get('chat').sessions.update(c.req.valid('param').id, { ...change, leaf: leaf_id });
    return c.json(sessionOf(row), 200);
  })
  .openapi(fork, async (c) => {
    const { id } = c.req.valid('param');
    const row = await c.get('chat').sessions.fork(id, c.req.valid('json').message_id);
    c.header('Location', `${c.get('basePath')}/api/sessions/${row.id}`);
    return c.json(sessionOf(row), 201);
  })
  .openapi(remove, async (c) => {
    await c.get('chat').sessions.delete(c.req.valid('param').id);
    return c.json({ success: true as const, message: deletedMessage[c.get('locale')] }, 200);
  });

/** A session that nobody named yet. */
export function emptySession(locale: Locale): NewSession {
  return { id: newId(), name: undefined, defaultName: defaultName[locale], metadata: {}, agentState: null };
}

export function sessionOf(row: SessionRow): z.infer<typeof schemas.session> {
  return {
    id: row.id,
    name: row.name,
    ...(row.agent === null ? {} : { agent: row.agent }),
    ...(row.instructions === null ? {} : { instructions: row.instructions }),
    ...(row.temperature === null ? {} : { temperature: row.temperature }),
    created_at: isoTime(row.createdAt),
    updated_at: isoTime(row.updatedAt),
    message_count: row.messageCount,
    metadata: row.metadata,
  };
}

function importedState(state: Record<string, unknown>, locale: Locale) {
  const other = otherState(state);
  if (other) throw brokenRule(['agent_state'], { rule: `${other}_state` }, locale);
  const parsed = assistantAgentState.safeParse(state);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ ...issue, path: ['agent_state', ...issue.path] }));
  throw invalidRequest('json', issues, { agent_state: state }, locale);
}

function linkPlace({ updatedAtMicros, id, seq, offset = 0 }: SessionCursor & { offset?: number }) {
  const cursor = [updatedAtMicros, id, ...(seq === undefined ? [] : [seq])].join('_');
  return { cursor, ...(offset > 0 ? { offset: String(offset) } : {}) };
}

function parseCursor(text: string, locale: Locale): SessionCursor {
  const [, updatedAtMicros, id, seq] =
    /^(\d{1,16})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:_(\d{1,9}))?$/.exec(text) ?? [];
  if (updatedAtMicros === undefined || id === undefined) throw badCursor(locale);
  return { updatedAtMicros, id, ...(seq === undefined ? {} : { seq: Number(seq) }) };
}
