// The statements that change a turn, each a chain of CTEs. Each locks the session's row first; two that meet
// on one session therefore wait for each other and never deadlock. After the wait a statement still sees other rows
// as they were before it, but for the one it updates: so what it decides is read off the session's row, or is a
// condition on the turn that it changes.
import { sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { as, flag, param, step } from './prepared.ts';
import { chatMessages, chatSessions, chatTurnEvents, chatTurns } from './schema.ts';

/** How long a run may stay silent before others take it for dead. */
export const leaseSeconds = 15;

export const leaseEnd = sql`now() + ${sql.raw(`interval '${leaseSeconds} seconds'`)}`;
const idle = sql`running_lease is null and queued_turns = 0`;

export function prepareBegin(db: Db, owner: string) {
  const session = step(
    db,
    'session',
    {
      id: as(chatSessions.id),
      seq: as(chatTurns.seq),
      running: flag('running'),
      agentState: as(chatSessions.agentState),
      agentStateSeq: as(chatSessions.agentStateSeq),
      createdAt: as(chatTurns.createdAt),
    },
    sql`update ${chatSessions} set
      last_seq = last_seq + 2,
      message_count = message_count + 1,
      updated_at = now(),
      name = case when name_given or message_count > 0 then name else coalesce(nullif(${param('name', 'text')}, ''), name) end,
      running_lease = case when ${idle} then ${param('lease', 'uuid')} else running_lease end,
      queued_turns = case when ${idle} then 0 else queued_turns + 1 end
      where id = ${param('session', 'uuid')} and owner = ${owner}
      returning id, last_seq - 1 as seq, running_lease is not distinct from ${param('lease', 'uuid')} as running,
        agent_state, agent_state_seq, now() as created_at`,
  );
  const turn = step(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`insert into ${chatTurns} (session_id, id, seq, status, lease, lease_until, started_at)
      select id, ${param('turn', 'uuid')}, seq, case when running then 'running' else 'queued' end,
        ${param('lease', 'uuid')}, ${leaseEnd}, case when running then now() end
      from session returning id`,
  );
  const message = step(
    db,
    'message',
    { id: as(chatMessages.id) },
    sql`insert into ${chatMessages} (session_id, seq, id, role, source, type, content, models_usage, metadata)
      select id, seq, ${param('message', 'uuid')}, 'user', ${param('source', 'text')}, ${param('type', 'text')},
        ${param('content', 'text')}, ${param('usage', 'jsonb')}, ${param('metadata', 'jsonb')}
      from session returning id`,
  );
  return db
    .with(session, turn, message)
    .select({
      seq: session.seq,
      running: session.running,
      createdAt: session.createdAt,
      agentState: session.agentState,
      agentStateSeq: session.agentStateSeq,
    })
    .from(session)
    .prepare('turn_begin');
}

/** The session's row, locked and seen as it is after any wait. */
const lockSession = sql`from ${chatSessions} where id = ${param('session', 'uuid')}`;

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

const release = (repliesAdded: 0 | 1) =>
  sql`update ${chatSessions} set running_lease = null, updated_at = now(),
    message_count = message_count + ${sql.raw(String(repliesAdded))}
    where id = ${param('session', 'uuid')} and running_lease = ${param('lease', 'uuid')} returning id`;

export function prepareComplete(db: Db) {
  const session = step(db, 'session', { id: as(chatSessions.id) }, release(1));
  const turn = step(
    db,
    'turn',
    { seq: as(chatTurns.seq) },
    sql`update ${chatTurns} set status = ${param('status', 'text')}, finished_at = now(), lease_until = null
      from session where session_id = session.id and ${chatTurns}.id = ${param('turn', 'uuid')} returning seq`,
  );
  const reply = step(
    db,
    'reply',
    { seq: as(chatMessages.seq), createdAt: as(chatMessages.createdAt) },
    sql`insert into ${chatMessages} (session_id, seq, id, role, source, content, thought, models_usage, metadata)
      select ${param('session', 'uuid')}, seq + 1, ${param('message', 'uuid')}, 'assistant', ${param('source', 'text')},
        ${param('content', 'text')}, ${param('thought', 'text')}, ${param('usage', 'jsonb')},
        ${param('metadata', 'jsonb')}
      from turn returning seq, created_at`,
  );
  return db.with(session, turn, reply).select().from(reply).prepare('turn_complete');
}

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
  const pieces = step(
    db,
    'pieces',
    { id: as(chatTurnEvents.turnId) },
    sql`insert into ${chatTurnEvents} (session_id, turn_id, position, attempt, event, content)
      select ${param('session', 'uuid')}, turn.id, piece.position, turn.attempt, piece.event, piece.content
      from turn, (values (1, 'ThoughtStreamingChunkEvent', ${param('thought', 'text')}),
        (2, 'ModelClientStreamingChunkEvent', ${param('content', 'text')})) as piece (position, event, content)
      where piece.content is not null returning turn_id`,
  );
  return db.with(session, turn, pieces).select({ id: turn.id }).from(turn).prepare('turn_end_running');
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

export function prepareRetry(db: Db, owner: string) {
  const locked = step(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select id, ${idle} as idle, agent_state, agent_state_seq ${lockSession} and owner = ${owner} for update`,
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
      attempt = attempt + 1, lease = ${param('lease', 'uuid')}, lease_until = ${leaseEnd},
      started_at = case when idle then now() end, finished_at = null, cancel_requested_at = null
      from locked where session_id = locked.id and ${chatTurns}.id = ${param('turn', 'uuid')} and status = 'failed'
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
  const pieces = step(
    db,
    'pieces',
    { id: as(chatTurnEvents.turnId) },
    sql`delete from ${chatTurnEvents} using turn
      where session_id = ${param('session', 'uuid')} and turn_id = ${param('turn', 'uuid')} returning turn_id`,
  );
  return db.with(locked, turn, session, pieces).select().from(turn).prepare('turn_retry');
}
