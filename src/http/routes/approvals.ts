// What waits for a person, and what they say of it.
import { createRoute, z } from '@hono/zod-openapi';
import { madeWith } from '../../chat/calls/call-outcome.ts';
import { isoTime } from '../../chat/messages.ts';
import type { Decision } from '../../chat/own-approvals.ts';
import type { CallOfTurn, CallRow } from '../../db/turns/call-parts.ts';
import type { Locale } from '../../words/bilingual.ts';
import { callStatuses, decisions } from '../../words/tool-calls.ts';
import { json } from '../answers.ts';
import { badCursor, nextLink } from '../page-link.ts';
import { createRouter } from '../router.ts';
import { id, orNull, time } from '../schemas/answer-fields.ts';
import { callArguments, text, uuid, wholeNumber } from '../schemas/fields.ts';
import { calledServer, functionCall } from '../schemas/message-schemas.ts';
import { byBody, problems } from '../schemas/problem-schemas.ts';
import { turnPath } from '../schemas/query-schemas.ts';

const approval = z
  .object({
    id,
    session_id: id,
    turn_id: id,
    status: z.enum(callStatuses),
    call: functionCall,
    server: calledServer,
    requested_at: time,
    expires_at: orNull(time),
  })
  .openapi('Approval', { description: 'A call of a tool that a person has to allow' });

const decided = z
  .object({
    id,
    status: z.enum(callStatuses),
    decision: orNull(z.enum(decisions)),
    decided_by: orNull(z.string()),
    call: functionCall,
  })
  .openapi('DecidedApproval', { description: 'What was said of it' });

const query = z.object({
  status: z.literal('pending').default('pending').openapi({ description: 'Those that wait' }),
  limit: wholeNumber(1, 100, 50),
  cursor: text(1, 200).optional().openapi({ description: 'From the `Link` header of the page before' }),
});

const list = createRoute({
  method: 'get',
  path: '/approvals',
  operationId: 'listApprovals',
  tags: ['approvals'],
  summary: 'What waits for you, over all sessions',
  request: { query },
  responses: {
    200: json(z.array(approval), 'What expires first at the beginning; the `Link` header leads on', 'Link'),
    ...problems(),
  },
});

const longest = 65_536;
const decision = z
  .discriminatedUnion('decision', [
    z.object({
      decision: z.literal('approve'),
      arguments: callArguments.optional().openapi({ description: 'To be called with these instead' }),
    }),
    z.object({ decision: z.literal('deny'), reason: text(1, longest).optional() }),
    z.object({ decision: z.literal('answer'), answer: text(0, longest) }),
  ])
  .openapi('ApprovalDecision', {
    description: '`approve` makes the call, `deny` tells the model why not, `answer` is its result',
    example: { decision: 'approve' },
  });

const decide = createRoute({
  method: 'post',
  path: '/sessions/{id}/turns/{turn}/approvals/{approval}',
  operationId: 'decideApproval',
  tags: ['approvals'],
  summary: 'Allow a call, deny it, or answer in its place',
  request: {
    params: turnPath.extend({ approval: uuid }),
    body: { required: true, content: { 'application/json': { schema: decision } } },
  },
  responses: {
    200: json(decided, 'What was said, now or before'),
    ...problems(...byBody, 'session_not_found', 'turn_not_found', 'approval_not_found', 'approval_decided'),
  },
});

export const approvals = createRouter()
  .openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? undefined : placeIn(cursor, c.get('locale'));
    const { calls, next } = await c.get('chat').approvals.pending({ limit, after });
    if (next) c.header('Link', nextLink(c, { cursor: `${next.expiresAtMicros}.${next.id}` }));
    return c.json(calls.map(approvalOf), 200);
  })
  .openapi(decide, async (c) => {
    const { id: session, turn, approval: which } = c.req.valid('param');
    const row = await c.get('chat').approvals.decide(session, turn, which, decisionIn(c.req.valid('json')));
    return c.json(decidedOf(row), 200);
  });

function placeIn(cursor: string, locale: Locale) {
  const [, expiresAtMicros, last] =
    /^(\d{1,18})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor) ?? [];
  if (expiresAtMicros === undefined || last === undefined) throw badCursor(locale);
  return { expiresAtMicros, id: last };
}

const decisionIn = (given: z.output<typeof decision>): Decision =>
  given.decision === 'approve'
    ? { decision: 'approve', arguments: given.arguments && JSON.stringify(given.arguments) }
    : given;

const approvalOf = (row: CallOfTurn): z.infer<typeof approval> => ({
  id: row.approvalId,
  session_id: row.session,
  turn_id: row.turn,
  status: row.status,
  call: callIn(row),
  server: row.server || null,
  requested_at: isoTime(row.requestedAt),
  expires_at: row.expiresAt && isoTime(row.expiresAt),
});

const decidedOf = (row: CallRow): z.infer<typeof decided> => ({
  id: row.approvalId,
  status: row.status,
  decision: row.decision,
  decided_by: row.decidedBy,
  call: callIn(row),
});

/** As it is made when it is approved: what somebody gave before counts where it is asked about again. */
const callIn = (row: CallRow) => ({ id: row.callId, name: row.name, arguments: madeWith(row) });
