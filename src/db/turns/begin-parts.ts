// What the statements that let turns begin are made of.
import { type SQL, sql } from 'drizzle-orm';
import { expectedTypes } from '../access/admission.ts';
import { heldColumns, heldValues } from '../access/allowances.ts';
import type { Db } from '../database.ts';
import type { ContextRow } from '../message-row.ts';
import { as, cte, param } from '../prepared.ts';
import { chatMessages, chatSessions, chatTurns } from '../schema.ts';
import { inLine, type Standing } from './standing.ts';
import { begunColumns, begunTurn, leaseEnd, shownResult } from './statement-parts.ts';

/** What is asked of a turn that is to begin, as the statements name and read it. */
export const asked = {
  owner: 'int',
  session: 'uuid',
  turn: 'uuid',
  lease: 'uuid',
  agent: 'text',
  replyId: 'uuid',
  name: 'text',
  idempotencyKey: 'text',
  requestHash: 'text',
  message: 'uuid',
  source: 'text',
  type: 'text',
  content: 'text',
  usage: 'jsonb',
  metadata: 'jsonb',
  data: 'jsonb',
  fixed: 'boolean',
  mayBeAsked: 'jsonb',
  before: 'int',
} as const;
/** And of who has one row of limits. */
export const askedOfLimited = {
  keyId: 'uuid',
  ...expectedTypes,
  limitOwner: 'int',
  limitKey: 'uuid',
  allowanceOwner: 'int',
} as const;

/** Where a statement has it: in its parameters, or in the columns of its part `locked`. */
type Place = (name: keyof typeof asked) => SQL;
export const inLocked: Place = (name) => sql`locked.${sql.identifier(name)}`;
/** What depends on who answers is always there. */
export const inParameters: Place = (name) =>
  name === 'agent' || name === 'before' ? inLocked(name) : param(name, asked[name]);

// Of two begins with one idempotency key the index lets one through; the other changes nothing and gives no seq. Here
// alone are places given: one for the message, and the next for all that the turn will say.
// With a turn that may run at once come the messages before it, unless some were added while the session's row was
// waited for: those this statement cannot see.
/** The parts behind `locked` and `admitted`. `begins`: which of these begin; `begun`: `turn`, and what was asked of it. */
export function beginParts(db: Db, of: Place, begins: SQL, begun: SQL, where: Standing = inLine) {
  const isItsSession = sql`${chatSessions.ownerId} = ${of('owner')} and ${chatSessions.id} = ${of('session')}`;
  const turn = cte(
    db,
    'turn',
    { ...begunTurn, id: as(chatTurns.id), status: as(chatTurns.status) },
    sql`insert into ${chatTurns} (owner_id, session_id, id, status, seq, reply_seq, reply_id, agent, lease, lease_until,
        started_at, idempotency_key, request_hash, ${heldColumns}, ${where.columns})
      select ${of('owner')}, ${of('session')}, ${of('turn')}, case when idle then 'running' else 'queued' end,
        last_seq + 1, last_seq + 2, ${of('replyId')}, ${of('agent')}, ${of('lease')}, ${leaseEnd},
        case when idle then at end, ${of('idempotencyKey')}, ${of('requestHash')}, ${heldValues},
        ${where.values}
      from ${begins}
      on conflict (owner_id, session_id, idempotency_key) where idempotency_key is not null do nothing
      returning id, ${begunColumns}, status`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set
      last_seq = turn.reply_seq,
      message_count = ${chatSessions.messageCount} + ${where.messages},${where.change}
      updated_at = now(),
      name = case when name_given or ${chatSessions.messageCount} > 0 then ${chatSessions.name}
        else coalesce(nullif(${of('name')}, ''), ${chatSessions.name}) end,
      running_lease = case when turn.status = 'running' then ${of('lease')} else running_lease end,
      queued_turns = ${chatSessions.queuedTurns} + case when turn.status = 'running' then 0 else 1 end
      from ${begun} where ${isItsSession} returning ${chatSessions}.id`,
  );
  const message = cte(
    db,
    'message',
    { id: as(chatMessages.id) },
    sql`insert into ${chatMessages} (owner_id, session_id, seq, id, role, source, type, content, models_usage, metadata, data)
      select ${of('owner')}, ${of('session')}, seq, ${of('message')}, 'user', ${of('source')}, ${of('type')},
        ${of('content')}, ${of('usage')}, ${of('metadata')}, coalesce(${of('data')},
          case when locked."insteadOf" is not null then jsonb_build_object('instead_of', locked."insteadOf") end)
      from ${begun} where ${where.says} returning id`,
  );
  const before = sql<
    ContextRow[] | null
  >`case when turn.status = 'running' and locked.path is null and ${where.isInLine}
    and locked.message_count <= (select message_count from ${chatSessions} where ${isItsSession})
    then (
      select coalesce(json_agg(newest order by seq, step), '[]') from (
        select seq, step, role, source, type, data, content, thought from ${chatMessages}
        where ${chatMessages.ownerId} = ${of('owner')} and ${chatMessages.sessionId} = ${of('session')}
          and seq > locked.agent_state_seq and seq < turn.seq
        order by seq desc, step desc limit ${of('before')}
      ) as newest
    ) end`;
  const columns = {
    seq: turn.seq,
    replySeq: turn.replySeq,
    status: turn.status,
    createdAt: turn.createdAt,
    keyId: turn.keyId,
    limited: turn.limited,
    before,
    agent: sql<string>`locked.agent`.as('agent'),
    insteadOf: sql<string | null>`locked."insteadOf"`.as('insteadOf'),
  };
  return { turn, session, message, columns };
}

export const lockedColumns = {
  agent: as(chatTurns.agent),
  insteadOf: sql<string | null>`"insteadOf"`.as('insteadOf'),
  ...shownResult,
};
