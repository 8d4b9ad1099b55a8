// Storing what a turn says: a step that settles while the turn goes on, and the columns of any.
import { sql } from 'drizzle-orm';
import type { Usage } from '../../words/usage.ts';
import type { Db } from '../database.ts';
import { as, cte, param } from '../prepared.ts';
import { chatMessages, chatSessions, chatTurns, type Json } from '../schema.ts';
import { dropPieces, isHeld, isTurn } from './statement-parts.ts';

/** The type of a step that is nothing but text. */
export const textType = 'TextMessage';

/** What a step says, the last of a turn too, which is its reply. */
export type NewStep = {
  id: string;
  source: string;
  /** AutoGen's name of what it is; `TextMessage` where there is none. */
  type?: string;
  /** What that has beside its text; null for texts. */
  data?: Json | null;
  content: string;
  thought: string | null;
  modelsUsage: Usage | null;
  metadata: Json;
};

/** The parameters that `insertStep` takes it by. */
export const stepValues = ({ id, source, type, data, content, thought, modelsUsage, metadata }: NewStep) => ({
  message: id,
  source,
  type: type ?? textType,
  data: data ? JSON.stringify(data) : null,
  content,
  thought,
  usage: modelsUsage && JSON.stringify(modelsUsage),
  metadata: JSON.stringify(metadata),
});

/** What of a session changes with each message in it. */
export const oneMore = sql`message_count = message_count + 1`;

export const stepColumns = sql`owner_id, session_id, seq, step, attempt, id, role, source, type, data, content, thought,
  models_usage, metadata`;

/** Stores what the parameters say, in the place that the part `turn` gives. */
export const insertStep = (db: Db) =>
  cte(
    db,
    'reply',
    { createdAt: as(chatMessages.createdAt) },
    sql`insert into ${chatMessages} (${stepColumns})
      select ${param('owner', 'int')}, ${param('session', 'uuid')}, reply_seq, step, attempt, ${param('message', 'uuid')},
        'assistant', ${param('source', 'text')}, ${param('type', 'text')}, ${param('data', 'jsonb')}, ${param('content', 'text')}, ${param('thought', 'text')},
        ${param('usage', 'jsonb')}, ${param('metadata', 'jsonb')}
      from turn returning created_at`,
  );

// The turn goes on: its lease and its place in the queue stay. Interruptions count from here. Asked again behind its
// commit it changes nothing, because another step is open then.
export function settleParts(db: Db) {
  const locked = cte(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select id from ${chatSessions} where ${isHeld} for no key update`,
  );
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set step = ${chatTurns}.step + 1, interruptions = 0
      from locked where ${isTurn} and ${chatTurns}.step = ${param('step', 'int')}
      returning reply_seq, ${param('step', 'int')} as step, attempt`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set ${oneMore}, updated_at = now() from turn where ${isHeld} returning ${chatSessions}.id`,
  );
  const reply = insertStep(db);
  return { locked, turn, session, reply, pieces: dropPieces(db) };
}

export function prepareSettle(db: Db) {
  const { locked, turn, session, reply, pieces } = settleParts(db);
  return db.with(locked, turn, session, reply, pieces).select().from(reply).prepare('turn_settle');
}
