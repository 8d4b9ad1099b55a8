// Queries on chat_messages: reading them, a page or a window at a time. Turns write them.
import { and, asc, desc, eq, gt, lte, type SQL, sql } from 'drizzle-orm';
import { eventTypes } from '../words/steps.ts';
import type { Usage } from '../words/usage.ts';
import type { Db } from './database.ts';
import { inSession, isIn, type SessionKey } from './owner.ts';
import { endOfPage, type MeasuredPage, pageBytes, pageOf } from './page-bytes.ts';
import { as, cte, flag, param } from './prepared.ts';
import { chatMessages, chatSessions, chatTurns, type Json, type Role } from './schema.ts';

/** Where a message stands in its session. What a turn says stands at one seq, in steps from 0. */
export type Place = { seq: number; step: number };

export type MessageRow = Place & {
  sessionId: string;
  id: string;
  /** The turn's attempt that said it; null where nobody wrote it down. */
  attempt: number | null;
  role: Role;
  source: string;
  type: string;
  /** What its type has beside the text; null for texts. */
  data: Json | null;
  content: string;
  thought: string | null;
  modelsUsage: Usage | null;
  metadata: Json;
  createdAt: Date;
};

/** What a context needs of a message; read only of sessions that a turn was begun in. */
export type ContextRow = Pick<
  MessageRow,
  'seq' | 'step' | 'role' | 'source' | 'type' | 'data' | 'content' | 'thought'
>;

export type MessageQueries = ReturnType<typeof messageQueries>;

export const messageColumns = {
  sessionId: chatMessages.sessionId,
  seq: chatMessages.seq,
  step: chatMessages.step,
  attempt: chatMessages.attempt,
  id: chatMessages.id,
  role: chatMessages.role,
  source: chatMessages.source,
  type: chatMessages.type,
  data: chatMessages.data,
  content: chatMessages.content,
  thought: chatMessages.thought,
  modelsUsage: chatMessages.modelsUsage,
  metadata: chatMessages.metadata,
  createdAt: chatMessages.createdAt,
};

const contextColumns = {
  seq: chatMessages.seq,
  step: chatMessages.step,
  role: chatMessages.role,
  source: chatMessages.source,
  type: chatMessages.type,
  data: chatMessages.data,
  content: chatMessages.content,
  thought: chatMessages.thought,
};

export function messageQueries(db: Db) {
  const page = preparePage(db, 'asc');
  const before = preparePage(db, 'desc');
  const placeOf = db
    .select({ seq: chatMessages.seq, step: chatMessages.step })
    .from(chatMessages)
    .where(and(inSession(chatMessages), eq(chatMessages.id, param('id'))))
    .prepare('message_place');
  const session = db
    .select({ id: chatSessions.id })
    .from(chatSessions)
    .where(and(eq(chatSessions.ownerId, param('owner')), eq(chatSessions.id, param('session'))))
    .prepare('message_session');
  const context = (order: typeof asc, where?: SQL) =>
    db
      .select(contextColumns)
      .from(chatMessages)
      .where(
        and(
          inSession(chatMessages),
          gt(chatMessages.seq, param('after')),
          lte(chatMessages.seq, param('upTo')),
          where,
        ),
      )
      .orderBy(order(chatMessages.seq), order(chatMessages.step))
      .limit(sql.placeholder('limit'));
  const head = context(asc).prepare('context_head');
  const tail = context(desc).prepare('context_tail');
  const pastHead = context(asc, wasThere(param('turn', 'uuid'))).prepare('context_head_past');
  const pastTail = context(desc, wasThere(param('turn', 'uuid'))).prepare('context_tail_past');

  return {
    /** Whether the session exists, for answers that would otherwise be an empty list. */
    sessionExists: async (key: SessionKey): Promise<boolean> => (await session.execute(key)).length > 0,

    /**
     * Up to `limit` messages, oldest first: fewer where their texts are large. With `events` also the steps between a
     * question and its reply that are no texts.
     */
    page: async (
      key: SessionKey,
      limit: number,
      offset: number,
      { bytes = pageBytes, events = false }: { bytes?: number | undefined; events?: boolean } = {},
    ): Promise<MeasuredPage<MessageRow>> =>
      pageOf(await page.execute({ ...key, limit: limit + 1, offset, bytes, events }), limit),

    /** The up to `limit` messages before the one at `place`, oldest first: fewer where their texts are large. */
    pageBefore: async (
      key: SessionKey,
      place: Place,
      limit: number,
      events = false,
    ): Promise<MeasuredPage<MessageRow>> => {
      const read = await before.execute({ ...key, ...place, limit: limit + 1, bytes: pageBytes, events });
      const { rows, ...rest } = pageOf(read, limit);
      return { rows: rows.reverse(), ...rest };
    },

    placeOf: async (key: SessionKey, id: string): Promise<Place | undefined> =>
      (await placeOf.execute({ ...key, id }))[0],

    /** The first `limit` messages after seq `after` and up to `upTo`, oldest first. */
    head: (key: SessionKey, { asOf, ...range }: ContextRange): Promise<ContextRow[]> =>
      asOf === undefined
        ? head.execute({ ...key, ...range })
        : pastHead.execute({ ...key, turn: asOf, ...range }),

    /** The last `limit` messages after seq `after` and up to `upTo`, oldest first. */
    tail: async (key: SessionKey, { asOf, ...range }: ContextRange): Promise<ContextRow[]> => {
      const rows =
        asOf === undefined
          ? tail.execute({ ...key, ...range })
          : pastTail.execute({ ...key, turn: asOf, ...range });
      return (await rows).reverse();
    },

    /** How many messages stand between two places, neither counted. */
    countBetween: (key: SessionKey, after: Place, before: Place, asOf?: string): Promise<number> =>
      db.$count(
        chatMessages,
        and(
          isIn(chatMessages, key),
          isBeyond('>', after),
          isBeyond('<', before),
          asOf === undefined ? undefined : wasThere(sql`${asOf}::uuid`),
        ),
      ),
  };
}

