// Queries on the leases of turns: which run holds which turn, for how long, and what comes next. What they ask
// about all turns of a process is one statement, however many run.
import { and, asc, eq, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatSessions, chatTurns } from '../schema.ts';
import type { BegunTurn } from './change-turns.ts';
import { prepareTakeOver } from './run-again-statements.ts';
import { isAbandoned, isKnownAgent, isStale, leaseEnd } from './statement-parts.ts';
import type { TurnKey } from './turn-name.ts';

/** A turn that nobody holds, and the attempt that it is in. */
export type AbandonedTurn = TurnKey & { attempt: number };

/** `last`: its run had begun, and it is not begun again, because it is to be cancelled or was interrupted too often. */
export type TakenOver = BegunTurn & { cancel: boolean; last: boolean };

export type LeaseQueries = ReturnType<typeof leaseQueries>;

/**
 * Queries on the leases of turns, whosever they are; with `served`, only that owner's are abandoned. Through `reserved`
 * goes what is asked again and again: a process whose connections are all busy is not to lose its turns. None of it waits
 * for locks, as taking over may.
 */
export function leaseQueries(db: Db, reserved: Db, served?: Owner) {
  const holdStatement = prepareHold(reserved);
  const nextStatement = prepareNext(reserved);
  const takeOverStatement = prepareTakeOver(db);
  const abandonedStatement = reserved
    .select({
      owner: chatTurns.ownerId,
      session: chatTurns.sessionId,
      turn: chatTurns.id,
      lease: chatTurns.lease,
      attempt: chatTurns.attempt,
    })
    .from(chatTurns)
    .where(
      and(
        sql`${isUnfinished} and (${param('all', 'boolean')} or ${isAbandoned}) and (${isKnownAgent} or cancel_requested_at is not null)`,
        served === undefined ? undefined : eq(chatTurns.ownerId, served),
      ),
    )
    .orderBy(asc(chatTurns.createdAt))
    .limit(100)
    .prepare('turn_abandoned');

  return {
    /** Which of these runs still hold their turns, and of each whether it is to be cancelled. Renews leases that are no longer fresh. */
    hold: async (leases: string[]): Promise<Map<string, { cancel: boolean }>> => {
      const rows = await holdStatement.execute({ leases: JSON.stringify(leases) });
      return new Map(rows.map(({ lease, cancel }) => [lease ?? '', { cancel }]));
    },

    /** Lets go of what these runs hold: whoever looks next takes their turns over, and does not count it against them. */
    release: async (leases: string[]): Promise<void> => {
      await db
        .update(chatTurns)
        .set({ leaseUntil: null })
        .where(sql`lease in (${among(sql`${JSON.stringify(leases)}::json`)}) and ${isUnfinished}`);
    },

    /** Those of these queued runs whose turn is next in its session while nothing runs there. */
    next: async (leases: string[]): Promise<string[]> => {
      const rows = await nextStatement.execute({ leases: JSON.stringify(leases) });
      return rows.flatMap(({ lease }) => lease ?? []);
    },

    /**
     * Unfinished turns that nobody holds, of these agents or to be cancelled; `all` where no other process can hold any.
     */
    abandoned: async (agents: readonly string[], all: boolean): Promise<AbandonedTurn[]> => {
      const rows = await abandonedStatement.execute({ agents: JSON.stringify(agents), all });
      return rows.flatMap((row) => (row.lease === null ? [] : { ...row, lease: row.lease }));
    },

    /**
     * Makes an abandoned turn that of the run `to`; undefined when another was quicker. `held`: although its lease is
     * good, which only a start on a database of its own may say. `replyId` is for a turn that has none yet.
     */
    takeOver: async (
      from: AbandonedTurn,
      to: { lease: string; replyId: string },
      held: boolean,
    ): Promise<TakenOver | undefined> => {
      const { owner, session, turn, lease } = from;
      const [row] = await takeOverStatement.execute({ owner, session, turn, from: lease, ...to, held });
      if (!row) return undefined;
      const { status, ...taken } = row;
      return { ...taken, running: status === 'running' };
    },
  };
}

const isUnfinished = sql`status in ('queued', 'running')`;
const among = (leases: unknown) => sql`select value::uuid from json_array_elements_text(${leases})`;
const theirs = sql`lease in (${among(param('leases', 'json'))}) and ${isUnfinished}`;

function prepareHold(db: Db) {
  const held = cte(
    db,
    'held',
    { lease: as(chatTurns.lease), cancel: flag('cancel') },
    sql`select lease, cancel_requested_at is not null as cancel from ${chatTurns} where ${theirs}`,
  );
  // A row that is locked is being changed right now: it is left for the next time, and nobody waits.
  const renewed = cte(
    db,
    'renewed',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set lease_until = ${leaseEnd} where (owner_id, session_id, id) in
      (select owner_id, session_id, id from ${chatTurns} where ${theirs} and ${isStale} for no key update skip locked) returning id`,
  );
  return db.with(held, renewed).select().from(held).prepare('turn_hold');
}

function prepareNext(db: Db) {
  const next = cte(
    db,
    'next',
    { lease: as(chatTurns.lease) },
    sql`select lease from ${chatTurns} as turn
      join ${chatSessions} as session on session.owner_id = turn.owner_id and session.id = turn.session_id
      where lease in (${among(param('leases', 'json'))}) and status = 'queued'
        and session.running_lease is null and session.waiting_turn is null
        and not exists (select 1 from ${chatTurns} as earlier where earlier.owner_id = turn.owner_id
          and earlier.session_id = turn.session_id and earlier.status = 'queued' and earlier.seq < turn.seq)`,
  );
  return db.with(next).select().from(next).prepare('turn_next');
}
