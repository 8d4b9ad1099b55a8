// The calls of tools that a step asks for, and what the statements on them are made of. A call is changed only while its
// session's row is locked: by the run that holds its turn or, while that waits, by who decides, cancels or expires it.
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { as, cte, param } from '../prepared.ts';
import { chatSessions, chatToolCalls } from '../schema.ts';
import { isHeld } from './statement-parts.ts';
import type { TurnName } from './turn-name.ts';

/** A call that a model asks for. All texts have to be storable: well-formed, and without NUL. */
export type NewCall = {
  /** Our own, which the tool is given as its idempotency key in every attempt. */
  id: string;
  /** The model's. */
  callId: string;
  name: string;
  /** What the server is called whose tool it is for, '' where none is needed; null where none of that name was known. */
  server: string | null;
  /** JSON, as the model wrote it. */
  arguments: string;
  /** It is not started before a person has approved it. */
  needsApproval: boolean;
};

/** `step` is the turn's that asks for it, `position` counts the calls of that from 0. */
export type CallRow = Omit<typeof chatToolCalls.$inferSelect, 'ownerId' | 'sessionId' | 'turnId'>;

/** A call and the turn it is of. */
export type CallOfTurn = TurnName & CallRow;

/** The columns of a part that gives calls. */
export const callResult = {
  step: as(chatToolCalls.step),
  position: as(chatToolCalls.position),
  id: as(chatToolCalls.id),
  callId: as(chatToolCalls.callId),
  name: as(chatToolCalls.name),
  server: as(chatToolCalls.server),
  arguments: as(chatToolCalls.arguments),
  givenArguments: as(chatToolCalls.givenArguments),
  status: as(chatToolCalls.status),
  needsApproval: as(chatToolCalls.needsApproval),
  lease: as(chatToolCalls.lease),
  result: as(chatToolCalls.result),
  isError: as(chatToolCalls.isError),
  approvalId: as(chatToolCalls.approvalId),
  decision: as(chatToolCalls.decision),
  decidedBy: as(chatToolCalls.decidedBy),
  said: as(chatToolCalls.said),
  expiresAt: as(chatToolCalls.expiresAt),
  requestedAt: as(chatToolCalls.requestedAt),
  startedAt: as(chatToolCalls.startedAt),
  finishedAt: as(chatToolCalls.finishedAt),
};
export const callColumns = sql`${chatToolCalls}.*`;

/** Of the turn that the parameters name, in the table as `calls` names it. */
export const ofTurn = (
  calls: SQL = sql`${chatToolCalls}`,
): SQL => sql`${calls}.owner_id = ${param('owner', 'int')}
  and ${calls}.session_id = ${param('session', 'uuid')} and ${calls}.turn_id = ${param('turn', 'uuid')}`;
/** Of its step that the parameter `step` names. */
export const ofStep = (calls: SQL = sql`${chatToolCalls}`): SQL =>
  sql`${ofTurn(calls)} and ${calls}.step = ${param('step', 'int')}`;

/** The ids in the parameter `calls`, a JSON list. */
export const named = sql`(select value::uuid from json_array_elements_text(${param('calls', 'json')}))`;

/** Locks the session's row for the run that holds its turn; for no other there is a row. */
export const lockedByRun = (db: Db) =>
  cte(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select ${chatSessions}.id from ${chatSessions} where ${isHeld} for no key update`,
  );

/** The calls of the turn of the part `turn` are not made any more, if `where` is so; of one that was ever started nobody knows. */
export const cancelCalls = (db: Db, where: SQL = sql`true`) =>
  cte(
    db,
    'calls',
    { id: as(chatToolCalls.id) },
    sql`update ${chatToolCalls} set finished_at = now(),
        status = case when ${chatToolCalls}.started_at is null then 'cancelled' else 'unknown' end
      from turn where ${where} and ${ofTurn()}
        and ${chatToolCalls}.status in ('requested', 'waiting', 'approved', 'started')
      returning ${chatToolCalls}.id`,
  );
