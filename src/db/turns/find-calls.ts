// Looking at calls: those of a turn, and what waits for an owner in all sessions.
import { and, asc, eq, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { inSession, type Owner, type SessionKey } from '../owner.ts';
import { pageBytes } from '../page-bytes.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatToolCalls, chatTurns } from '../schema.ts';
import { type CallOfTurn, type CallRow, callResult } from './call-parts.ts';
import type { TurnName } from './turn-name.ts';

/** Where a page of what waits ended: the last one's `expires_at` in microseconds, and its id. */
export type WaitingCursor = { expiresAtMicros: string; id: string };

/** The calls of a step whose results are in no step, because its turn has not stored them; `seq` is where that speaks. */
export type StoppedCalls = { seq: number; step: number; isCancelled: boolean; calls: CallRow[] };

export type CallLooks = ReturnType<typeof callLooks>;

export function callLooks(db: Db) {
  const waiting = prepareWaiting(db);
  const ofTurn = db
    .select()
    .from(chatToolCalls)
    .where(
      and(
        inSession(chatToolCalls),
        eq(chatToolCalls.turnId, param('turn')),
        sql`step = coalesce(${param('step', 'int')}, step)`,
      ),
    )
    .orderBy(asc(chatToolCalls.step), asc(chatToolCalls.position))
    .prepare('calls_of_turn');

  const stopped = prepareStopped(db);

  return {
    /** Of the turns that speak at these places: the calls of the step before the one that is open, or was. */
    stopped: async (session: SessionKey, seqs: readonly number[]): Promise<StoppedCalls[]> => {
      const found = new Map<number, StoppedCalls>();
      for (const { seq, isCancelled, ...call } of await stopped.execute({
        ...session,
        seqs: JSON.stringify(seqs),
      })) {
        const its = found.get(seq) ?? { seq, step: call.step, isCancelled, calls: [] };
        its.calls.push(call);
        found.set(seq, its);
      }
      return [...found.values()];
    },

    /** The calls of a turn in their order, or those of one of its steps. */
    ofTurn: async ({ owner, session, turn }: TurnName, step?: number): Promise<CallRow[]> => {
      const rows = await ofTurn.execute({ owner, session, turn, step: step ?? null });
      return rows.map(({ ownerId: _, sessionId: __, turnId: ___, ...call }) => call);
    },

    /**
     * Up to `limit` calls that wait for somebody, whatever expires first at the beginning: fewer where their arguments are
     * large. `next` is where the page ends, if there are more.
     */
    waiting: async (
      owner: Owner,
      { limit, after }: { limit: number; after?: WaitingCursor | undefined },
    ): Promise<{ calls: CallOfTurn[]; next: WaitingCursor | undefined }> => {
      const { expiresAtMicros: micros = null, id = null } = after ?? {};
      const rows = await waiting.execute({ owner, limit: limit + 1, micros, id });
      const kept = rows.slice(0, limit);
      const last = kept.at(-1);
      return {
        calls: kept.map(({ micros: _, isLast: __, ...call }) => ({ owner, ...call })),
        next: last && !last.isLast ? { expiresAtMicros: last.micros, id: last.id } : undefined,
      };
    },
  };
}

function prepareStopped(db: Db) {
  const calls = cte(
    db,
    'calls',
    { ...callResult, seq: as(chatTurns.replySeq, 'seq'), isCancelled: flag('is_cancelled') },
    sql`select call.*, turn.reply_seq as seq, turn.status = 'cancelled' as is_cancelled
      from ${chatTurns} as turn join ${chatToolCalls} as call on call.owner_id = turn.owner_id
        and call.session_id = turn.session_id and call.turn_id = turn.id and call.step = turn.step - 1
      where turn.owner_id = ${param('owner', 'int')} and turn.session_id = ${param('session', 'uuid')}
        and turn.reply_seq in (select value::int from json_array_elements_text(${param('seqs', 'json')}))`,
  );
  return db.with(calls).select().from(calls).orderBy(sql`seq, position`).prepare('calls_stopped');
}

// Lengths alone are added up: of the arguments only the page's are read.
function prepareWaiting(db: Db) {
  const place = sql`(coalesce(timestamptz 'epoch' + ${param('micros', 'bigint')} * interval '1 microsecond', '-infinity'),
    coalesce(${param('id', 'uuid')}, '00000000-0000-0000-0000-000000000000'))`;
  const measured = cte(
    db,
    'measured',
    { id: as(chatToolCalls.id) },
    sql`select *, row_number() over behind = count(*) over () as is_last,
        sum(octet_length(arguments) + coalesce(octet_length(given_arguments), 0)) over behind - octet_length(arguments)
          - coalesce(octet_length(given_arguments), 0) as bytes_before
      from (select * from ${chatToolCalls}
        where owner_id = ${param('owner', 'int')} and status = 'waiting' and (expires_at, id) > ${place}
        order by expires_at, id limit ${param('limit', 'int')}) as calls
      window behind as (order by expires_at, id)`,
  );
  const page = cte(
    db,
    'page',
    {
      ...callResult,
      session: as(chatToolCalls.sessionId, 'session_id'),
      turn: as(chatToolCalls.turnId, 'turn_id'),
      micros: sql<string>`micros`.as('micros'),
      isLast: flag('is_last'),
    },
    sql`select *, (extract(epoch from expires_at) * 1000000)::bigint::text as micros from measured
      where bytes_before < ${sql.raw(String(pageBytes))}`,
  );
  return db
    .with(measured, page)
    .select()
    .from(page)
    .orderBy(sql`expires_at`, sql`id`)
    .prepare('calls_waiting');
}
