// The statements that change a turn, but for those that store what it says, each a chain of CTEs. Each locks the
// session's row first; two that meet on one session therefore wait for each other and never deadlock. After the wait a
// statement still sees other rows as they were before it, but for the one it updates: so what it decides is read off the
// session's row, or is a condition on the turn that it changes. Each table is compared with the parameters, and no part
// relies on not seeing what another one changed: so a server that has each owner's rows on another machine can run it.
import { type SQL, sql } from 'drizzle-orm';
import { leaseSeconds, longestQueue, mostInterruptions } from '../../words/turn-limits.ts';
import type { Db } from '../database.ts';
import type { ContextRow } from '../messages.ts';
import { inSession } from '../owner.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatMessages, chatSessions, chatTurnEvents, chatTurns } from '../schema.ts';

// One that was renewed this recently is left alone, so that renewing costs a write only now and then.
const freshSeconds = leaseSeconds - 2;

const seconds = (count: number) => sql.raw(`interval '${count} seconds'`);
export const leaseEnd = sql`now() + ${seconds(leaseSeconds)}`;
export const isStale = sql`lease_until < now() + ${seconds(freshSeconds)}`;
/** Nobody holds it: its lease ran out, or was let go. */
export const isAbandoned = sql`(lease_until is null or lease_until < now())`;
const idle = sql`running_lease is null and waiting_turn is null and queued_turns = 0`;

const isSession = sql`${chatSessions}.owner_id = ${param('owner', 'int')} and ${chatSessions}.id = ${param('session', 'uuid')}`;
/** The session's row, to be locked and seen as it is after any wait. */
const fromSession = sql`from ${chatSessions} where ${isSession}`;
/** Which turn: of the session, so that no other's is looked at. */
export const isTurn = sql`${chatTurns}.owner_id = ${param('owner', 'int')} and ${chatTurns}.session_id = ${param('session', 'uuid')}
  and ${chatTurns}.id = ${param('turn', 'uuid')}`;
const noneEarlier = sql`not exists (select 1 from ${chatTurns} as earlier where earlier.owner_id = ${param('owner', 'int')}
  and earlier.session_id = ${param('session', 'uuid')} and earlier.status = 'queued' and earlier.seq < ${param('seq', 'int')})`;

/** What every run has to know of its turn. */
const begunTurn = {
  seq: as(chatTurns.seq),
  replySeq: as(chatTurns.replySeq),
  replyId: sql<string>`reply_id`.as('reply_id'),
  agent: as(chatTurns.agent),
  step: as(chatTurns.step),
  attempt: as(chatTurns.attempt),
  createdAt: as(chatTurns.createdAt),
};
const begunColumns = sql`seq, reply_seq, reply_id, agent, step, attempt, created_at`;

// Of two begins with one idempotency key the index lets one through; the other changes nothing and gives no seq. Here
// alone are places given: one for the message, and the next for all that the turn will say.
// With a turn that may run at once come the messages before it, unless some were added while the session's row was
// waited for: those this statement cannot see.
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
        started_at, idempotency_key, request_hash)
      select ${param('owner', 'int')}, ${param('session', 'uuid')}, ${param('turn', 'uuid')},
        case when idle then 'running' else 'queued' end, last_seq + 1, last_seq + 2, ${param('replyId', 'uuid')},
        ${param('agent', 'text')}, ${param('lease', 'uuid')}, ${leaseEnd}, case when idle then at end,
        ${param('idempotencyKey', 'text')}, ${param('requestHash', 'text')}
      from locked where idle or (${param('mayWait', 'boolean')} and queued_turns < ${sql.raw(String(longestQueue))})
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
  return db
    .with(locked, turn, session, message)
    .select({
      seq: turn.seq,
      replySeq: turn.replySeq,
      status: turn.status,
      createdAt: turn.createdAt,
      agentState: locked.agentState,
      agentStateSeq: locked.agentStateSeq,
      before,
    })
    .from(locked)
    .leftJoin(turn, sql`true`)
    .prepare('turn_begin');
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

/** What of a session changes when its running turn ends, which its lease alone may do. */
export const endSession = sql`running_lease = null, updated_at = now()`;
export const isHeld = sql`${isSession} and running_lease = ${param('lease', 'uuid')}`;
/** What of a turn changes when it ends. */
export const endTurn = (status: SQL) => sql`status = ${status}, finished_at = now(), lease_until = null`;

/**
 * What the turn of the part before had streamed goes: what is stored instead can tell it again. `where` is known before
 * the table is looked at, which has nothing of most turns.
 */
export const dropPieces = (db: Db, where: SQL = sql`true`) =>
  cte(
    db,
    'pieces',
    { id: as(chatTurnEvents.turnId) },
    sql`delete from ${chatTurnEvents} using turn
      where ${where} and ${inSession(chatTurnEvents)} and turn_id = ${param('turn', 'uuid')} returning turn_id`,
  );

