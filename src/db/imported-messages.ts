// Reads the messages of an imported state a page at a time, without sending all of it.
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import type { SessionKey } from './owner.ts';
import { type MeasuredPage, pageBytes } from './page-bytes.ts';
import { as, cte, flag, param } from './prepared.ts';
import { chatSessions } from './schema.ts';

/** `place` counts all messages of the state from 0; `agent` is who the last reply up to there is by. */
export type ImportedRow = { place: number; agent: string | null; message: unknown };

/** `total`: how many there are to be shown, on all pages. `isThere`: whether the message it ends before is one of them. */
export type ImportedPage = MeasuredPage<ImportedRow> & {
  total: number;
  isThere: boolean;
  createdAt: Date;
  /** The one that the session names. */
  sessionAgent: string | null;
};

/** `steps`: with the calls of tools and their results. */
type Which = { limit: number; steps: boolean };

export type ImportedQueries = ReturnType<typeof importedQueries>;

/** Queries on the imported states of sessions. They give undefined where there is no such session. */
export function importedQueries(db: Db) {
  const first = preparePage(db, 'asc');
  const last = preparePage(db, 'desc');

  return {
    /** Up to `limit` messages behind the first `offset`: fewer where they are large. */
    page: async (session: SessionKey, { offset, ...which }: Which & { offset: number }) =>
      importedPage(await first.execute({ ...session, offset, before: -1, bytes: pageBytes, ...which })),

    /** The last up to `limit` messages, of `bytes` in all, before the one at a place: of all without one. */
    pageBefore: async (
      session: SessionKey,
      { before, ...which }: Which & { before?: number; bytes: number },
    ) => importedPage(await last.execute({ ...session, offset: 0, before: before ?? -1, ...which })),
  };
}

type Read = {
  place: number | null;
  agent: string | null;
  message: unknown;
  isLast: boolean | null;
  size: number | null;
} & Pick<ImportedPage, 'total' | 'isThere' | 'createdAt' | 'sessionAgent'>;

function importedPage(read: Read[]): ImportedPage | undefined {
  const [session] = read;
  if (!session) return undefined;
  const rows = read.flatMap(({ place, agent, message }) =>
    place === null ? [] : [{ place, agent, message }],
  );
  const { total, isThere, createdAt, sessionAgent } = session;
  const bytes = read.reduce((sum, { size }) => sum + (size ?? 0), 0);
  return {
    rows,
    more: rows.length > 0 && !read.some(({ isLast }) => isLast),
    bytes,
    total,
    isThere,
    createdAt,
    sessionAgent,
  };
}

/**
 * `asc` skips `offset` messages; `desc` reads back from `before`, or from the end where that is -1. Lengths and places
 * alone are sorted and counted; of the texts only the page's are read.
 */
function preparePage(db: Db, order: 'asc' | 'desc') {
  const session = cte(
    db,
    'session',
    { id: as(chatSessions.id) },
    sql`select id, created_at, agent as session_agent, case when agent_state_seq = 0 and jsonb_typeof(agent_state #> '{llm_context,messages}') = 'array'
        then agent_state #> '{llm_context,messages}' end as messages
      from ${chatSessions} where owner_id = ${param('owner', 'int')} and id = ${param('session', 'uuid')}`,
  );
  const listed = cte(
    db,
    'listed',
    places,
    sql`select place, size, is_shown, max(source) over (partition by replies) as agent from (
    select (ordinality - 1)::integer as place, pg_column_size(message) + coalesce(octet_length(message ->> 'thought'), 0) as size,
      ${isShown} as is_shown, case when ${isReply} then message ->> 'source' end as source,
      count(*) filter (where ${isReply}) over (order by ordinality) as replies
    from session, jsonb_array_elements(messages) with ordinality as element (message, ordinality)) as message`,
  );
  const shown = cte(db, 'shown', places, sql`select * from listed where is_shown`);
  const counted = cte(
    db,
    'counted',
    places,
    sql`select count(*)::integer as total,
    coalesce(bool_or(place = ${param('before', 'int')}), false) as is_there from shown`,
  );
  const rows =
    order === 'asc'
      ? sql`select * from shown order by place limit ${param('limit', 'int')} offset ${param('offset', 'int')}`
      : sql`select * from shown where ${param('before', 'int')} = -1 or place < ${param('before', 'int')}
          order by place desc limit ${param('limit', 'int')}`;
  const direction = sql.raw(order);
  const end = sql.raw(order === 'asc' ? 'max' : 'min');
  const page = cte(
    db,
    'page',
    { place: sql<number>`place`.as('place') },
    sql`select *,
      place = (select ${end}(place) from shown) as is_last
    from (select *, sum(size) over (order by place ${direction} rows unbounded preceding) - size as bytes_before
      from (${rows}) as wanted) as measured where bytes_before < ${param('bytes', 'int')}`,
  );
  const result = cte(
    db,
    'result',
    {
      createdAt: as(chatSessions.createdAt),
      sessionAgent: sql<string | null>`session_agent`.as('session_agent'),
      total: sql<number>`total`.as('total'),
      isThere: flag('is_there'),
      place: sql<number | null>`place`.as('place'),
      agent: sql<string | null>`agent`.as('agent'),
      size: sql<number | null>`size`.as('size'),
      isLast: sql<boolean | null>`is_last`.as('is_last'),
      message: as(chatSessions.agentState, 'message'),
    },
    sql`select created_at, session_agent, total, is_there, place, agent, size, is_last, messages -> place as message
      from session cross join counted left join page on true`,
  );
  return db
    .with(session, listed, shown, counted, page, result)
    .select()
    .from(result)
    .orderBy(sql.raw('place'))
    .prepare(order === 'asc' ? 'imported_page' : 'imported_page_before');
}

const places = { place: sql<number>`place`.as('place') };

const isReply: SQL = sql`message ->> 'type' = 'AssistantMessage'`;

const isShown: SQL = sql`case message ->> 'type' when 'SystemMessage' then false when 'UserMessage' then true
  else ${param('steps', 'boolean')} or jsonb_typeof(message -> 'content') = 'string' end`;
