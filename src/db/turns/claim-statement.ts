// The statement that lets a queued turn run.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { as, cte, param } from '../prepared.ts';
import { chatSessions, chatTurns } from '../schema.ts';
import { fromSession, isSession, isTurn, leaseEnd } from './statement-parts.ts';

const noneEarlier = sql`not exists (select 1 from ${chatTurns} as earlier where earlier.owner_id = ${param('owner', 'int')}
  and earlier.session_id = ${param('session', 'uuid')} and earlier.status = 'queued' and earlier.seq < ${param('seq', 'int')})`;

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
