// Who is signed in on the page: what an admin sees of it, and ends.
import { createRoute, z } from '@hono/zod-openapi';
import { isoTime } from '../../chat/messages.ts';
import type { SignInRow } from '../../db/access/sign-ins.ts';
import { roles, ways } from '../../words/access.ts';
import { json } from '../answers.ts';
import { badCursor, nextLink } from '../page-link.ts';
import { createRouter } from '../router.ts';
import { ownerName } from '../schemas/admin-schemas.ts';
import { exampleId, exampleTime, id, orNull, time } from '../schemas/answer-fields.ts';
import { text, uuid, wholeNumber } from '../schemas/fields.ts';
import { problems } from '../schemas/problem-schemas.ts';
import { adminOf } from './admin.ts';

const signIn = z
  .object({
    id,
    owner: z.string(),
    way: z.enum(ways),
    role: z.enum(roles).openapi({ description: 'But for those whom the server’s `AUTH_ADMINS` lists' }),
    key_id: orNull(id).openapi({ description: 'The key that it came by' }),
    current: z.boolean().openapi({ description: 'Whether this request came by it' }),
    created_at: time,
    expires_at: time,
  })
  .openapi('SignIn', {
    description: 'Somebody who is signed in on the page',
    example: {
      id: exampleId,
      owner: 'alice',
      way: 'oidc' as const,
      role: 'member' as const,
      key_id: null,
      current: false,
      created_at: exampleTime,
      expires_at: exampleTime,
    },
  });

const ended = z
  .object({ ended: z.number().int() })
  .openapi('EndedSignIns', { description: 'How many sign-ins were ended', example: { ended: 2 } });

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listSignIns',
  tags: ['admin'],
  summary: 'Who is signed in on the page, newest first',
  request: {
    query: z.object({
      limit: wholeNumber(1, 1000, 100),
      cursor: text(1, 36).optional().openapi({ description: 'From the `Link` header of the page before' }),
      owner: ownerName.optional(),
    }),
  },
  responses: {
    200: json(signIn.array(), 'Sign-ins; the `Link` header leads to the next page', 'Link'),
    ...problems(),
  },
});

const end = createRoute({
  method: 'delete',
  path: '/{owner}',
  operationId: 'endSignIns',
  tags: ['admin'],
  summary: 'End the sign-ins of an owner, all or one: within five seconds they let nobody in',
  request: {
    params: z.object({ owner: ownerName }),
    query: z.object({ id: uuid.optional().openapi({ description: 'This one alone' }) }),
  },
  responses: { 200: json(ended, 'How many there were'), ...problems() },
});

export const adminSignIns = createRouter()
  .openapi(list, async (c) => {
    const { limit, cursor: before, owner } = c.req.valid('query');
    const { signIns } = adminOf(c);
    if (before !== undefined && !z.uuid().safeParse(before).success) throw badCursor(c.get('locale'));
    const found = await signIns.list({ limit: limit + 1, before, owner });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    if (found.length > limit && last) c.header('Link', nextLink(c, { cursor: last.id }));
    return c.json(
      shown.map((row) => signInOf(row, c.get('who').signIn)),
      200,
    );
  })
  .openapi(end, async (c) => {
    const [{ owner }, { id }] = [c.req.valid('param'), c.req.valid('query')];
    return c.json({ ended: await adminOf(c).signIns.end(owner, id) }, 200);
  });

const signInOf = (row: SignInRow, current: string | undefined): z.infer<typeof signIn> => ({
  id: row.id,
  owner: row.owner,
  way: row.way,
  role: row.role,
  key_id: row.key,
  current: row.id === current,
  created_at: isoTime(row.createdAt),
  expires_at: isoTime(row.expiresAt),
});
