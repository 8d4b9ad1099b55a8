// Queries on chat_sessions, each of one owner's.
import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Instructed } from '../words/instructed.ts';
import type { Path } from '../words/path.ts';
import { settledPart } from './access/allowances.ts';
import { type AuditEntry, auditPart, auditValues } from './access/audit.ts';
import { newPart, usagePart } from './access/usage.ts';
import type { Db } from './database.ts';
import { databaseErrorCode } from './errors.ts';
import type { Owner, SessionKey } from './owner.ts';
import { as, cte, param } from './prepared.ts';
import { chatFiles, chatSessionFiles, chatSessions, chatTurns, type Json } from './schema.ts';
import { endedColumns } from './turns/statement-parts.ts';

const foreignKeyViolation = '23503';

export type SessionRow = {
  id: string;
  name: string;
  /** Who answers; null: the default one. */
  agent: string | null;
  metadata: Json;
  messageCount: number;
  createdAt: Date;
  updatedAt: Date;
} & Instructed;

export type SessionDetailRow = SessionRow & { agentState: Json | null; agentStateSeq: number; path: Path };

/**
 * Where a page of sessions ended: the last one's `updated_at` in microseconds, and its id. With `seq`, a search ended in
 * the midst of that session, before its message with that seq.
 */
export type SessionCursor = { updatedAtMicros: string; id: string; seq?: number };

export type NewSession = {
  id: string;
  name: string | undefined;
  defaultName: string;
  agent?: string | null;
  metadata: Json;
  agentState: Json | null;
} & Partial<Instructed>;

/** What is left out, or undefined, stays. */
export type SessionChange = {
  name?: string | undefined;
  agent?: string | null | undefined;
  instructions?: string | null | undefined;
  temperature?: number | null | undefined;
  metadata?: Json | undefined;
};

export type SessionQueries = ReturnType<typeof sessionQueries>;

const columns = {
  id: chatSessions.id,
  name: chatSessions.name,
  agent: chatSessions.agent,
  instructions: chatSessions.instructions,
  temperature: chatSessions.temperature,
  metadata: chatSessions.metadata,
  messageCount: chatSessions.messageCount,
  createdAt: chatSessions.createdAt,
  updatedAt: chatSessions.updatedAt,
};

/** The same of a named part of a statement, with where each stands in the order. */
export const sessionResult = {
  id: as(chatSessions.id),
  name: as(chatSessions.name),
  agent: as(chatSessions.agent),
  instructions: as(chatSessions.instructions),
  temperature: as(chatSessions.temperature),
  metadata: as(chatSessions.metadata),
  messageCount: as(chatSessions.messageCount),
  createdAt: as(chatSessions.createdAt),
  updatedAt: as(chatSessions.updatedAt),
  micros: sql<string>`micros`.as('micros'),
};

// The whole microseconds of updated_at: a Date holds only milliseconds, and a page must not end between two.
export const updatedAtMicros = sql<string>`(extract(epoch from ${chatSessions.updatedAt}) * 1000000)::bigint::text`;

