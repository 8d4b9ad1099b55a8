// Completing turns, alone or together.
import { sql } from 'drizzle-orm';
import { countedParts, newPart, type Spent } from '../access/usage.ts';
import type { Db } from '../database.ts';
import { as, cte, param } from '../prepared.ts';
import { chatMessages, chatSessions, chatTurnEvents, chatTurns } from '../schema.ts';
import { insertStep, type NewStep, oneMore, stepColumns, stepValues, textType } from './settle-step.ts';
import { dropPieces, endedColumns, endSession, endTurn, isHeld, isTurn } from './statement-parts.ts';
import { doTogether } from './together.ts';
import type { TurnKey } from './turn-name.ts';

/** The end of a turn as its run sees it, with its last step, which is the reply. */
export type CompletedTurn = TurnKey &
  NewStep & {
    status: 'completed' | 'cancelled';
    /** Whether some of what it streamed, or an earlier run, may be stored. */
    hasPieces: boolean;
    spent: Spent | null;
    /** Whether limits count it. */
    limited: boolean;
  };

export type StoredReply = { createdAt: Date };

/** Gives a function that completes a turn; it gives undefined when the run no longer holds the turn. */
export function createCompletion(db: Db): (end: CompletedTurn) => Promise<StoredReply | undefined> {
  const part = newPart();
  // Most turns count against no limits, and what those need not do costs a good part of the statement.
  const statements = {
    unlimited: prepareCompletion(db, part, false),
    limited: prepareCompletion(db, part, true),
  };
  const statementsOf = (limited: boolean) => statements[limited ? 'limited' : 'unlimited'];
  return doTogether<CompletedTurn, StoredReply | undefined>({
    alone: async (end) => {
      const values = { ...end, ...stepValues(end), spent: end.spent && JSON.stringify(end.spent) };
      return (await statementsOf(end.limited).alone.execute(values))[0];
    },
    together: async (ends) => {
      const { together } = statementsOf(ends.some(({ limited }) => limited));
      const rows = await together.execute({ turns: JSON.stringify(ends) });
      const stored = new Map(rows.map(({ lease, createdAt }) => [lease, { createdAt }]));
      return ends.map(({ lease }) => stored.get(lease));
    },
    sizeOf: ({ content, thought }) => content.length + (thought?.length ?? 0),
  });
}

function prepareCompletion(db: Db, part: number, limited: boolean) {
  const suffix = limited ? '_limited' : '';
  return {
    together: prepareCompleteTogether(db, countedParts(db, part, limited), suffix),
    alone: prepareCompleteAlone(db, countedParts(db, part + 1, limited), suffix),
  };
}

function prepareCompleteAlone(db: Db, counted: ReturnType<typeof countedParts>, suffix: string) {
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set ${endSession}, ${oneMore} where ${isHeld} returning id`,
  );
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set ${endTurn(param('status', 'text'))} from session where ${isTurn}
      returning reply_seq, step, attempt, ${endedColumns}, ${param('spent', 'jsonb')} as spent`,
  );
  const reply = insertStep(db);
  const pieces = dropPieces(db, param('hasPieces', 'boolean'));
  return db
    .with(session, turn, reply, pieces, ...counted)
    .select()
    .from(reply)
    .prepare(`turn_complete${suffix}`);
}

// A turn that is locked by somebody else, or its session, and one that is no longer this run's, is left out: the
// statement waits for none. One may be there twice, asked for again by who had no answer in time.
function prepareCompleteTogether(db: Db, counted: ReturnType<typeof countedParts>, suffix: string) {
  const ended = cte(
    db,
    'ended',
    { turn: as(chatTurns.id, 'turn') },
    sql`select distinct on (lease) owner, session, turn, lease, status, id as message, source,
        coalesce(type, '${sql.raw(textType)}') as type, data, content, thought,
        "modelsUsage" as usage, metadata, "hasPieces", spent
      from json_to_recordset(${param('turns', 'json')}) as ended (owner int, session uuid, turn uuid, lease uuid, status text, id uuid, source text, type text, data jsonb, content text, thought text, "modelsUsage" jsonb,
      metadata jsonb, "hasPieces" boolean, spent jsonb)`,
  );
  const locked = cte(
    db,
    'locked',
    { id: as(chatSessions.id) },
    sql`select ended.* from ${chatSessions} as holder
      join ended on holder.owner_id = ended.owner and holder.id = ended.session and holder.running_lease = ended.lease
      join ${chatTurns} as held on held.owner_id = ended.owner and held.session_id = ended.session
        and held.id = ended.turn and held.status = 'running'
      for no key update of holder, held skip locked`,
  );
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`update ${chatSessions} set ${endSession}, ${oneMore}
      from locked where owner_id = locked.owner and id = locked.session returning id`,
  );
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`update ${chatTurns} set ${endTurn(sql`locked.status`)}
      from locked where owner_id = locked.owner and session_id = locked.session and id = locked.turn
      returning session_id, id, reply_seq, step, attempt, ${endedColumns}, locked.spent`,
  );
  const reply = cte(
    db,
    'reply',
    { id: as(chatMessages.id), createdAt: as(chatMessages.createdAt) },
    sql`insert into ${chatMessages} (${stepColumns})
      select locked.owner, locked.session, turn.reply_seq, turn.step, turn.attempt, locked.message, 'assistant',
        locked.source, locked.type, locked.data, locked.content, locked.thought, locked.usage, locked.metadata
      from locked join turn on turn.owner_id = locked.owner and turn.session_id = locked.session and turn.id = locked.turn
      returning owner_id, session_id, id, created_at`,
  );
  const pieces = cte(
    db,
    'pieces',
    { id: as(chatTurnEvents.turnId) },
    sql`delete from ${chatTurnEvents} using locked where locked."hasPieces"
      and owner_id = locked.owner and session_id = locked.session and turn_id = locked.turn returning turn_id`,
  );
  // By the lease: every run of a turn has the same id for its reply, and only one of them stored it.
  const stored = cte(
    db,
    'stored',
    { lease: sql<string>`lease`.as('lease'), createdAt: as(chatMessages.createdAt) },
    sql`select locked.lease, reply.created_at from locked join reply on reply.owner_id = locked.owner
      and reply.session_id = locked.session and reply.id = locked.message`,
  );
  return db
    .with(ended, locked, session, turn, reply, pieces, ...counted, stored)
    .select()
    .from(stored)
    .prepare(`turns_complete_together${suffix}`);
}
