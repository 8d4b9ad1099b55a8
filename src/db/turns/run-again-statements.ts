// The statements that run a turn again behind its settled steps: one that failed, or whose process is gone.
import { sql } from 'drizzle-orm';
import { longestQueue, mostInterruptions } from '../../words/turn-limits.ts';
import { admission } from '../access/admission.ts';
import { heldColumns, heldValues } from '../access/allowances.ts';
import type { Db } from '../database.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatSessions, chatToolCalls, chatTurns } from '../schema.ts';
import { ofTurn } from './call-parts.ts';
import {
  begunColumns,
  begunTurn,
  dropPieces,
  fromSession,
  idle,
  isAbandoned,
  isKnownAgent,
  isSession,
  isTurn,
  leaseEnd,
  shownColumns,
  shownResult,
} from './statement-parts.ts';

// It goes on behind what is settled. A turn of the last version has no id for its reply yet.
export function prepareRetry(db: Db) {
  const locked = cte(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select ${idle} as idle, queued_turns, ${shownColumns}, now() as at ${fromSession} for update`,
  );
  const turn = cte(
    db,
    'turn',
    {
      ...begunTurn,
      running: flag('running'),
      ...shownResult,
    },
    sql`update ${chatTurns} set status = case when idle then 'running' else 'queued' end, error = null,
      attempt = attempt + 1, interruptions = 0, reply_id = coalesce(reply_id, ${param('replyId', 'uuid')}),
      lease = ${param('lease', 'uuid')}, lease_until = ${leaseEnd},
      started_at = case when idle then at end, finished_at = null, cancel_requested_at = null,
      (${heldColumns}) = (select ${heldValues})
      from locked, admitted where may and ${isTurn} and status = 'failed' and ${isKnownAgent}
        and (idle or queued_turns < ${sql.raw(String(longestQueue))})
      returning ${begunColumns}, idle as running, ${shownColumns}`,
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
  const agent = sql`(select agent from ${chatTurns} where ${isTurn})`;
  const { limits, expected, counted, judged, admitted, charged } = admission(db, agent);
  return db
    .with(locked, limits, expected, counted, judged, admitted, turn, charged, session, pieces)
    .select()
    .from(turn)
    .prepare('turn_retry');
}

// A person has decided of the calls that it waited for, and no call is left half-way: what was told stands, and the attempt
// goes on. That is read in time, because the lease that is asked for came with the decision.
const goesOnAsDecided = sql`lease_until is null
  and exists (select 1 from ${chatToolCalls} as call where ${ofTurn(sql`call`)}
    and call.step = ${chatTurns}.step - 1 and call.decision is not null)
  and not exists (select 1 from ${chatToolCalls} as call where ${ofTurn(sql`call`)}
    and call.step = ${chatTurns}.step - 1 and call.status = 'started')`;

// Another process instead of a run that is silent for too long (or has let go, which leaves the lease without a time
// and is no interruption), and another attempt if the run had begun, and what it told may be void. The new attempt of a turn that is to be
// cancelled, or was interrupted too often since its last step, only ends it.
export function prepareTakeOver(db: Db) {
  const locked = cte(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select ${shownColumns} ${fromSession} for update`,
  );
  const turn = cte(
    db,
    'turn',
    {
      ...begunTurn,
      status: as(chatTurns.status),
      ...shownResult,
      cancel: flag('cancel'),
      last: flag('last'),
    },
    sql`update ${chatTurns} set lease = ${param('lease', 'uuid')}, lease_until = ${leaseEnd},
      reply_id = coalesce(reply_id, ${param('replyId', 'uuid')}),
      attempt = attempt + case when status = 'running' and not (${goesOnAsDecided}) then 1 else 0 end,
      interruptions = interruptions + case when status = 'running' and lease_until is not null then 1 else 0 end
      from locked where ${isTurn} and lease = ${param('from', 'uuid')} and status in ('queued', 'running')
        and (${param('held', 'boolean')} or ${isAbandoned})
      returning ${begunColumns}, status, ${shownColumns},
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