export function sessionQueries(db: Db) {
  const owned = eq(chatSessions.ownerId, param('owner'));
  const detail = db
    .select({
      ...columns,
      agentState: chatSessions.agentState,
      agentStateSeq: chatSessions.agentStateSeq,
      path: chatSessions.path,
    })
    .from(chatSessions)
    .where(and(eq(chatSessions.id, param('session')), owned))
    .prepare('session_detail');
  const newest = db
    .select({ id: chatSessions.id })
    .from(chatSessions)
    .where(owned)
    .orderBy(desc(chatSessions.updatedAt), desc(chatSessions.id))
    .limit(1)
    .prepare('session_newest');
  const page = db
    .select({ ...columns, micros: updatedAtMicros.as('micros') })
    .from(chatSessions)
    .where(owned)
    .orderBy(desc(chatSessions.updatedAt), desc(chatSessions.id))
    .limit(sql.placeholder('limit'))
    .offset(sql.placeholder('offset'))
    .prepare('session_page');
  const agent = db
    .select({ agent: chatSessions.agent })
    .from(chatSessions)
    .where(and(eq(chatSessions.id, param('session')), owned))
    .prepare('session_agent');
  const remove = prepareDelete(db);
  const takeBack = db
    .delete(chatSessions)
    .where(
      and(
        eq(chatSessions.id, param('session')),
        owned,
        eq(chatSessions.lastSeq, 0),
        eq(chatSessions.updatedAt, chatSessions.createdAt),
      ),
    )
    .prepare('session_take_back');

  const insert = async (on: Db, owner: Owner, session: NewSession): Promise<SessionRow> => {
    const [row] = await on
      .insert(chatSessions)
      .values({
        id: session.id,
        ownerId: owner,
        name: session.name ?? session.defaultName,
        nameGiven: session.name !== undefined,
        agent: session.agent ?? null,
        instructions: session.instructions ?? null,
        temperature: session.temperature ?? null,
        metadata: session.metadata,
        agentState: session.agentState,
      })
      .returning(columns);
    if (!row) throw new Error('the insert returned no row');
    return row;
  };

  return {
    create: (owner: Owner, session: NewSession): Promise<SessionRow> => insert(db, owner, session),

    /** The session with its imported state, or undefined. */
    find: async (key: SessionKey): Promise<SessionDetailRow | undefined> => (await detail.execute(key))[0],

    /** The agent that the session names, null for none; undefined where there is no such session. */
    agentOf: async (key: SessionKey): Promise<string | null | undefined> =>
      (await agent.execute(key))[0]?.agent,

    /** The id of the most recently updated session, or undefined. */
    newest: async (owner: Owner): Promise<string | undefined> => (await newest.execute({ owner }))[0]?.id,

    /** The most recently updated session; where there is none, one is made, by one caller only, who is told so. */
    newestOrCreate: (owner: Owner, session: NewSession): Promise<{ id: string; isNew: boolean }> =>
      db.transaction(async (tx) => {
        await tx
          .select({ lock: sql`pg_advisory_xact_lock(hashtext(${`agentchat newest ${owner}`}))` })
          .from(sql`(values (1)) as once`);
        const [row] = await tx
          .select({ id: chatSessions.id })
          .from(chatSessions)
          .where(eq(chatSessions.ownerId, owner))
          .orderBy(desc(chatSessions.updatedAt), desc(chatSessions.id))
          .limit(1);
        if (row) return { id: row.id, isNew: false };
        return { id: (await insert(tx, owner, session)).id, isNew: true };
      }),

    /** Takes back one that was made, if nobody has done anything with it. */
    takeBack: async (key: SessionKey): Promise<void> => {
      await takeBack.execute(key);
    },

    /** Up to `limit` sessions, most recently updated first, and where they end if there are more. */
    list: async (
      owner: Owner,
      query: { limit: number; offset: number; after?: SessionCursor | undefined },
    ): Promise<{ sessions: SessionRow[]; next: SessionCursor | undefined }> => {
      const { limit, offset, after } = query;
      const found =
        after === undefined
          ? await page.execute({ owner, limit: limit + 1, offset })
          : await db
              .select({ ...columns, micros: updatedAtMicros.as('micros') })
              .from(chatSessions)
              .where(and(eq(chatSessions.ownerId, owner), isAfter(after)))
              .orderBy(desc(chatSessions.updatedAt), desc(chatSessions.id))
              .limit(limit + 1)
              .offset(offset);
      const kept = found.slice(0, limit);
      const last = kept.at(-1);
      const next = found.length > limit && last ? { updatedAtMicros: last.micros, id: last.id } : undefined;
      return { sessions: kept.map(({ micros: _, ...session }) => session), next };
    },

    /** Changes what is given; the session, or undefined where there is none. */
    update: async (
      { owner, session }: SessionKey,
      change: SessionChange,
    ): Promise<SessionRow | undefined> => {
      const { name, ...plain } = change;
      const unchanged = Object.values(change).every((value) => value === undefined);
      const [row] = await db
        .update(chatSessions)
        .set({
          ...(name === undefined ? {} : { name, nameGiven: true, indexedMessages: -1 }),
          ...plain,
          updatedAt: unchanged ? sql`updated_at` : sql`now()`,
        })
        .where(and(eq(chatSessions.id, session), eq(chatSessions.ownerId, owner)))
        .returning(columns);
      return row;
    },

    /** Deletes the session with all it holds; false where there was none. */
    delete: async (key: SessionKey, audit: AuditEntry): Promise<boolean> => {
      const values = { ...key, ...auditValues(audit) };
      for (;;) {
        const [row] = await remove.execute(values).catch((error) => {
          // Another session has come by one of its files meanwhile.
          if (databaseErrorCode(error) === foreignKeyViolation) return [{ id: null }];
          throw error;
        });
        if (!row) return false;
        if (row.id !== null) return true;
      }
    },
  };
}

