// Queries on chat_messages: reading them, a page or a window at a time. Turns write them.
import { and, asc, desc, eq, gt, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { isOwned } from './owner.ts';
import { param } from './prepared.ts';
import { chatMessages, chatSessions, chatTurns, type Json, type Role } from './schema.ts';

export type Usage = { prompt_tokens: number; completion_tokens: number };

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

/** Queries on the messages in sessions of `owner`. */
export function messageQueries(db: Db, owner: string) {
  const page = db
    .select(messageColumns)
    .from(chatMessages)
    .where(and(eq(chatMessages.sessionId, param('session')), isOwned(chatMessages.sessionId, owner)))
    .orderBy(asc(chatMessages.seq))
    .limit(sql.placeholder('limit'))
    .offset(sql.placeholder('offset'))
    .prepare('message_page');
  const before = db
    .select(messageColumns)
    .from(chatMessages)
    .where(
      and(
        eq(chatMessages.sessionId, param('session')),
        lt(chatMessages.seq, param('seq')),
        isOwned(chatMessages.sessionId, owner),
      ),
    )
    .orderBy(desc(chatMessages.seq))
    .limit(sql.placeholder('limit'))
    .prepare('message_page_before');
  const seqOf = db
    .select({ seq: chatMessages.seq })
    .from(chatMessages)
    .where(
      and(
        eq(chatMessages.sessionId, param('session')),
        eq(chatMessages.id, param('id')),
        isOwned(chatMessages.sessionId, owner),
      ),
    )
    .prepare('message_seq');
  const session = db
    .select({ id: chatSessions.id })
    .from(chatSessions)
    .where(and(eq(chatSessions.id, param('session')), eq(chatSessions.owner, owner)))
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
    sessionExists: async (sessionId: string): Promise<boolean> =>
      (await session.execute({ session: sessionId })).length > 0,

    /** Oldest first. */
    page: (sessionId: string, limit: number, offset: number): Promise<MessageRow[]> =>
      page.execute({ session: sessionId, limit, offset }),

    /** The `limit` messages before the one with `seq`, oldest first. */
    pageBefore: async (sessionId: string, seq: number, limit: number): Promise<MessageRow[]> =>
      (await before.execute({ session: sessionId, seq, limit })).reverse(),

    seqOf: async (sessionId: string, id: string): Promise<number | undefined> =>
      (await seqOf.execute({ session: sessionId, id }))[0]?.seq,

    /** The first `limit` messages after seq `after` and up to `upTo`, oldest first. */
    head: (sessionId: string, { asOf, ...range }: ContextRange): Promise<ContextRow[]> =>
      asOf === undefined
        ? head.execute({ session: sessionId, ...range })
        : pastHead.execute({ session: sessionId, turn: asOf, ...range }),

    /** The last `limit` messages after seq `after` and up to `upTo`, oldest first. */
    tail: async (sessionId: string, { asOf, ...range }: ContextRange): Promise<ContextRow[]> => {
      const rows =
        asOf === undefined
          ? tail.execute({ session: sessionId, ...range })
          : pastTail.execute({ session: sessionId, turn: asOf, ...range });
      return (await rows).reverse();
    },

    /** How many messages stand between two seqs, neither counted. */
    countBetween: (sessionId: string, after: number, before: number, asOf?: string): Promise<number> =>
      db.$count(
        chatMessages,
        and(
          eq(chatMessages.sessionId, sessionId),
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
