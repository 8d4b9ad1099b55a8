// The statements by which a turn begins to wait for a person, and is cancelled while nobody holds it. A call waits exactly
// while its turn does.
import { sql } from 'drizzle-orm';
import { settledPart } from '../access/allowances.ts';
import { newPart, usagePart } from '../access/usage.ts';
import type { Db } from '../database.ts';
import { as, cte, param } from '../prepared.ts';
import { chatSessions, chatToolCalls, chatTurns } from '../schema.ts';
import { callColumns, callResult, cancelCalls, named, ofStep } from './call-parts.ts';
import { dropPieces, endedColumns, endTurn, isHeld, isSession, isTurn } from './statement-parts.ts';

// All of those asked for wait, or none. One that was started by a run that is lost is asked about under another id: what is
// said of it twice was not said of this. It is asked about as it was made, so that allowing it makes just that. Whoever follows sees the step anew then, as another attempt at it. A turn that is
// to be cancelled does not wait, because nobody would heed it.
export function prepareWait(db: Db) {
  const locked = cte(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select ${chatSessions}.id from ${chatSessions} where ${isHeld} for update`,
  );
  const its = cte(
    db,
    'its',
    { id: as(chatToolCalls.id) },
    sql`select call.id, call.status = 'started' and call.lease = ${param('lease', 'uuid')} as is_made,
        call.status in ('requested', 'started') and call.id in ${named} as may_wait,
        call.status = 'started' as is_again
      from locked, ${chatToolCalls} as call where ${ofStep(sql`call`)} for update of call`,
  );
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set status = 'waiting', lease = null, lease_until = null, waiting_spent = ${param('spent', 'jsonb')},
        attempt = attempt + case when exists (select 1 from its where may_wait and is_again) then 1 else 0 end
      from locked where ${isTurn} and status = 'running' and cancel_requested_at is null
        and ${chatTurns}.step = ${param('step', 'int')} + 1
        and not exists (select 1 from its where is_made)
        and (select count(*) from its where may_wait) = (select nullif(count(*), 0) from ${named} as asked)
      returning ${chatTurns}.id`,
  );
  const calls = cte(
    db,
    'calls',
    callResult,
    sql`update ${chatToolCalls} set status = 'waiting', server = coalesce(server, ${param('servers', 'json')} ->> ${chatToolCalls}.id::text),
        lease = null, decision = null, decided_by = null, said = null,
        arguments = coalesce(given_arguments, arguments), given_arguments = null,
        approval_id = case ${chatToolCalls}.status when 'started' then gen_random_uuid() else approval_id end,
        expires_at = now() + ${param('seconds', 'numeric')} * interval '1 second'
      from turn where ${ofStep()} and ${chatToolCalls}.id in ${named} returning ${callColumns}`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set running_lease = null, waiting_turn = ${param('turn', 'uuid')}, updated_at = now()
      from turn where ${isSession} returning ${chatSessions}.id`,
  );
  // The progress of calls that are over: the run that goes on in this attempt begins to count anew.
  return db.with(locked, its, turn, calls, session, dropPieces(db)).select().from(calls).prepare('turn_wait');
}

export function prepareCancelWaiting(db: Db) {
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set waiting_turn = null, updated_at = now()
      where ${isSession} and waiting_turn = ${param('turn', 'uuid')} returning id`,
  );
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set ${endTurn(sql`'cancelled'`)}, counted_steps = step,
        cancel_requested_at = coalesce(cancel_requested_at, now())
      from session where ${isTurn} and status = 'waiting'
      returning ${chatTurns}.id, ${endedColumns}, waiting_spent as spent`,
  );
  return db
    .with(session, turn, cancelCalls(db), settledPart(db), usagePart(db, newPart()))
    .select({ id: turn.id })
    .from(turn)
    .prepare('turn_cancel_waiting');
}
