// The statements that change a turn, but for those that complete it, each a chain of CTEs. Each locks the session's row
// first; two that meet on one session therefore wait for each other and never deadlock. After the wait a statement still
// sees other rows as they were before it, but for the one it updates: so what it decides is read off the session's row,
// or is a condition on the turn that it changes.
import { type SQL, sql } from 'drizzle-orm';
import { leaseSeconds, longestQueue, mostInterruptions } from '../../words/turn-limits.ts';
import type { Db } from '../database.ts';
import type { ContextRow } from '../messages.ts';
import { as, flag, param, step } from '../prepared.ts';
import { chatMessages, chatSessions, chatTurnEvents, chatTurns } from '../schema.ts';

// One that was renewed this recently is left alone, so that renewing costs a write only now and then.
const freshSeconds = leaseSeconds - 2;

const seconds = (count: number) => sql.raw(`interval '${count} seconds'`);
export const leaseEnd = sql`now() + ${seconds(leaseSeconds)}`;
export const isStale = sql`lease_until < now() + ${seconds(freshSeconds)}`;
/** Nobody holds it: its lease ran out, or was let go. */
export const isAbandoned = sql`(lease_until is null or lease_until < now())`;
const idle = sql`running_lease is null and queued_turns = 0`;

/** The session's row, locked and seen as it is after any wait. */
const lockSession = sql`from ${chatSessions} where id = ${param('session', 'uuid')}`;

// Of two begins with one idempotency key the index lets one through; the other changes nothing and gives no seq.
// With a turn that may run at once come the messages before it, unless some were added while the session's row was
// waited for: those this statement cannot see.
export function prepareBegin(db: Db) {
  const locked = step(
    db,
    'locked',
    {
      agentState: as(chatSessions.agentState),
      agentStateSeq: as(chatSessions.agentStateSeq),
    },
    sql`select id, last_seq, message_count, ${idle} as idle, queued_turns, agent_state, agent_state_seq
      ${lockSession} and owner = ${param('owner', 'text')} for update`,
  );
  const turn = step(
    db,
    'turn',
    { seq: as(chatTurns.seq), status: as(chatTurns.status), createdAt: as(chatTurns.createdAt) },
    sql`insert into ${chatTurns} (session_id, id, seq, status, lease, lease_until, started_at, idempotency_key, request_hash)
      select id, ${param('turn', 'uuid')}, last_seq + 1, case when idle then 'running' else 'queued' end,
        ${param('lease', 'uuid')}, ${leaseEnd}, case when idle then now() end,
        ${param('idempotencyKey', 'text')}, ${param('requestHash', 'text')}
      from locked where idle or (${param('mayWait', 'boolean')} and queued_turns < ${sql.raw(String(longestQueue))})
      on conflict (session_id, idempotency_key) where idempotency_key is not null do nothing
      returning session_id, seq, status, created_at`,
  );
  const session = step(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set
      last_seq = last_seq + 2,
      message_count = message_count + 1,
      updated_at = now(),
      name = case when name_given or message_count > 0 then name else coalesce(nullif(${param('name', 'text')}, ''), name) end,
      running_lease = case when turn.status = 'running' then ${param('lease', 'uuid')} else running_lease end,
      queued_turns = queued_turns + case when turn.status = 'running' then 0 else 1 end
      from turn where id = turn.session_id returning id`,
  );
  const message = step(
    db,
    'message',
    { id: as(chatMessages.id) },
    sql`insert into ${chatMessages} (session_id, seq, id, role, source, type, content, models_usage, metadata)
      select session_id, seq, ${param('message', 'uuid')}, 'user', ${param('source', 'text')}, ${param('type', 'text')},
        ${param('content', 'text')}, ${param('usage', 'jsonb')}, ${param('metadata', 'jsonb')}
      from turn returning id`,
  );
  const before = sql<ContextRow[] | null>`case when turn.status = 'running'
    and locked.message_count = (select message_count from ${chatSessions} where id = locked.id)
    then (
      select coalesce(json_agg(newest order by seq), '[]') from (
        select seq, role, source, content, thought from ${chatMessages}
        where session_id = locked.id and seq > locked.agent_state_seq
        order by seq desc limit ${param('before', 'int')}
      ) as newest
    ) end`;
  return db
    .with(locked, turn, session, message)
    .select({
      seq: turn.seq,
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
  const locked = step(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select id, running_lease is not null as claimed ${lockSession}
      and (running_lease is null or running_lease = ${param('lease', 'uuid')}) for update`,
  );
  const turn = step(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set status = 'running', started_at = coalesce(started_at, now()), lease_until = ${leaseEnd}
      from locked where session_id = locked.id and ${chatTurns}.id = ${param('turn', 'uuid')}
        and lease = ${param('lease', 'uuid')} and status in ('queued', 'running')
        and not exists (select 1 from ${chatTurns} as earlier where earlier.session_id = locked.id
          and earlier.status = 'queued' and earlier.seq < ${param('seq', 'int')})
      returning ${chatTurns}.id, claimed`,
  );
  const session = step(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set running_lease = ${param('lease', 'uuid')},
      queued_turns = queued_turns - case when turn.claimed then 0 else 1 end
      from turn where ${chatSessions}.id = ${param('session', 'uuid')} returning ${chatSessions}.id`,
  );
  return db.with(locked, turn, session).select({ id: turn.id }).from(turn).prepare('turn_claim');
}

export const release = (repliesAdded: 0 | 1) =>
  sql`update ${chatSessions} set running_lease = null, updated_at = now(),
    message_count = message_count + ${sql.raw(String(repliesAdded))}
    where id = ${param('session', 'uuid')} and running_lease = ${param('lease', 'uuid')} returning id`;

