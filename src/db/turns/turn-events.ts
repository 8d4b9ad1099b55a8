// Queries on chat_turn_events: the pieces of turns that run, written and read for many turns at once.
import { and, asc, eq, sql } from 'drizzle-orm';
import type { TurnStatus } from '../../words/turn-status.ts';
import type { Db } from '../database.ts';
import { inSession } from '../owner.ts';
import { as, cte, param } from '../prepared.ts';
import { chatTurnEvents, chatTurns } from '../schema.ts';
import type { TurnKey, TurnName } from './turn-name.ts';

/** What an open step has said so far; nobody where that is nothing. */
export type Streamed = { source: string | undefined; thought: string; content: string };

export type PieceEvent =
  | 'ThoughtStreamingChunkEvent'
  | 'ModelClientStreamingChunkEvent'
  | 'ToolProgressEvent';

/** Some text that a step streams, and who says it; of progress it is JSON. */
export type Piece = { event: PieceEvent; source: string; content: string };

/** `position` counts the pieces of one step in one attempt from 1. */
export type NewPiece = Piece & TurnKey & { step: number; attempt: number; position: number };

/** How far a reader has followed a turn; `waits`: as far as they know, it waits for a person. */
export type Followed = TurnName & { step: number; attempt: number; position: number; waits?: boolean };

/**
 * A change that such a reader has not seen: a piece, another step or attempt, the turn's end, or (`status` null) that it
 * is gone.
 */
export type Progress = {
  name: TurnName;
  status: TurnStatus | null;
  step: number | null;
  attempt: number | null;
  piece: (Piece & { position: number }) | undefined;
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
      source: chatTurnEvents.source,
      content: chatTurnEvents.content,
    })
    .from(chatTurnEvents)
    .where(
      and(
        inSession(chatTurnEvents),
        eq(chatTurnEvents.turnId, param('turn')),
        sql`(step, attempt) = (select latest.step, latest.attempt from ${chatTurns} as open
          join ${chatTurnEvents} as latest on latest.owner_id = open.owner_id and latest.session_id = open.session_id
            and latest.turn_id = open.id and latest.step = open.step
          where open.owner_id = ${param('owner')} and open.session_id = ${param('session')} and open.id = ${param('turn')}
          order by latest.attempt desc limit 1)`,
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
      return rows.map(({ owner, session, turn, position, event, source, content, ...now }) => ({
        name: { owner, session, turn },
        ...now,
        piece:
          position === null
            ? undefined
            : { position, event: event as PieceEvent, source, content: content ?? '' },
      }));
    },

    /**
     * What is stored of a turn without a reply: of its open step the pieces of the last attempt that has any, or what its
     * end joined of them. A piece beside that came late, from a statement that nobody waited for any more.
     */
    partial: async (name: TurnName): Promise<Streamed> => {
      const rows = await partialStatement.execute(name);
      const isJoined = rows.some(({ position }) => position <= 0);
      const told = isJoined ? rows.filter(({ position }) => position <= 0) : rows;
      const joined = (event: PieceEvent) =>
        told.flatMap((row) => (row.event === event ? [row.content] : [])).join('');
      return {
        source: told[0]?.source,
        thought: joined('ThoughtStreamingChunkEvent'),
        content: joined('ModelClientStreamingChunkEvent'),
      };
    },
  };
}

// The lock is the foreign key's own, taken first: pieces of a turn that is being deleted are left out with it, and
// nobody waits for that: what holds this process's turns goes through the same connection. Pieces are joined with the
// table itself: a join with turns that a part before had found compared each with each, a million times for a thousand
// turns, since no plan knows how many such a part gives.
function prepareAppend(db: Db) {
  const ours = cte(
    db,
    'ours',
    { turn: as(chatTurnEvents.turnId, 'turn') },
    sql`select piece.* from json_to_recordset(${param('pieces', 'json')}) as piece (owner int, session uuid, turn uuid,
      lease uuid, step int, attempt int, position int, event text, source text, content text)
      join ${chatTurns} as held on held.owner_id = piece.owner and held.session_id = piece.session
        and held.id = piece.turn and held.lease = piece.lease and held.step = piece.step
      where held.status = 'running' for key share of held skip locked`,
  );
  const written = cte(
    db,
    'written',
    { turnId: as(chatTurnEvents.turnId) },
    sql`insert into ${chatTurnEvents} (owner_id, session_id, turn_id, step, attempt, position, event, source, content)
      select owner, session, turn, step, attempt, position, event, source, content from ours
      on conflict do nothing returning turn_id`,
  );
  return db
    .with(ours, written)
    .select({ turnId: written.turnId })
    .from(written)
    .limit(0)
    .prepare('turn_events_append');
}

function prepareProgress(db: Db) {
  const changed = cte(
    db,
    'changed',
    {
      owner: as(chatTurns.ownerId, 'owner'),
      session: as(chatTurns.sessionId, 'session'),
      turn: as(chatTurns.id, 'turn'),
      status: sql<TurnStatus | null>`status`.as('status'),
      step: sql<number | null>`step`.as('step'),
      attempt: sql<number | null>`attempt`.as('attempt'),
      position: sql<number | null>`position`.as('position'),
      event: sql<string | null>`event`.as('event'),
      source: as(chatTurnEvents.source),
      content: as(chatTurnEvents.content),
    },
    sql`select seen.owner, seen.session, seen.turn, turn.status, turn.step, turn.attempt, piece.position, piece.event, piece.source, piece.content
      from json_to_recordset(${param('followed', 'json')}) as seen (owner int, session uuid, turn uuid, step int,
        attempt int, position int, waits boolean)
      left join ${chatTurns} as turn
        on turn.owner_id = seen.owner and turn.session_id = seen.session and turn.id = seen.turn
      left join ${chatTurnEvents} as piece on piece.owner_id = turn.owner_id and piece.session_id = turn.session_id
        and piece.turn_id = turn.id and turn.step = seen.step and turn.attempt = seen.attempt
        and piece.step = seen.step and piece.attempt = seen.attempt and piece.position > seen.position
      where piece.position is not null or turn.id is null or turn.step <> seen.step or turn.attempt <> seen.attempt
        or turn.status not in ('queued', 'running', 'waiting') or (turn.status = 'waiting') <> coalesce(seen.waits, false)
      order by seen.turn, piece.position`,
  );
  return db.with(changed).select().from(changed).prepare('turn_events_progress');
}
