// Queries on chat_messages: reading them, a page or a window at a time. Turns write them.
import { and, asc, desc, eq, gt, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { Usage } from '../words/usage.ts';
import type { Db } from './database.ts';
import { isOwned, type SessionKey } from './owner.ts';
import { endOfPage, type MeasuredPage, pageBytes, pageOf } from './page-bytes.ts';
import { as, flag, param, step } from './prepared.ts';
import { chatMessages, chatSessions, chatTurns, type Json, type Role } from './schema.ts';

export type MessageRow = {
  sessionId: string;
  seq: number;
  id: string;
  role: Role;
  source: string;
  type: string;
  content: string;
  thought: string | null;
  modelsUsage: Usage | null;
  metadata: Json;
  createdAt: Date;
};

/** What a context needs of a message; read only of sessions that a turn was begun in. */
export type ContextRow = Pick<MessageRow, 'seq' | 'role' | 'source' | 'content' | 'thought'>;

export type MessageQueries = ReturnType<typeof messageQueries>;

export const messageColumns = {
  sessionId: chatMessages.sessionId,
  seq: chatMessages.seq,
  id: chatMessages.id,
  role: chatMessages.role,
  source: chatMessages.source,
  type: chatMessages.type,
  content: chatMessages.content,
  thought: chatMessages.thought,
  modelsUsage: chatMessages.modelsUsage,
  metadata: chatMessages.metadata,
  createdAt: chatMessages.createdAt,
};

const contextColumns = {
  seq: chatMessages.seq,
  role: chatMessages.role,
  source: chatMessages.source,
  content: chatMessages.content,
  thought: chatMessages.thought,
};

export function messageQueries(db: Db) {
  const page = preparePage(db, 'asc');
  const before = preparePage(db, 'desc');
  const seqOf = db
    .select({ seq: chatMessages.seq })
    .from(chatMessages)
    .where(
      and(
        eq(chatMessages.sessionId, param('session')),
        eq(chatMessages.id, param('id')),
        isOwned(chatMessages.sessionId, param('owner')),
      ),
    )
    .prepare('message_seq');
  const session = db
    .select({ id: chatSessions.id })
    .from(chatSessions)
    .where(and(eq(chatSessions.id, param('session')), eq(chatSessions.owner, param('owner'))))
    .prepare('message_session');
  const context = (order: typeof asc, where?: SQL) =>
    db
      .select(contextColumns)
      .from(chatMessages)
      .where(
        and(
          eq(chatMessages.sessionId, param('session')),
          gt(chatMessages.seq, param('after')),
          lte(chatMessages.seq, param('upTo')),
          where,
        ),
      )
      .orderBy(order(chatMessages.seq))
      .limit(sql.placeholder('limit'));
  const head = context(asc).prepare('context_head');
  const tail = context(desc).prepare('context_tail');
  const pastHead = context(asc, wasThere(param('turn', 'uuid'))).prepare('context_head_past');
  const pastTail = context(desc, wasThere(param('turn', 'uuid'))).prepare('context_tail_past');

  return {
    /** Whether the session exists, for answers that would otherwise be an empty list. */
    sessionExists: async (key: SessionKey): Promise<boolean> => (await session.execute(key)).length > 0,

    /** Up to `limit` messages, oldest first: fewer where their texts are large. */
    page: async (
      key: SessionKey,
      limit: number,
      offset: number,
      bytes = pageBytes,
    ): Promise<MeasuredPage<MessageRow>> =>
      pageOf(await page.execute({ ...key, limit: limit + 1, offset, bytes }), limit),

    /** The up to `limit` messages before the one with `seq`, oldest first: fewer where their texts are large. */
    pageBefore: async (key: SessionKey, seq: number, limit: number): Promise<MeasuredPage<MessageRow>> => {
      const read = await before.execute({ ...key, seq, limit: limit + 1, bytes: pageBytes });
      const { rows, ...rest } = pageOf(read, limit);
      return { rows: rows.reverse(), ...rest };
    },

    seqOf: async (key: SessionKey, id: string): Promise<number | undefined> =>
      (await seqOf.execute({ ...key, id }))[0]?.seq,

    /** The first `limit` messages after seq `after` and up to `upTo`, oldest first. */
    head: ({ session }: SessionKey, { asOf, ...range }: ContextRange): Promise<ContextRow[]> =>
      asOf === undefined
        ? head.execute({ session, ...range })
        : pastHead.execute({ session, turn: asOf, ...range }),

    /** The last `limit` messages after seq `after` and up to `upTo`, oldest first. */
    tail: async ({ session }: SessionKey, { asOf, ...range }: ContextRange): Promise<ContextRow[]> => {
      const rows =
        asOf === undefined
          ? tail.execute({ session, ...range })
          : pastTail.execute({ session, turn: asOf, ...range });
      return (await rows).reverse();
    },

    /** How many messages stand between two seqs, neither counted. */
    countBetween: ({ session }: SessionKey, after: number, before: number, asOf?: string): Promise<number> =>
      db.$count(
        chatMessages,
        and(
          eq(chatMessages.sessionId, session),
          gt(chatMessages.seq, after),
          lt(chatMessages.seq, before),
          asOf === undefined ? undefined : wasThere(sql`${asOf}::uuid`),
        ),
      ),
  };
}

// Only a reply can come late: to a turn that was run again after one behind it had ended.
const wasThere = (turn: SQL): SQL =>
  sql`(${chatMessages.role} = 'user' or ${chatMessages.createdAt} < (
    select coalesce(ended.finished_at, 'infinity') from ${chatTurns} as ended
    where ended.session_id = ${chatMessages.sessionId} and ended.id = ${turn}))`;

/** `asOf`: a turn; only the messages that were there when it ran. */
export type ContextRange = { after: number; upTo: number; limit: number; asOf?: string | undefined };

// `asc` skips `offset` messages, `desc` begins before `seq`.
function preparePage(db: Db, order: 'asc' | 'desc') {
  const { sessionId, seq } = chatMessages;
  const mine = and(eq(sessionId, param('session')), order === 'asc' ? undefined : lt(seq, param('seq')));
  const some =
    order === 'asc'
      ? sql`order by ${seq} limit ${param('limit', 'int')} offset ${param('offset', 'int')}`
      : sql`order by ${seq} desc limit ${param('limit', 'int')}`;
  // A thought may be told twice, as an event of its own.
  const size = sql`octet_length(content) + 2 * coalesce(octet_length(thought), 0)`;
  const end = step(
    db,
    'page_end',
    { seq: as(seq) },
    endOfPage(
      sql`select seq, ${size} as size from ${chatMessages} where ${mine} ${some}`,
      order,
      param('bytes', 'int'),
    ),
  );
  const fits = sql.raw(
    `(page_end.seq is null or chat_messages.seq ${order === 'asc' ? '<' : '>'} page_end.seq)`,
  );
  const page = step(
    db,
    'page',
    { ...messageResult, cut: flag('cut'), size: sql<number>`size`.as('size') },
    sql`select ${chatMessages}.*, page_end.seq is not null as cut, ${size} as size from page_end, ${chatMessages}
      where ${mine} and ${isOwned(sessionId, param('owner'))} and ${fits} ${some}`,
  );
  return db
    .with(end, page)
    .select()
    .from(page)
    .orderBy(sql.raw(`seq ${order}`))
    .prepare(order === 'asc' ? 'message_page' : 'message_page_before');
}

const messageResult = {
  sessionId: as(chatMessages.sessionId),
  seq: as(chatMessages.seq),
  id: as(chatMessages.id),
  role: as(chatMessages.role),
  source: as(chatMessages.source),
  type: as(chatMessages.type),
  content: as(chatMessages.content),
  thought: as(chatMessages.thought),
  modelsUsage: as(chatMessages.modelsUsage),
  metadata: as(chatMessages.metadata),
  createdAt: as(chatMessages.createdAt),
};
