// Queries on chat_messages: reading them, a page or a window at a time. Turns write them.
import { and, eq, type SQL, sql } from 'drizzle-orm';
import { eventTypes } from '../words/steps.ts';
import { contextQueries, isBeyond } from './context-messages.ts';
import type { Db } from './database.ts';
import { type MessageRow, messageResult, type Place } from './message-row.ts';
import { inSession, type SessionKey } from './owner.ts';
import { endOfPage, type MeasuredPage, pageBytes, pageOf } from './page-bytes.ts';
import { rangesOf } from './path-parts.ts';
import { as, cte, flag, param } from './prepared.ts';
import { chatMessages, chatSessions } from './schema.ts';

/** `hasVersions`: of the session. */
export type PageRow = MessageRow & { hasVersions: boolean };

/** `events`: also the steps between a question and its reply that are no texts. `all`: of all versions. */
export type Which = { bytes?: number | undefined; events?: boolean; all?: boolean };

export type SessionUsage = { promptTokens: number; completionTokens: number; cost: number };

export type MessageQueries = ReturnType<typeof messageQueries>;

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

  const usage = db
    .select({
      promptTokens: sql<number>`coalesce(sum((models_usage ->> 'prompt_tokens')::bigint), 0)::float8`.as(
        'prompt',
      ),
      completionTokens:
        sql<number>`coalesce(sum((models_usage ->> 'completion_tokens')::bigint), 0)::float8`.as(
          'completion',
        ),
      cost: sql<number>`coalesce(sum(case when metadata ->> 'cost' ~ '^[0-9.]{1,20}(e-?[0-9]{1,2})?$'
        then (metadata ->> 'cost')::float8 end), 0)`.as('cost'),
    })
    .from(chatMessages)
    .where(and(inSession(chatMessages), eq(chatMessages.role, 'assistant')))
    .prepare('message_usage');

  return {
    /** What the models reported for all that was said in the session, in every version, and what that cost. */
    usage: async (key: SessionKey): Promise<SessionUsage> =>
      (await usage.execute(key))[0] ?? { promptTokens: 0, completionTokens: 0, cost: 0 },

    /** Whether the session exists, for answers that would otherwise be an empty list. */
    sessionExists: async (key: SessionKey): Promise<boolean> => (await session.execute(key)).length > 0,

    /** Up to `limit` messages of what the session shows, oldest first: fewer where their texts are large. */
    page: async (
      key: SessionKey,
      limit: number,
      offset: number,
      { bytes = pageBytes, events = false, all = false }: Which = {},
    ): Promise<MeasuredPage<PageRow>> =>
      pageOf(await page.execute({ ...key, limit: limit + 1, offset, bytes, events, all }), limit),

    /** The up to `limit` messages before the one at `place`, oldest first: fewer where their texts are large. */
    pageBefore: async (
      key: SessionKey,
      place: Place,
      limit: number,
      { events = false, all = false }: Which = {},
    ): Promise<MeasuredPage<PageRow>> => {
      const read = await before.execute({
        ...key,
        ...place,
        limit: limit + 1,
        bytes: pageBytes,
        events,
        all,
      });
      const { rows, ...rest } = pageOf(read, limit);
      return { rows: rows.reverse(), ...rest };
    },

    placeOf: async (key: SessionKey, id: string): Promise<Place | undefined> =>
      (await placeOf.execute({ ...key, id }))[0],

    ...contextQueries(db),
  };
}

/** Types of what stands between a question and its reply. */
export const stepsBetween = sql.raw(`(${eventTypes.map((type) => `'${type}'`).join(', ')})`);

// `asc` skips `offset` messages, `desc` begins before the place.
function preparePage(db: Db, order: 'asc' | 'desc') {
  const place = { seq: param('seq', 'int'), step: param('step', 'int') };
  const isShown = sql`(${param('events', 'boolean')} or type not in ${stepsBetween})`;
  const mine = and(inSession(chatMessages), order === 'asc' ? undefined : isBeyond('<', place), isShown);
  const ordered = sql.raw(`order by seq ${order}, step ${order}`);
  const limit = param('limit', 'int');
  const offset = param('offset', 'int');
  // One range of the session's path after the other, each from its own end: what stands between two is not looked at.
  const shown = cte(
    db,
    'shown',
    { first: sql<number>`first`.as('first') },
    sql`select range.*, path is not null as has_versions from (
      select path, case when not ${param('all', 'boolean')} then path end as wanted from ${chatSessions}
      where owner_id = ${param('owner', 'int')} and id = ${param('session', 'uuid')}) as session
      cross join lateral ${rangesOf(sql`session.wanted`, order)} as range`,
  );
  const some = (columns: SQL, where = sql``) =>
    sql`select message.* from shown cross join lateral (select ${columns} from ${chatMessages}
        where ${mine} and seq between shown.first and shown.last${where} ${ordered} limit ${order === 'asc' ? sql`${limit}::bigint + ${offset}` : limit}
      ) as message limit ${limit}${order === 'asc' ? sql` offset ${offset}` : sql``}`;
  // A thought may be told twice, as an event of its own. How long data is cannot be seen without reading it.
  const size = sql`octet_length(content) + 2 * coalesce(octet_length(thought), 0) + coalesce(octet_length(data::text), 0)`;
  const end = cte(
    db,
    'page_end',
    { seq: as(chatMessages.seq) },
    endOfPage(some(sql`seq, step, ${size} as size`), order, ['seq', 'step'], param('bytes', 'int')),
  );
  // Beyond all places, where the page need not end. Asked for as values, the end is looked for once, whatever is known of
  // the table; joined, it may be looked for at each message.
  const beyond = sql.raw(order === 'asc' ? '2147483647' : '-1');
  const ends = sql`(select coalesce(seq, ${beyond}), coalesce(step, ${beyond}) from page_end)`;
  const page = cte(
    db,
    'page',
    {
      ...messageResult,
      hasVersions: flag('has_versions'),
      cut: flag('cut'),
      size: sql<number>`size`.as('size'),
    },
    some(
      sql`${chatMessages}.*, has_versions, (select seq is not null from page_end) as cut, ${size} as size`,
      sql` and (${chatMessages.seq}, ${chatMessages.step}) ${sql.raw(order === 'asc' ? '<' : '>')} ${ends}`,
    ),
  );
  return db
    .with(shown, end, page)
    .select()
    .from(page)
    .orderBy(sql.raw(`seq ${order}, step ${order}`))
    .prepare(order === 'asc' ? 'message_page' : 'message_page_before');
}
