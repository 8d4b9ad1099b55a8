// The search of sessions: newest first, so that what many have is found at once; then through the index, for what few
// have. No statement takes long: each stops by itself, whatever is in its way, and the search goes on from there.
import { and, eq, type SQL, sql } from 'drizzle-orm';
import { sleep } from '../../sleep.ts';
import type { Database, Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import type { Owner } from '../owner.ts';
import { cte, flag, once } from '../prepared.ts';
import { chatMessages, chatOwners, chatSearchParts, chatSessions } from '../schema.ts';
import { isAfter, type SessionCursor, type SessionRow, sessionResult, updatedAtMicros } from '../sessions.ts';
import { atMost } from './concurrency-limit.ts';
import { gramsToFind } from './grams.ts';
import { createIndexing } from './search-index.ts';

export type SearchQuery = {
  /** What names or messages have to contain, in either case. */
  contains: string;
  limit: number;
  /** How many to pass over. */
  offset: number;
  after?: SessionCursor | undefined;
};

export type Found = {
  sessions: SessionRow[];
  /** Where the rest begins, if there may be more; `offset` of them are still to be passed over. */
  next: (SessionCursor & { offset: number }) | undefined;
};

/** How long a search may look, and its statements: the first one, and those after it. In milliseconds. */
export type SearchTimes = { all: number; first: number; each: number; pause: number };

// Nothing else is done while the embedded database works.
const timesOf: Record<Database['kind'], SearchTimes> = {
  postgres: { all: 2000, first: 10, each: 500, pause: 0 },
  embedded: { all: 1500, first: 10, each: 25, pause: 10 },
};

/** More sessions than these are not looked up by the index: there are so many that one after another is quicker. */
const mostCandidates = 1000;
const mostParts = 4000;
const mostRows = 1000;
/** How long the index may be asked, in milliseconds. The embedded database knows no such limit, but is asked for few grams. */
const indexMs = 2000;
const tooLong = '57014';

/** How many look at once in a process, one owner's and all, and how many wait for them. */
const crowd = { postgres: { most: 3, ofOne: 2 }, embedded: { most: 1, ofOne: 1 } };
const waiting = { waiting: 20, waitMs: 4000 };

export type SearchQueries = ReturnType<typeof searchQueries>;

/** The search of an owner's sessions, and the making of its index, which is everybody's. */
export function searchQueries(database: Database) {
  const find = createSearch(database);
  const one = atMost<Owner>({ ...crowd[database.kind], ...waiting });
  return {
    /** 'busy': too many search at once. */
    find: (owner: Owner, query: SearchQuery): Promise<Found | 'busy'> => one(owner, () => find(owner, query)),

    /** Takes a few messages into the index; false where nothing is left to do. */
    takeIn: createIndexing(database),
  };
}

/** Gives the search: up to `limit` sessions, and where to go on; fewer where looking at them takes too long. */
export function createSearch({ db, kind }: Database, times = timesOf[kind]) {
  return async (owner: Owner, { contains, limit, offset, after }: SearchQuery): Promise<Found> => {
    const began = performance.now();
    const sessions: SessionRow[] = [];
    let place = after;
    let passOver = offset;
    let among: string[] | undefined;
    for (let isFirst = true; ; isFirst = false) {
      const ms = isFirst ? times.first : times.each;
      const most = Math.min(passOver + limit + 1 - sessions.length, mostRows);
      const rows = await look(db, owner, { contains, place, among, most, ms });
      const late = rows.find((row) => row.late);
      for (const { micros, late: isLate, seq, ...session } of rows) {
        if (isLate) break;
        if (passOver > 0) passOver--;
        else if (sessions.length === limit) return { sessions, next: place && { ...place, offset: 0 } };
        else sessions.push(session);
        place = { updatedAtMicros: micros, id: session.id };
      }
      if (late) place = { updatedAtMicros: late.micros, id: late.id, seq: late.seq };
      else if (rows.length < most) return { sessions, next: undefined };
      if (performance.now() - began > times.all) {
        return { sessions, next: place && { ...place, offset: passOver } };
      }
      if (late && isFirst) among = await candidates(db, owner, contains);
      if (times.pause > 0) await sleep(times.pause);
    }
  };
}

type Look = {
  contains: string;
  place: SessionCursor | undefined;
  among: string[] | undefined;
  most: number;
  ms: number;
};

/**
 * The next sessions that contain it, `most` of them, until it is `late`: such a row is where the time was up, in the
 * session's messages from `seq` on; what comes behind it says nothing.
 */
function look(db: Db, owner: Owner, { contains, place, among, most, ms }: Look) {
  const pattern = `%${contains.replace(/[\\%_]/g, '\\$&')}%`;
  // The first thing looked at is always looked at, so that whoever goes on from there gets further.
  const begins = place?.seq === undefined ? undefined : sql`session.id = ${place.id}::uuid`;
  const from = begins ? sql`case when ${begins} then ${place?.seq}::int else 0 end` : sql`0`;
  const isPlace = (seq: SQL) => (begins ? sql`${begins} and ${seq} = ${place?.seq}::int` : sql`false`);
  const looked = (text: SQL, seq: SQL) => sql`case
    when clock_timestamp() > statement_timestamp() + ${sql.raw(`interval '${ms} milliseconds'`)} and not (${isPlace(seq)}) then true
    when ${text} ilike ${pattern} then false end`;
  const isAmong = sql`id in (select value::uuid from json_array_elements_text(${JSON.stringify(among ?? [])}::json))`;
  const found = cte(
    db,
    'found',
    { ...sessionResult, seq: sql<number>`seq`.as('seq'), late: flag('late') },
    sql`select session.*, coalesce(said.seq, 0) as seq, coalesce(named.late, said.late) as late
      from (
        select *, ${updatedAtMicros} as micros from ${chatSessions}
        where ${and(eq(chatSessions.ownerId, owner), place && isAfter(place), among && isAmong)}
        order by updated_at desc, id desc offset 0
      ) as session
      cross join lateral (
        select case when ${from} = 0 then ${looked(sql`session.name`, sql`0`)} end as late
      ) as named
      left join lateral (
        select seq, late from (
          select seq, ${looked(sql`content`, sql`seq`)} as late from ${chatMessages}
          where owner_id = ${owner} and session_id = session.id and seq >= ${from} and named.late is null
          order by seq, step
        ) as told where late is not null order by seq limit 1
      ) as said on true
      where coalesce(named.late, said.late) is not null
      order by session.updated_at desc, session.id desc limit ${most}`,
  );
  return db.with(found).select().from(found);
}

/**
 * The sessions that may contain it: by the index, and those that are not in it yet. Undefined where they are too many, or
 * the index cannot tell.
 */
async function candidates(db: Db, owner: Owner, contains: string): Promise<string[] | undefined> {
  const isBehind = sql`owner_id = ${owner} and indexed_messages <> message_count`;
  try {
    return await db.transaction(async (tx) => {
      const [named] = await tx
        .select({ name: chatOwners.name })
        .from(chatOwners)
        .where(eq(chatOwners.id, owner));
      const grams = named ? gramsToFind(named.name, contains) : [];
      if (grams.length === 0) return undefined;
      // It gives few rows or is not to be waited for; the planner cannot know, and would rather read the whole table.
      await tx
        .select({
          timeout: sql`set_config('statement_timeout', ${String(indexMs)}, true)`,
          scan: sql`set_config('enable_seqscan', 'off', true)`,
        })
        .from(once);
      // First: what is taken in between the two is then seen twice, and not missed.
      const behind = await tx
        .select({ id: chatSessions.id })
        .from(chatSessions)
        .where(isBehind)
        .limit(mostCandidates + 1);
      const parts = await tx
        .select({ id: chatSearchParts.sessionId })
        .from(chatSearchParts)
        .where(sql`owner_id = ${owner} and grams @> ${`{${grams}}`}::int[]`)
        .limit(mostParts + 1);
      if (parts.length > mostParts) return undefined;
      const ids = new Set([...parts, ...behind].map(({ id }) => id));
      return ids.size > mostCandidates ? undefined : [...ids];
    });
  } catch (error) {
    if (databaseErrorCode(error) === tooLong) return undefined;
    throw error;
  }
}