export function prepareEndRunning(db: Db) {
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set ${endSession} where ${isHeld} returning id`,
  );
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set ${endTurn(param('status', 'text'))}, error = ${param('error', 'jsonb')}
      from session where ${isTurn} returning ${chatTurns}.id, step, attempt`,
  );
  // Joined, in place of the pieces, and before the first of them: a statement cannot write a row it deletes.
  const pieces = dropPieces(db);
  const partial = cte(
    db,
    'partial',
    { id: as(chatTurnEvents.turnId) },
    sql`insert into ${chatTurnEvents} (owner_id, session_id, turn_id, step, attempt, position, event, source, content)
      select ${param('owner', 'int')}, ${param('session', 'uuid')}, turn.id, turn.step, turn.attempt, piece.position,
        piece.event, ${param('source', 'text')}, piece.content
      from turn, (values (-1, 'ThoughtStreamingChunkEvent', ${param('thought', 'text')}),
        (0, 'ModelClientStreamingChunkEvent', ${param('content', 'text')})) as piece (position, event, content)
      where piece.content is not null returning turn_id`,
  );
  return db
    .with(session, turn, pieces, partial)
    .select({ id: turn.id })
    .from(turn)
    .prepare('turn_end_running');
}

export function prepareEndQueued(db: Db) {
  const locked = cte(db, 'locked', { id: as(chatSessions.id) }, sql`select id ${fromSession} for update`);
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set ${endTurn(param('status', 'text'))}, error = ${param('error', 'jsonb')}
      from locked where ${isTurn} and lease = ${param('lease', 'uuid')} and status = 'queued'
      returning ${chatTurns}.id`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set queued_turns = queued_turns - 1
      from turn where ${isSession} returning ${chatSessions}.id`,
  );
  return db.with(locked, turn, session).select({ id: turn.id }).from(turn).prepare('turn_end_queued');
}

/** Turns of other agents are left to processes that know them; `agents` is a JSON list of names. */
export const isKnownAgent = sql`agent in (select json_array_elements_text(${param('agents', 'json')}))`;

// It goes on behind what is settled. A turn of the last version has no id for its reply yet.
export function prepareRetry(db: Db) {
  const locked = cte(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select ${idle} as idle, queued_turns, agent_state, agent_state_seq, now() as at ${fromSession} for update`,
  );
  const turn = cte(
    db,
    'turn',
    {
      ...begunTurn,
      running: flag('running'),
      agentState: as(chatSessions.agentState),
      agentStateSeq: as(chatSessions.agentStateSeq),
    },
    sql`update ${chatTurns} set status = case when idle then 'running' else 'queued' end, error = null,
      attempt = attempt + 1, interruptions = 0, reply_id = coalesce(reply_id, ${param('replyId', 'uuid')}),
      lease = ${param('lease', 'uuid')}, lease_until = ${leaseEnd},
      started_at = case when idle then at end, finished_at = null, cancel_requested_at = null
      from locked where ${isTurn} and status = 'failed' and ${isKnownAgent}
        and (idle or queued_turns < ${sql.raw(String(longestQueue))})
      returning ${begunColumns}, idle as running, agent_state, agent_state_seq`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set updated_at = now(),
      running_lease = case when turn.running then ${param('lease', 'uuid')} else running_lease end,
      queued_turns = case when turn.running then 0 else queued_turns + 1 end
      from turn where ${isSession} returning ${chatSessions}.id`,
  );
  const pieces = dropPieces(db);
  return db.with(locked, turn, session, pieces).select().from(turn).prepare('turn_retry');
}

// Another process instead of a run that is silent for too long (or has let go, which leaves the lease without a time
// and is no interruption), and another attempt if the run had begun. The new attempt of a turn that is to be
// cancelled, or was interrupted too often since its last step, only ends it.
export function prepareTakeOver(db: Db) {
  const locked = cte(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select agent_state, agent_state_seq ${fromSession} for update`,
  );
  const turn = cte(
    db,
    'turn',
    {
      ...begunTurn,
      status: as(chatTurns.status),
      agentState: as(chatSessions.agentState),
      agentStateSeq: as(chatSessions.agentStateSeq),
      cancel: flag('cancel'),
      last: flag('last'),
    },
    sql`update ${chatTurns} set lease = ${param('lease', 'uuid')}, lease_until = ${leaseEnd},
      reply_id = coalesce(reply_id, ${param('replyId', 'uuid')}),
      attempt = attempt + case when status = 'running' then 1 else 0 end,
      interruptions = interruptions + case when status = 'running' and lease_until is not null then 1 else 0 end
      from locked where ${isTurn} and lease = ${param('from', 'uuid')} and status in ('queued', 'running')
        and (${param('held', 'boolean')} or ${isAbandoned})
      returning ${begunColumns}, status, agent_state, agent_state_seq,
        cancel_requested_at is not null as cancel, status = 'running' and (cancel_requested_at is not null
          or interruptions >= ${sql.raw(String(mostInterruptions))}) as last`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set running_lease = ${param('lease', 'uuid')}
      from turn where ${isSession} and turn.status = 'running' returning ${chatSessions}.id`,
  );
  return db.with(locked, turn, session).select().from(turn).prepare('turn_take_over');
}