// Only a reply can come late: to a turn that was run again after one behind it had ended.
const wasThere = (turn: SQL): SQL =>
  sql`(${chatMessages.role} = 'user' or ${chatMessages.createdAt} < (
    select coalesce(ended.finished_at, 'infinity') from ${chatTurns} as ended
    where ended.owner_id = ${chatMessages.ownerId} and ended.session_id = ${chatMessages.sessionId}
      and ended.id = ${turn}))`;

const isBeyond = (side: '<' | '>', { seq, step }: Record<keyof Place, unknown>): SQL =>
  sql`(${chatMessages.seq}, ${chatMessages.step}) ${sql.raw(side)} (${seq}, ${step})`;

/** `asOf`: a turn; only the messages that were there when it ran. */
export type ContextRange = { after: number; upTo: number; limit: number; asOf?: string | undefined };

const stepsBetween = sql.raw(`(${eventTypes.map((type) => `'${type}'`).join(', ')})`);

// `asc` skips `offset` messages, `desc` begins before the place.
function preparePage(db: Db, order: 'asc' | 'desc') {
  const place = { seq: param('seq', 'int'), step: param('step', 'int') };
  const isShown = sql`(${param('events', 'boolean')} or type not in ${stepsBetween})`;
  const mine = and(inSession(chatMessages), order === 'asc' ? undefined : isBeyond('<', place), isShown);
  const ordered = sql.raw(`order by chat_messages.seq ${order}, chat_messages.step ${order}`);
  const some =
    order === 'asc'
      ? sql`${ordered} limit ${param('limit', 'int')} offset ${param('offset', 'int')}`
      : sql`${ordered} limit ${param('limit', 'int')}`;
  // A thought may be told twice, as an event of its own. How long data is cannot be seen without reading it.
  const size = sql`octet_length(content) + 2 * coalesce(octet_length(thought), 0) + coalesce(octet_length(data::text), 0)`;
  const end = cte(
    db,
    'page_end',
    { seq: as(chatMessages.seq) },
    endOfPage(
      sql`select seq, step, ${size} as size from ${chatMessages} where ${mine} ${some}`,
      order,
      ['seq', 'step'],
      param('bytes', 'int'),
    ),
  );
  // Beyond all places, where the page need not end. Asked for as values, the end is looked for once, whatever is known of
  // the table; joined, it may be looked for at each message.
  const beyond = sql.raw(order === 'asc' ? '2147483647' : '-1');
  const ends = sql`(select coalesce(seq, ${beyond}), coalesce(step, ${beyond}) from page_end)`;
  const page = cte(
    db,
    'page',
    { ...messageResult, cut: flag('cut'), size: sql<number>`size`.as('size') },
    sql`select ${chatMessages}.*, (select seq is not null from page_end) as cut, ${size} as size from ${chatMessages}
      where ${mine} and (${chatMessages.seq}, ${chatMessages.step}) ${sql.raw(order === 'asc' ? '<' : '>')} ${ends} ${some}`,
  );
  return db
    .with(end, page)
    .select()
    .from(page)
    .orderBy(sql.raw(`seq ${order}, step ${order}`))
    .prepare(order === 'asc' ? 'message_page' : 'message_page_before');
}

const messageResult = {
  sessionId: as(chatMessages.sessionId),
  seq: as(chatMessages.seq),
  step: as(chatMessages.step),
  attempt: as(chatMessages.attempt),
  id: as(chatMessages.id),
  role: as(chatMessages.role),
  source: as(chatMessages.source),
  type: as(chatMessages.type),
  data: as(chatMessages.data),
  content: as(chatMessages.content),
  thought: as(chatMessages.thought),
  modelsUsage: as(chatMessages.modelsUsage),
  metadata: as(chatMessages.metadata),
  createdAt: as(chatMessages.createdAt),
};
