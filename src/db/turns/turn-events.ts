// Queries on chat_turn_events: the pieces of turns that run, written and read for many turns at once.
import { and, asc, eq, sql } from 'drizzle-orm';
import type { TurnStatus } from '../../words/turn-status.ts';
import type { Db } from '../database.ts';
import { isOwned } from '../owner.ts';
import { as, param, step } from '../prepared.ts';
import { chatTurnEvents, chatTurns } from '../schema.ts';
import type { TurnName } from './turns.ts';

export type PieceEvent = 'ThoughtStreamingChunkEvent' | 'ModelClientStreamingChunkEvent';

/** Some text that a run streamed. `position` counts the run's pieces from 1. */
export type NewPiece = {
  session: string;
  turn: string;
  lease: string;
  attempt: number;
  position: number;
  event: PieceEvent;
  content: string;
};

/** How far a reader has followed a turn. */
export type Followed = { session: string; turn: string; attempt: number; position: number };

/** A change that such a reader has not seen: a piece, another attempt, the turn's end, or (`status` null) that it is gone. */
export type Progress = {
  turn: string;
  status: TurnStatus | null;
  attempt: number | null;
  piece: { position: number; event: PieceEvent; content: string } | undefined;
};

export type TurnEventQueries = ReturnType<typeof turnEventQueries>;

/** Pieces are stored through `reserved`. */
export function turnEventQueries(db: Db, reserved: Db) {
  const appendStatement = prepareAppend(reserved);
  const progressStatement = prepareProgress(db);
  const partialStatement = db
    .select({
      position: chatTurnEvents.position,
      event: chatTurnEvents.event,
      content: chatTurnEvents.content,
    })
    .from(chatTurnEvents)
    .where(
      and(
        eq(chatTurnEvents.sessionId, param('session')),
        eq(chatTurnEvents.turnId, param('turn')),
        sql`attempt = (select max(attempt) from ${chatTurnEvents} as latest
          where latest.session_id = ${chatTurnEvents.sessionId} and latest.turn_id = ${chatTurnEvents.turnId})`,
        isOwned(chatTurnEvents.sessionId, param('owner')),
      ),
    )
    .orderBy(asc(chatTurnEvents.position))
    .prepare('turn_partial');

  return {
    /** Stores pieces of any number of turns, leaving out those of runs that no longer hold their turn. May be repeated. */
    append: async (pieces: NewPiece[]): Promise<void> => {
      await appendStatement.execute({ pieces: JSON.stringify(pieces) });
    },

    /** What has happened to these turns since, in order. */
    progress: async (followed: Followed[]): Promise<Progress[]> => {
      const rows = await progressStatement.execute({ followed: JSON.stringify(followed) });
      return rows.map(({ position, event, content, ...turn }) => ({
        ...turn,
        piece:
          position === null ? undefined : { position, event: event as PieceEvent, content: content ?? '' },
      }));
    },

    /**
     * What is stored of a turn without a reply: the pieces of the last attempt that has any, or what its end joined of
     * them. A piece beside that came late, from a statement that nobody waited for any more.
     */
    partial: async (name: TurnName): Promise<{ thought: string; content: string }> => {
      const rows = await partialStatement.execute(name);
      const isJoined = rows.some(({ position }) => position <= 0);
      const told = isJoined ? rows.filter(({ position }) => position <= 0) : rows;
      const joined = (event: PieceEvent) =>
        told.flatMap((row) => (row.event === event ? [row.content ?? ''] : [])).join('');
      return {
        thought: joined('ThoughtStreamingChunkEvent'),
        content: joined('ModelClientStreamingChunkEvent'),
      };
    },
  };
}

// The lock is the foreign key's own, taken first: pieces of a turn that is being deleted are left out with it, and
// nobody waits for that: what holds this process's turns goes through the same connection. Pieces are joined with the
// table itself: a join with turns that a step had found compared each with each, a million times for a thousand turns,
// since no plan knows how many a step gives.
function prepareAppend(db: Db) {
  const ours = step(
    db,
    'ours',
    { turn: as(chatTurnEvents.turnId, 'turn') },
    sql`select piece.* from json_to_recordset(${param('pieces', 'json')}) as piece (session uuid, turn uuid, lease uuid,
      attempt int, position int, event text, content text)
      join ${chatTurns} as held on held.session_id = piece.session and held.id = piece.turn
        and held.lease = piece.lease
      where held.status = 'running' for key share of held skip locked`,
  );
  const written = step(
    db,
    'written',
    { turnId: as(chatTurnEvents.turnId) },
    sql`insert into ${chatTurnEvents} (session_id, turn_id, attempt, position, event, content)
      select session, turn, attempt, position, event, content from ours on conflict do nothing returning turn_id`,
  );
  return db
    .with(ours, written)
    .select({ turnId: written.turnId })
    .from(written)
    .limit(0)
    .prepare('turn_events_append');
}

function prepareProgress(db: Db) {
  const changed = step(
    db,
    'changed',
    {
      turn: as(chatTurns.id, 'turn'),
      status: sql<TurnStatus | null>`status`.as('status'),
      attempt: sql<number | null>`attempt`.as('attempt'),
      position: sql<number | null>`position`.as('position'),
      event: sql<string | null>`event`.as('event'),
      content: as(chatTurnEvents.content),
    },
    sql`select seen.turn, turn.status, turn.attempt, piece.position, piece.event, piece.content
      from json_to_recordset(${param('followed', 'json')}) as seen (session uuid, turn uuid, attempt int, position int)
      left join ${chatTurns} as turn on turn.session_id = seen.session and turn.id = seen.turn
      left join ${chatTurnEvents} as piece on piece.session_id = turn.session_id and piece.turn_id = turn.id
        and turn.attempt = seen.attempt and piece.attempt = seen.attempt and piece.position > seen.position
      where piece.position is not null or turn.id is null or turn.attempt <> seen.attempt
        or turn.status not in ('queued', 'running')
      order by seen.turn, piece.position`,
  );
  return db.with(changed).select().from(changed).prepare('turn_events_progress');
}
