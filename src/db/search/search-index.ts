// Fills the index of the search behind the messages' backs: no turn waits for it. What is not in it yet is known by the
// session's counts, and looked through by the search itself; so this may be late, be killed, or run twice.
import { and, eq, sql } from 'drizzle-orm';
import type { Database, Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import { as, flag, once, step } from '../prepared.ts';
import { chatMessages, chatSearchParts, chatSessions } from '../schema.ts';
import { gramsOfParts } from './grams.ts';

/** A session is left alone while somebody talks in it: so long after it last changed. */
const quietSeconds = 10;

/** How much one round takes in, and each of its statements. Nothing else is done while the embedded database works. */
const amounts = {
  postgres: { sessions: 20, bytes: 128 * 1024, grams: 20_000 },
  embedded: { sessions: 5, bytes: 8 * 1024, grams: 3000 },
};
type Amounts = (typeof amounts)['postgres'];

const foreignKeyViolation = '23503';

/** The most messages that one round reads. */
const mostTexts = 200;

const nameHash = sql`hashtextextended(name, 0)`;

type Row = { session: string; seq: number; part: number; grams: number[] };

/** Of which sessions: all, or one owner's, and for how many seconds they have not changed. */
type Of = { owner?: string; quiet?: number };

/** Gives a function that takes in a few messages; false when there was nothing to do, or another process does it. */
export function createIndexing({ db, kind }: Database, of: Of = {}): () => Promise<boolean> {
  const some = (on: Db) => takeIn(on, amounts[kind], of);
  const alone = () =>
    db.transaction(async (tx) => {
      const key = sql`hashtext('agentchat search index')`;
      const [lock] = await tx.select({ taken: sql<boolean>`pg_try_advisory_xact_lock(${key})` }).from(once);
      return lock?.taken ? some(tx) : false;
    });
  return async () => {
    // Mostly there are none, and it takes no transaction to see that.
    if ((await sessionsBehind(db, 1, of)).length === 0) return false;
    try {
      return await (kind === 'embedded' ? some(db) : alone());
    } catch (error) {
      // One of the sessions was deleted meanwhile; the others come again.
      if (databaseErrorCode(error) === foreignKeyViolation) return true;
      throw error;
    }
  };
}

/** Sessions of which the index has not everything, and that are left alone. */
function sessionsBehind(db: Db, most: number, { owner, quiet = quietSeconds }: Of) {
  return db
    .select({
      id: chatSessions.id,
      owner: chatSessions.owner,
      name: chatSessions.name,
      // What was read of a name may not be what is stored, to the last sign of no width.
      named: sql<string>`${nameHash}::text`,
      count: chatSessions.messageCount,
    })
    .from(chatSessions)
    .where(
      and(
        owner === undefined ? undefined : eq(chatSessions.owner, owner),
        sql`indexed_messages <> message_count and updated_at < now() - ${quiet} * interval '1 second'`,
      ),
    )
    .limit(most);
}

async function takeIn(db: Db, { sessions: most, bytes, grams }: Amounts, of: Of): Promise<boolean> {
  const sessions = await sessionsBehind(db, most, of);
  if (sessions.length === 0) return false;
  const texts = await readTexts(db, JSON.stringify(sessions.map(({ id }) => id)), bytes);
  const last = texts.at(-1);
  // Of the last one it may have read only some.
  const isWhole = ({ id }: { id: string }) => !last?.more || id < last.session;
  const whole = sessions.filter(isWhole);
  const owners = new Map(sessions.map(({ id, owner }) => [id, owner]));
  const names = whole.map(({ id, name }) => ({ session: id, seq: 0, content: name }));
  const rows = [...names, ...texts].flatMap(({ session, seq, content }) =>
    gramsOfParts(owners.get(session) ?? '', content)
      .map((grams, part): Row => ({ session, seq, part, grams }))
      .reverse(),
  );
  for (const together of inAmounts(rows, grams)) await insert(db, JSON.stringify(together));
  await settle(db, JSON.stringify(whole.map(({ id, named, count }) => ({ id, named, count }))));
  return true;
}

/** Messages of these sessions that the index has not, in order, as many as `bytes`; `more`: some were left out. */
async function readTexts(db: Db, sessions: string, bytes: number) {
  // The first part of a message is written last.
  const text = step(
    db,
    'text',
    {
      session: as(chatMessages.sessionId),
      seq: as(chatMessages.seq),
      content: as(chatMessages.content),
      more: flag('more'),
    },
    sql`select *, lead(seq) over place is not null as more,
        sum(octet_length(content)) over (place rows unbounded preceding) - octet_length(content) as bytes_before
      from (
        select session_id, seq, content from ${chatMessages} as message
        where session_id in (select value::uuid from json_array_elements_text(${sessions}::json))
          and not exists (select 1 from ${chatSearchParts} as known where known.session_id = message.session_id
            and known.seq = message.seq and known.part = 0)
        order by session_id, seq limit ${mostTexts + 1}
      ) as message window place as (order by session_id, seq)`,
  );
  return db
    .with(text)
    .select()
    .from(text)
    .where(sql`bytes_before < ${bytes}`)
    .orderBy(sql`session_id, seq`)
    .limit(mostTexts);
}

/** A name may be there already, and be another one now. */
function insert(db: Db, rows: string) {
  return db.execute(sql`insert into ${chatSearchParts} (session_id, seq, part, grams)
    select session, seq, part, grams
    from json_to_recordset(${rows}::json) as row (session uuid, seq int, part int, grams int[])
    on conflict (session_id, seq, part) do update set grams = excluded.grams
    where ${chatSearchParts}.grams <> excluded.grams`);
}

/** The index has all of these sessions that they had when they were read: those that have more, or another name, are left. */
function settle(db: Db, sessions: string) {
  return db.execute(sql`update ${chatSessions} as session set indexed_messages = read.count
    from json_to_recordset(${sessions}::json) as read (id uuid, named bigint, count int)
    where session.id = read.id and session.message_count = read.count and ${nameHash} = read.named`);
}

/** The rows in order, so many at a time that they have about `most` grams. */
function* inAmounts(rows: readonly Row[], most: number): Generator<Row[]> {
  let together: Row[] = [];
  let count = 0;
  for (const row of rows) {
    together.push(row);
    count += row.grams.length;
    if (count < most) continue;
    yield together;
    together = [];
    count = 0;
  }
  if (together.length > 0) yield together;
}
