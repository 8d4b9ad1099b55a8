// The statements that let a turn begin: with its message, and out of the queue.
import { sql } from 'drizzle-orm';
import { longestQueue } from '../../words/turn-limits.ts';
import { admission, refusalColumns } from '../access/admission.ts';
import { heldColumns, heldValues } from '../access/allowances.ts';
import { quickAdmission, unlimitedPart } from '../access/quick-admission.ts';
import type { Db } from '../database.ts';
import type { ContextRow } from '../messages.ts';
import { inSession } from '../owner.ts';
import { as, cte, param } from '../prepared.ts';
import { chatMessages, chatSessions, chatTurns } from '../schema.ts';
import {
  begunColumns,
  begunTurn,
  fromSession,
  idle,
  isSession,
  isTurn,
  leaseEnd,
} from './statement-parts.ts';

const noneEarlier = sql`not exists (select 1 from ${chatTurns} as earlier where earlier.owner_id = ${param('owner', 'int')}
  and earlier.session_id = ${param('session', 'uuid')} and earlier.status = 'queued' and earlier.seq < ${param('seq', 'int')})`;

// Of two begins with one idempotency key the index lets one through; the other changes nothing and gives no seq. Here
// alone are places given: one for the message, and the next for all that the turn will say.
// With a turn that may run at once come the messages before it, unless some were added while the session's row was
// waited for: those this statement cannot see.
// There are three of it, which differ in how they let it in: "judged" says why it may not begin. The others cost less, and
// are for what is thought of the limits: that there are none, or one row. Where that is not so they do nothing.
export function prepareBegin(db: Db) {
  const locked = cte(
    db,
    'locked',
    {
      agentState: as(chatSessions.agentState),
      agentStateSeq: as(chatSessions.agentStateSeq),
    },
    sql`select last_seq, message_count, ${idle} as idle, queued_turns, agent_state, agent_state_seq, now() as at
      ${fromSession} for update`,
  );
  const turn = cte(
    db,
    'turn',
    { ...begunTurn, status: as(chatTurns.status) },
    sql`insert into ${chatTurns} (owner_id, session_id, id, status, seq, reply_seq, reply_id, agent, lease, lease_until,
        started_at, idempotency_key, request_hash, ${heldColumns})
      select ${param('owner', 'int')}, ${param('session', 'uuid')}, ${param('turn', 'uuid')},
        case when idle then 'running' else 'queued' end, last_seq + 1, last_seq + 2, ${param('replyId', 'uuid')},
        ${param('agent', 'text')}, ${param('lease', 'uuid')}, ${leaseEnd}, case when idle then at end,
        ${param('idempotencyKey', 'text')}, ${param('requestHash', 'text')}, ${heldValues}
      from locked, admitted where may and (idle or (${param('mayWait', 'boolean')}
        and queued_turns < ${sql.raw(String(longestQueue))}))
      on conflict (owner_id, session_id, idempotency_key) where idempotency_key is not null do nothing
      returning ${begunColumns}, status`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set
      last_seq = turn.reply_seq,
      message_count = message_count + 1,
      updated_at = now(),
      name = case when name_given or message_count > 0 then name else coalesce(nullif(${param('name', 'text')}, ''), name) end,
      running_lease = case when turn.status = 'running' then ${param('lease', 'uuid')} else running_lease end,
      queued_turns = queued_turns + case when turn.status = 'running' then 0 else 1 end
      from turn where ${isSession} returning ${chatSessions}.id`,
  );
  const message = cte(
    db,
    'message',
    { id: as(chatMessages.id) },
    sql`insert into ${chatMessages} (owner_id, session_id, seq, id, role, source, type, content, models_usage, metadata)
      select ${param('owner', 'int')}, ${param('session', 'uuid')}, seq, ${param('message', 'uuid')}, 'user',
        ${param('source', 'text')}, ${param('type', 'text')}, ${param('content', 'text')}, ${param('usage', 'jsonb')},
        ${param('metadata', 'jsonb')}
      from turn returning id`,
  );
  const before = sql<ContextRow[] | null>`case when turn.status = 'running'
    and locked.message_count <= (select message_count ${fromSession})
    then (
      select coalesce(json_agg(newest order by seq, step), '[]') from (
        select seq, step, role, source, content, thought from ${chatMessages}
        where ${inSession(chatMessages)} and seq > locked.agent_state_seq and seq < turn.seq
        order by seq desc, step desc limit ${param('before', 'int')}
      ) as newest
    ) end`;
  const columns = {
    seq: turn.seq,
    replySeq: turn.replySeq,
    status: turn.status,
    createdAt: turn.createdAt,
    keyId: turn.keyId,
    limited: turn.limited,
    agentState: locked.agentState,
    agentStateSeq: locked.agentStateSeq,
    before,
  };
  const parts = admission(db, param('agent', 'text'));
  const { limits, expected, counted, judged, admitted, charged } = parts;
  const quick = quickAdmission(db);
  const unlimited = unlimitedPart(db);
  return {
    judged: db
      .with(locked, limits, expected, counted, judged, admitted, turn, charged, session, message)
      .select({ ...columns, applying: admitted.applying, ...refusalColumns(parts) })
      .from(locked)
      .leftJoin(turn, sql`true`)
      .innerJoin(admitted, sql`true`)
      .prepare('turn_begin'),
    quick: db
      .with(locked, quick.limits, quick.expected, quick.admitted, turn, quick.charged, session, message)
      .select({ ...columns, may: quick.admitted.may })
      .from(locked)
      .leftJoin(turn, sql`true`)
      .leftJoin(quick.admitted, sql`true`)
      .prepare('turn_begin_quick'),
    unlimited: db
      .with(locked, unlimited, turn, session, message)
      .select({ ...columns, may: unlimited.may })
      .from(locked)
      .leftJoin(turn, sql`true`)
      .leftJoin(unlimited, sql`true`)
      .prepare('turn_begin_unlimited'),
  };
}

// May be repeated after a connection that broke behind the commit: a turn that runs under this lease stays so.
export function prepareClaim(db: Db) {
  const locked = cte(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select id, running_lease is not null as claimed, now() as at ${fromSession} and waiting_turn is null
      and (running_lease is null or running_lease = ${param('lease', 'uuid')}) for update`,
  );
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set status = 'running', started_at = coalesce(started_at, at), lease_until = ${leaseEnd}
      from locked where ${isTurn} and lease = ${param('lease', 'uuid')} and status in ('queued', 'running')
        and ${noneEarlier}
      returning ${chatTurns}.id, claimed`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set running_lease = ${param('lease', 'uuid')},
      queued_turns = queued_turns - case when turn.claimed then 0 else 1 end
      from turn where ${isSession} returning ${chatSessions}.id`,
  );
  return db.with(locked, turn, session).select({ id: turn.id }).from(turn).prepare('turn_claim');
}
