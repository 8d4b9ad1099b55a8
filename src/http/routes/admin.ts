// What only an admin may: keys, owners and the audit.
import { createRoute, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isoTime } from '../../chat/messages.ts';
import type { AuditRow } from '../../db/access/audit.ts';
import type { KeyRow } from '../../db/access/keys.ts';
import { json } from '../answers.ts';
import { badCursor, nextLink } from '../page-link.ts';
import { type AppEnv, createRouter } from '../router.ts';
import * as schemas from '../schemas/admin-schemas.ts';
import { byBody, problems } from '../schemas/problem-schemas.ts';

const listKeys = createRoute({
  method: 'get',
  path: '/keys',
  operationId: 'listKeys',
  tags: ['admin'],
  summary: 'All keys, oldest first',
  responses: { 200: json(schemas.key.array(), 'Keys'), ...problems() },
});

const createKey = createRoute({
  method: 'post',
  path: '/keys',
  operationId: 'createKey',
  tags: ['admin'],
  summary: 'Make a key',
  request: { body: { required: true, content: { 'application/json': { schema: schemas.newKey } } } },
  responses: { 201: json(schemas.madeKey, 'The key, told this once'), ...problems(...byBody) },
});

const revokeKey = createRoute({
  method: 'delete',
  path: '/keys/{id}',
  operationId: 'revokeKey',
  tags: ['admin'],
  summary: 'Revoke a key: within five seconds it lets nobody in',
  request: { params: schemas.keyPath },
  responses: { 200: json(schemas.key, 'The key'), ...problems('key_not_found') },
});

const listOwners = createRoute({
  method: 'get',
  path: '/owners',
  operationId: 'listOwners',
  tags: ['admin'],
  summary: 'Owners by their names',
  request: { query: schemas.ownersQuery },
  responses: {
    200: json(schemas.owner.array(), 'Owners; the `Link` header leads to the next page', 'Link'),
    ...problems(),
  },
});

const listAudit = createRoute({
  method: 'get',
  path: '/audit',
  operationId: 'listAudit',
  tags: ['admin'],
  summary: 'Who did what, newest first',
  request: { query: schemas.auditQuery },
  responses: {
    200: json(schemas.audited.array(), 'Entries; the `Link` header leads to the next page', 'Link'),
    ...problems(),
  },
});

/** Throws a Failure for who is no admin. */
export const adminOf = (c: Context<AppEnv>) => c.get('parts').access.admin(c.get('caller'));

export const admin = createRouter()
  .openapi(listKeys, async (c) => c.json((await adminOf(c).keys.list()).map(keyOf), 200))
  .openapi(createKey, async (c) => {
    const { owner, name, role, agents, expires_at } = c.req.valid('json');
    const { key, row } = await adminOf(c).keys.create({
      owner,
      name: name ?? undefined,
      role: role ?? 'member',
      agents: agents ?? undefined,
      expiresAt: expires_at ?? undefined,
    });
    c.header('Cache-Control', 'no-store');
    return c.json({ ...keyOf(row), key }, 201);
  })
  .openapi(revokeKey, async (c) => c.json(keyOf(await adminOf(c).keys.revoke(c.req.valid('param').id)), 200))
  .openapi(listOwners, async (c) => {
    const { limit, cursor: after, q: contains } = c.req.valid('query');
    const found = await adminOf(c).owners({ limit: limit + 1, after, contains });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    if (found.length > limit && last) c.header('Link', nextLink(c, { cursor: last.name }));
    return c.json(
      shown.map(({ name, createdAt, sessions }) => ({
        name,
        created_at: isoTime(createdAt),
        session_count: sessions,
      })),
      200,
    );
  })
  .openapi(listAudit, async (c) => {
    const { limit, cursor, owner, action } = c.req.valid('query');
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw badCursor(c.get('locale'));
    const before = cursor === undefined ? undefined : Number(cursor);
    const found = await adminOf(c).audit({ limit: limit + 1, before, owner, action });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    if (found.length > limit && last) c.header('Link', nextLink(c, { cursor: String(last.id) }));
    return c.json(shown.map(auditedOf), 200);
  });

const timeOrNull = (time: Date | null) => time && isoTime(time);

const keyOf = (row: KeyRow): z.infer<typeof schemas.key> => ({
  id: row.id,
  owner: row.owner,
  name: row.name,
  role: row.role,
  hint: row.hint,
  agents: row.agents,
  created_at: isoTime(row.createdAt),
  expires_at: timeOrNull(row.expiresAt),
  revoked_at: timeOrNull(row.revokedAt),
  last_used_at: timeOrNull(row.lastUsedAt),
});

const auditedOf = (row: AuditRow): z.infer<typeof schemas.audited> => ({
  id: row.id,
  at: isoTime(row.at),
  owner: row.owner,
  actor: row.actor,
  way: row.way,
  key_id: row.key,
  action: row.action,
  target: row.target,
  details: row.details ?? {},
  address: row.address,
  request_id: row.requestId,
});