/**
 * What the turn of the step before had streamed goes: what is stored instead can tell it again. `where` is known
 * before the table is looked at, which has nothing of most turns.
 */
export const dropPieces = (db: Db, where: SQL = sql`true`) =>
  step(
    db,
    'pieces',
    { id: as(chatTurnEvents.turnId) },
    sql`delete from ${chatTurnEvents} using turn
      where ${where} and session_id = ${param('session', 'uuid')} and turn_id = ${param('turn', 'uuid')}
      returning turn_id`,
  );

export function prepareEndRunning(db: Db) {
  const session = step(db, 'session', { id: as(chatSessions.id) }, release(0));
  const turn = step(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set status = ${param('status', 'text')}, error = ${param('error', 'jsonb')}, finished_at = now(),
      lease_until = null from session where session_id = session.id
      and ${chatTurns}.id = ${param('turn', 'uuid')} returning ${chatTurns}.id, attempt`,
  );
  // Joined, in place of the pieces, and before the first of them: a statement cannot write a row it deletes.
  const pieces = dropPieces(db);
  const partial = step(
    db,
    'partial',
    { id: as(chatTurnEvents.turnId) },
    sql`insert into ${chatTurnEvents} (session_id, turn_id, attempt, position, event, content)
      select ${param('session', 'uuid')}, turn.id, turn.attempt, piece.position, piece.event, piece.content
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
  const locked = step(db, 'locked', { id: as(chatSessions.id) }, sql`select id ${lockSession} for update`);
  const turn = step(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set status = ${param('status', 'text')}, error = ${param('error', 'jsonb')},
      finished_at = now(), lease_until = null
      from locked where session_id = locked.id and ${chatTurns}.id = ${param('turn', 'uuid')}
        and lease = ${param('lease', 'uuid')} and status = 'queued'
      returning ${chatTurns}.id`,
  );
  const session = step(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set queued_turns = queued_turns - 1
      from turn where ${chatSessions}.id = ${param('session', 'uuid')} returning ${chatSessions}.id`,
  );
  return db.with(locked, turn, session).select({ id: turn.id }).from(turn).prepare('turn_end_queued');
}

export function prepareRetry(db: Db) {
  const locked = step(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select id, ${idle} as idle, queued_turns, agent_state, agent_state_seq
      ${lockSession} and owner = ${param('owner', 'text')} for update`,
  );
  const turn = step(
    db,
    'turn',
    {
      seq: as(chatTurns.seq),
      attempt: as(chatTurns.attempt),
      running: flag('running'),
      agentState: as(chatSessions.agentState),
      agentStateSeq: as(chatSessions.agentStateSeq),
      createdAt: as(chatTurns.createdAt),
    },
    sql`update ${chatTurns} set status = case when idle then 'running' else 'queued' end, error = null,
      attempt = attempt + 1, interruptions = 0, lease = ${param('lease', 'uuid')}, lease_until = ${leaseEnd},
      started_at = case when idle then now() end, finished_at = null, cancel_requested_at = null
      from locked where session_id = locked.id and ${chatTurns}.id = ${param('turn', 'uuid')} and status = 'failed'
        and (idle or queued_turns < ${sql.raw(String(longestQueue))})
      returning seq, attempt, idle as running, agent_state, agent_state_seq, created_at`,
  );
  const session = step(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set updated_at = now(),
      running_lease = case when turn.running then ${param('lease', 'uuid')} else running_lease end,
      queued_turns = case when turn.running then 0 else queued_turns + 1 end
      from turn where id = ${param('session', 'uuid')} returning id`,
  );
  const pieces = dropPieces(db);
  return db.with(locked, turn, session, pieces).select().from(turn).prepare('turn_retry');
}

// Another process instead of a run that is silent for too long (or has let go, which leaves the lease without a time
// and is no interruption), and another attempt if the run had begun. The new attempt of a turn that is to be
// cancelled, or was interrupted too often, only ends it.
export function prepareTakeOver(db: Db) {
  const locked = step(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select id, agent_state, agent_state_seq ${lockSession} for update`,
  );
  const turn = step(
    db,
    'turn',
    {
      status: as(chatTurns.status),
      seq: as(chatTurns.seq),
      attempt: as(chatTurns.attempt),
      createdAt: as(chatTurns.createdAt),
      agentState: as(chatSessions.agentState),
      agentStateSeq: as(chatSessions.agentStateSeq),
      cancel: flag('cancel'),
      last: flag('last'),
    },
    sql`update ${chatTurns} set lease = ${param('lease', 'uuid')}, lease_until = ${leaseEnd},
      attempt = attempt + case when status = 'running' then 1 else 0 end,
      interruptions = interruptions + case when status = 'running' and lease_until is not null then 1 else 0 end
      from locked where session_id = locked.id and ${chatTurns}.id = ${param('turn', 'uuid')}
        and lease = ${param('from', 'uuid')} and status in ('queued', 'running')
        and (${param('held', 'boolean')} or ${isAbandoned})
      returning status, seq, attempt, created_at, agent_state, agent_state_seq,
        cancel_requested_at is not null as cancel, status = 'running' and (cancel_requested_at is not null
          or interruptions >= ${sql.raw(String(mostInterruptions))}) as last`,
  );
  const session = step(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set running_lease = ${param('lease', 'uuid')}
      from turn where id = ${param('session', 'uuid')} and turn.status = 'running' returning id`,
  );
  return db.with(locked, turn, session).select().from(turn).prepare('turn_take_over');
}
