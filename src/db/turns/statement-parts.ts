// What the statements that change turns are made of. Each is a chain of CTEs that locks the session's row first: two that
// meet on one session therefore wait for each other and never deadlock. After the wait a statement still sees other rows
// as they were before it, but for the one it updates: so what it decides is read off the session's row, or is a condition
// on the turn that it changes. Each table is compared with the parameters, and no part relies on not seeing what another
// one changed: so a server that has each owner's rows on another machine can run it.
import { type SQL, sql } from 'drizzle-orm';
import { leaseSeconds } from '../../words/turn-limits.ts';
import { heldColumns, heldResult, heldResultColumns } from '../access/allowances.ts';
import type { Db } from '../database.ts';
import { inSession } from '../owner.ts';
import { as, cte, param } from '../prepared.ts';
import { chatSessions, chatTurnEvents, chatTurns } from '../schema.ts';

// One that was renewed this recently is left alone, so that renewing costs a write only now and then.
const freshSeconds = leaseSeconds - 2;

const seconds = (count: number) => sql.raw(`interval '${count} seconds'`);
export const leaseEnd = sql`now() + ${seconds(leaseSeconds)}`;
export const isStale = sql`lease_until < now() + ${seconds(freshSeconds)}`;
/** Nobody holds it: its lease ran out, or was let go. */
export const isAbandoned = sql`(lease_until is null or lease_until < now())`;
/** Nothing runs in the session, or waits to. */
export const idle = sql`running_lease is null and waiting_turn is null and queued_turns = 0`;

export const isSession = sql`${chatSessions}.owner_id = ${param('owner', 'int')} and ${chatSessions}.id = ${param('session', 'uuid')}`;
/** The session's row, to be locked and seen as it is after any wait. */
export const fromSession = sql`from ${chatSessions} where ${isSession}`;
/** Which turn: of the session, so that no other's is looked at. */
export const isTurn = sql`${chatTurns}.owner_id = ${param('owner', 'int')} and ${chatTurns}.session_id = ${param('session', 'uuid')}
  and ${chatTurns}.id = ${param('turn', 'uuid')}`;
/** What every run has to know of its turn. */
export const begunTurn = {
  seq: as(chatTurns.seq),
  replySeq: as(chatTurns.replySeq),
  asksSeq: as(chatTurns.asksSeq),
  replyId: sql<string>`reply_id`.as('reply_id'),
  agent: as(chatTurns.agent),
  step: as(chatTurns.step),
  attempt: as(chatTurns.attempt),
  countedSteps: as(chatTurns.countedSteps),
  ...heldResult,
  createdAt: as(chatTurns.createdAt),
};
export const begunColumns = sql`seq, reply_seq, asks_seq, reply_id, agent, step, attempt, counted_steps, ${heldResultColumns}, created_at`;

/** Turns of other agents are left to processes that know them; `agents` is a JSON list of names. */
export const isKnownAgent = sql`agent in (select json_array_elements_text(${param('agents', 'json')}))`;

/** What of a session changes when its running turn ends, which its lease alone may do. */
export const endSession = sql`running_lease = null, updated_at = now()`;
export const isHeld = sql`${isSession} and running_lease = ${param('lease', 'uuid')}`;
/** What of a turn changes when it ends. */
export const endTurn = (status: SQL) => sql`status = ${status}, finished_at = now(), lease_until = null`;

/** What of its session a turn has to know when it begins, or goes on: what its model is shown. */
export const shownColumns = sql`agent_state, agent_state_seq, path, instructions, temperature`;
export const shownResult = {
  agentState: as(chatSessions.agentState),
  agentStateSeq: as(chatSessions.agentStateSeq),
  path: as(chatSessions.path),
  instructions: as(chatSessions.instructions),
  temperature: as(chatSessions.temperature),
};

/** What the parts that settle a turn need to know of it, beside what it spent. */
export const endedColumns = sql`${chatTurns}.owner_id, agent, ${heldColumns}`;

/**
 * What the turn of the part before had streamed goes: what is stored instead can tell it again. `where` is known before
 * the table is looked at, which has nothing of most turns.
 */
export const dropPieces = (db: Db, where: SQL = sql`true`) =>
  cte(
    db,
    'pieces',
    { id: as(chatTurnEvents.turnId) },
    sql`delete from ${chatTurnEvents} using turn
      where ${where} and ${inSession(chatTurnEvents)} and turn_id = ${param('turn', 'uuid')} returning turn_id`,
  );
