// Queries on chat_shares: links that show a session as it was when they were made.
import { and, desc, eq, sql } from 'drizzle-orm';
import { type AuditEntry, auditPart, auditValues } from './access/audit.ts';
import type { Db } from './database.ts';
import { type MessageRow, messageResult, type Place } from './message-row.ts';
import type { Owner, SessionKey } from './owner.ts';
import { inSession } from './owner.ts';
import { rangesOf } from './path-parts.ts';
import { as, cte, param } from './prepared.ts';
import { chatMessages, chatSessions, chatShares } from './schema.ts';

/** `id` is the secret that the link has. `name`: the session's, as it was. */
export type ShareRow = { id: string; name: string; createdAt: Date };

/** A share with whose and of what it is. */
export type FoundShare = ShareRow & { owner: Owner; session: string };

export type ShareQueries = ReturnType<typeof shareQueries>;

export function shareQueries(db: Db) {
  const columns = { id: chatShares.id, name: chatShares.name, createdAt: chatShares.createdAt };
  const create = prepareCreate(db);
  const remove = prepareRemove(db);
  const page = preparePage(db);
  const list = db
    .select(columns)
    .from(chatShares)
    .where(inSession(chatShares))
    .orderBy(desc(chatShares.createdAt), desc(chatShares.id))
    .prepare('share_list');
  const find = db
    .select({ ...columns, owner: sql<Owner>`${chatShares.ownerId}`, session: chatShares.sessionId })
    .from(chatShares)
    .where(eq(chatShares.id, param('id')))
    .prepare('share_find');

  return {
    /** Undefined where there is no such session. */
    create: async (key: SessionKey, id: string, audit: AuditEntry): Promise<ShareRow | undefined> =>
      (await create.execute({ ...key, id, ...auditValues(audit) }))[0],

    /** Those of a session, the newest first. */
    list: (key: SessionKey): Promise<ShareRow[]> => list.execute(key),

    /** False where there is none. */
    remove: async (key: SessionKey, id: string, audit: AuditEntry): Promise<boolean> =>
      (await remove.execute({ ...key, id, ...auditValues(audit) })).length > 0,

    /** Of whoever it is. */
    find: async (id: string): Promise<FoundShare | undefined> => (await find.execute({ id }))[0],

    /** Up to `limit` of the messages that it shows, oldest first, behind this place. */
    page: ({ owner, session, id }: FoundShare, after: Place, limit: number): Promise<MessageRow[]> =>
      page.execute({ owner, session, id, ...after, limit }),
  };
}

function prepareCreate(db: Db) {
  const created = cte(
    db,
    'created',
    { id: as(chatShares.id), name: as(chatShares.name), createdAt: as(chatShares.createdAt) },
    sql`insert into ${chatShares} (owner_id, session_id, id, name, path)
      select owner_id, id, ${param('id', 'text')}, name, path from ${chatSessions}
      where owner_id = ${param('owner', 'int')} and id = ${param('session', 'uuid')}
      returning id, name, created_at`,
  );
  return db.with(created, auditPart(db, sql`created`)).select().from(created).prepare('share_create');
}

function prepareRemove(db: Db) {
  const removed = cte(
    db,
    'removed',
    { id: as(chatShares.id) },
    sql`delete from ${chatShares} where owner_id = ${param('owner', 'int')}
      and session_id = ${param('session', 'uuid')} and id = ${param('id', 'text')} returning id`,
  );
  return db.with(removed, auditPart(db, sql`removed`)).select().from(removed).prepare('share_remove');
}

// A range of the path after the other. What was stored later is not of it, at whatever place it stands.
function preparePage(db: Db) {
  const after = sql`(${param('seq', 'int')}, ${param('step', 'int')})`;
  const page = cte(
    db,
    'page',
    messageResult,
    sql`select message.* from (select path, created_at from ${chatShares} where owner_id = ${param('owner', 'int')}
        and session_id = ${param('session', 'uuid')} and id = ${param('id', 'text')}) as share
      cross join lateral ${rangesOf(sql`share.path`, 'asc')} as range
      cross join lateral (select * from ${chatMessages}
        where ${and(inSession(chatMessages), sql`seq between range.first and range.last`, sql`(seq, step) > ${after}`)}
          and ${chatMessages.createdAt} <= share.created_at
        order by seq, step limit ${param('limit', 'int')}) as message
      order by seq, step limit ${param('limit', 'int')}`,
  );
  return db.with(page).select().from(page).orderBy(sql.raw('seq, step')).prepare('share_page');
}
