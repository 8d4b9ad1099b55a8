// The statements by which the run that holds a turn makes the calls of its open step: written down with the step that asks
// for them, started before a tool is touched, and finished with what came of them.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { as, cte, param } from '../prepared.ts';
import { chatToolCalls } from '../schema.ts';
import { callColumns, callResult, lockedByRun, named, ofStep } from './call-parts.ts';
import { settleParts } from './settle-step.ts';

export function prepareSettleCalls(db: Db) {
  const { locked, turn, session, reply, pieces } = settleParts(db);
  const calls = cte(
    db,
    'calls',
    { id: as(chatToolCalls.id) },
    sql`insert into ${chatToolCalls} (owner_id, session_id, turn_id, step, position, id, approval_id, call_id, name, server, arguments,
        needs_approval)
      select ${param('owner', 'int')}, ${param('session', 'uuid')}, ${param('turn', 'uuid')}, turn.step, asked.position,
        asked.id, asked.id, asked."callId", asked.name, asked.server, asked.arguments, asked."needsApproval"
      from turn, json_to_recordset(${param('calls', 'json')}) as asked (position int, id uuid, "callId" text, name text,
        server text, arguments text, "needsApproval" boolean)
      returning id`,
  );
  return db
    .with(locked, turn, session, reply, calls, pieces)
    .select()
    .from(reply)
    .prepare('turn_settle_calls');
}

// Asked again behind its commit it gives the same: nothing was touched before the run knows.
export function prepareStart(db: Db) {
  const started = cte(
    db,
    'started',
    callResult,
    sql`update ${chatToolCalls} set status = 'started', lease = ${param('lease', 'uuid')},
        started_at = case when status = 'started' then started_at else now() end
      from locked where ${ofStep()} and ${chatToolCalls}.id in ${named}
        and (status = 'approved' or status = 'requested' and not needs_approval
          or status = 'started' and lease = ${param('lease', 'uuid')})
      returning ${callColumns}`,
  );
  return db.with(lockedByRun(db), started).select().from(started).prepare('calls_start');
}

// A result that is there stays, and who asks again behind its commit is told so.
export function prepareFinish(db: Db) {
  const finished = cte(
    db,
    'finished',
    { id: as(chatToolCalls.id) },
    sql`update ${chatToolCalls} set status = 'finished', result = coalesce(result, ${param('result', 'text')}),
        is_error = coalesce(is_error, ${param('isError', 'boolean')}), finished_at = coalesce(finished_at, now())
      from locked where ${ofStep()} and ${chatToolCalls}.id = ${param('call', 'uuid')}
        and status in ('started', 'finished') and lease = ${param('lease', 'uuid')}
      returning ${chatToolCalls}.id`,
  );
  return db.with(lockedByRun(db), finished).select().from(finished).prepare('call_finish');
}

// One that a person had approved is that again.
export function prepareAfterLostRun(db: Db) {
  const locked = lockedByRun(db);
  const settled = cte(
    db,
    'settled',
    { id: as(chatToolCalls.id) },
    sql`update ${chatToolCalls} set lease = null, result = fate.result,
        status = case when fate.result is not null then 'unknown' when decision = 'approve' then 'approved' else 'requested' end,
        is_error = case when fate.result is not null then true end,
        finished_at = case when fate.result is not null then now() end
      from locked, json_to_recordset(${param('fates', 'json')}) as fate (id uuid, result text)
      where ${ofStep()} and ${chatToolCalls}.id = fate.id
        and status = 'started' and lease is distinct from ${param('lease', 'uuid')}
      returning ${chatToolCalls}.id`,
  );
  return db.with(locked, settled).select().from(locked).prepare('calls_after_lost_run');
}
