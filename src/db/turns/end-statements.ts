// The statements that end a turn without a reply.

import { sql } from 'drizzle-orm';
import { settledPart } from '../access/allowances.ts';
import { newPart, usagePart } from '../access/usage.ts';
import type { Db } from '../database.ts';
import { as, cte, param } from '../prepared.ts';
import { chatSessions, chatTurnEvents, chatTurns } from '../schema.ts';
import { cancelCalls } from './call-parts.ts';
import {
  dropPieces,
  endedColumns,
  endSession,
  endTurn,
  fromSession,
  isHeld,
  isSession,
  isTurn,
} from './statement-parts.ts';

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
    sql`update ${chatTurns} set ${endTurn(param('status', 'text'))}, error = ${param('error', 'jsonb')},
        counted_steps = step
      from session where ${isTurn} returning ${chatTurns}.id, step, attempt, ${endedColumns},
        ${param('spent', 'jsonb')} as spent`,
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
  // One that failed may be tried again, and goes on with its calls.
  const calls = cancelCalls(db, sql`${param('status', 'text')} = 'cancelled'`);
  return db
    .with(session, turn, pieces, partial, calls, settledPart(db), usagePart(db, newPart()))
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
      returning ${chatTurns}.id, ${endedColumns}, null::jsonb as spent`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set queued_turns = queued_turns - 1
      from turn where ${isSession} returning ${chatSessions}.id`,
  );
  return db
    .with(locked, turn, session, settledPart(db))
    .select({ id: turn.id })
    .from(turn)
    .prepare('turn_end_queued');
}