// Its turns that have not ended are settled, and this statement sees which those are as it began. So it deletes the session
// only as it was then: where a turn began, ended or waited while the row was waited for, it gives a row without an id. What
// a turn that runs has used, its run adds to the ledger; of one that waits there is none.
function prepareDelete(db: Db) {
  const thisOne = sql`owner_id = ${param('owner', 'int')} and id = ${param('session', 'uuid')}`;
  const state = sql`last_seq, queued_turns, updated_at, running_lease, waiting_turn`;
  const found = cte(
    db,
    'found',
    { wanted: as(chatSessions.id, 'wanted') },
    sql`select id as wanted from ${chatSessions} where ${thisOne}`,
  );
  const deleted = cte(
    db,
    'deleted',
    { id: as(chatSessions.id) },
    sql`delete from ${chatSessions} where ${thisOne}
        and row(${state}) is not distinct from (select row(${state}) from ${chatSessions} where ${thisOne})
      returning id`,
  );
  const turn = cte(
    db,
    'turn',
    { id: as(chatTurns.id) },
    sql`select ${chatTurns}.id, ${endedColumns}, case when status = 'waiting' then waiting_spent end as spent
      from ${chatTurns}, deleted where owner_id = ${param('owner', 'int')} and session_id = ${param('session', 'uuid')}
        and status in ('queued', 'running', 'waiting') and (reserved_tokens is not null or status = 'waiting')`,
  );
  // What no other session has goes with it.
  const file = cte(
    db,
    'file',
    { id: as(chatFiles.id) },
    sql`delete from ${chatFiles} as theirs using ${chatSessionFiles} as used, deleted
      where used.owner_id = ${param('owner', 'int')} and used.session_id = ${param('session', 'uuid')}
        and theirs.owner_id = used.owner_id and theirs.id = used.file_id
        and not exists (select 1 from ${chatSessionFiles} as other where other.owner_id = used.owner_id
          and other.file_id = used.file_id and other.session_id <> used.session_id)
      returning theirs.id`,
  );
  return db
    .with(found, deleted, file, turn, settledPart(db), usagePart(db, newPart()), auditPart(db, sql`deleted`))
    .select({ id: deleted.id })
    .from(found)
    .leftJoin(deleted, sql`true`)
    .prepare('session_delete');
}

/** True of the sessions behind a cursor, and of the one it is in the midst of. */
export function isAfter(cursor: SessionCursor): SQL {
  const updatedAt = sql`(timestamptz 'epoch' + ${cursor.updatedAtMicros}::bigint * interval '1 microsecond')`;
  const before = sql.raw(cursor.seq === undefined ? '<' : '<=');
  return sql`(${chatSessions.updatedAt}, ${chatSessions.id}) ${before} (${updatedAt}, ${cursor.id}::uuid)`;
}
