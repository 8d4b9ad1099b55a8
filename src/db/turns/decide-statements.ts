// The statements that decide of calls that wait, or find that nobody did in time, and let their turn go on. Which of its calls
// wait is read with their rows locked, behind the session's: so it is what it is after any wait, though others were decided
// meanwhile.
import { type SQL, sql } from 'drizzle-orm';
import { auditPart } from '../access/audit.ts';
import type { Db } from '../database.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatSessions, chatToolCalls, chatTurns } from '../schema.ts';
import { callColumns, callResult, ofTurn } from './call-parts.ts';
import { fromSession, isSession, isTurn } from './statement-parts.ts';

/** The turn goes on as one that was let go of, which whoever beats next takes over. */
const goesOn = (lease: SQL) => sql`status = 'running', lease = ${lease}, lease_until = null`;

// The last one that waited lets the turn go on. One whose time is over waits for its end.
export function prepareDecide(db: Db) {
  const decision = param('decision', 'text');
  const locked = cte(db, 'locked', { id: as(chatSessions.id) }, sql`select id ${fromSession} for update`);
  const its = cte(
    db,
    'its',
    { step: as(chatToolCalls.step) },
    sql`select call.step, call.position, call.approval_id from locked, ${chatToolCalls} as call
      where ${ofTurn(sql`call`)} and call.status = 'waiting' for update of call`,
  );
  const decided = cte(
    db,
    'decided',
    callResult,
    sql`update ${chatToolCalls} set
        status = case ${decision} when 'approve' then 'approved' when 'deny' then 'denied' else 'finished' end,
        decision = ${decision}, decided_by = ${param('decidedBy', 'text')}, said = ${param('said', 'text')},
        given_arguments = ${param('given', 'text')},
        result = case ${decision} when 'answer' then ${param('said', 'text')} end,
        is_error = case ${decision} when 'answer' then false end,
        finished_at = case when ${decision} <> 'approve' then now() end
      from its where ${ofTurn()} and ${chatToolCalls}.step = its.step and ${chatToolCalls}.position = its.position
        and its.approval_id = ${param('approval', 'uuid')} and expires_at > now()
      returning ${callColumns}`,
  );
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set ${goesOn(param('lease', 'uuid'))}
      from decided where ${isTurn} and ${chatTurns}.status = 'waiting' and (select count(*) from its) = 1
      returning ${chatTurns}.id`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set waiting_turn = null, running_lease = ${param('lease', 'uuid')}
      from turn where ${isSession} returning ${chatSessions}.id`,
  );
  const result = cte(
    db,
    'result',
    { ...callResult, goesOn: flag('goes_on') },
    sql`select decided.*, exists (select 1 from turn) as goes_on from decided`,
  );
  return db
    .with(locked, its, decided, turn, session, auditPart(db, sql`decided`), result)
    .select()
    .from(result)
    .prepare('call_decide');
}

// For all turns at once: it waits for no session that somebody has locked.
export function prepareExpire(db: Db) {
  const due = cte(
    db,
    'due',
    { turn: as(chatToolCalls.turnId, 'turn') },
    sql`select distinct owner_id as owner, session_id as session, turn_id as turn from (
        select owner_id, session_id, turn_id from ${chatToolCalls}
        where status = 'waiting' and expires_at <= now()
          and (${param('served', 'int')} is null or owner_id = ${param('served', 'int')})
        order by expires_at limit 500) as calls`,
  );
  const locked = cte(
    db,
    'locked',
    { turn: as(chatToolCalls.turnId, 'turn') },
    sql`select due.* from due join ${chatSessions} as holder on holder.owner_id = due.owner and holder.id = due.session
      where holder.waiting_turn = due.turn for update of holder skip locked`,
  );
  const its = cte(
    db,
    'its',
    { turn: as(chatToolCalls.turnId, 'turn') },
    sql`select locked.*, call.step, call.position, call.expires_at <= now() as is_late
      from locked join ${chatToolCalls} as call
        on call.owner_id = locked.owner and call.session_id = locked.session and call.turn_id = locked.turn
      where call.status = 'waiting' for update of call`,
  );
  const denied = cte(
    db,
    'denied',
    { id: as(chatToolCalls.id) },
    sql`update ${chatToolCalls} set status = 'denied', decision = 'deny', finished_at = now()
      from its where is_late and owner_id = its.owner and session_id = its.session and turn_id = its.turn
        and ${chatToolCalls}.step = its.step and ${chatToolCalls}.position = its.position
      returning ${chatToolCalls}.id`,
  );
  const ready = cte(
    db,
    'ready',
    { turn: as(chatToolCalls.turnId, 'turn') },
    sql`select owner, session, turn from its group by owner, session, turn having bool_and(is_late)`,
  );
  const turn = cte(
    db,
    'turn',
    {
      owner: as(chatTurns.ownerId),
      session: as(chatTurns.sessionId),
      turn: as(chatTurns.id),
    },
    sql`update ${chatTurns} set ${goesOn(sql`gen_random_uuid()`)}
      from ready where owner_id = ready.owner and session_id = ready.session and id = ready.turn and status = 'waiting'
      returning owner_id, session_id, id, lease`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set waiting_turn = null, running_lease = turn.lease
      from turn where ${chatSessions}.owner_id = turn.owner_id and ${chatSessions}.id = turn.session_id
      returning ${chatSessions}.id`,
  );
  return db.with(due, locked, its, denied, ready, turn, session).select().from(turn).prepare('calls_expire');
}
