// Fills the index of the search behind the messages' backs: no turn waits for it. What is not in it yet is known by the
// session's counts, and looked through by the search itself; so this may be late, be killed, or run twice.
import { and, eq, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database, Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import type { Owner } from '../owner.ts';
import { as, cte, flag, once } from '../prepared.ts';
import { chatMessages, chatOwners, chatSearchParts, chatSessions } from '../schema.ts';
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

const hashOf = (name: SQLWrapper) => sql`hashtextextended(${name}, 0)`;

type Row = { owner: Owner; session: string; seq: number; step: number; part: number; grams: number[] };

/** Of which sessions: all, or one owner's, and for how many seconds they have not changed. */
type Of = { owner?: Owner; quiet?: number };

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
      owner: chatSessions.ownerId,
      ownerName: chatOwners.name,
      name: chatSessions.name,
      // What was read of a name may not be what is stored, to the last sign of no width.
      named: sql<string>`${hashOf(chatSessions.name)}::text`,
      count: chatSessions.messageCount,
    })
    .from(chatSessions)
    .innerJoin(chatOwners, eq(chatOwners.id, chatSessions.ownerId))
    .where(
      and(
        owner === undefined ? undefined : eq(chatSessions.ownerId, owner),
        sql`indexed_messages <> message_count and updated_at < now() - ${quiet} * interval '1 second'`,
      ),
    )
    .limit(most);
}

async function takeIn(db: Db, { sessions: most, bytes, grams }: Amounts, of: Of): Promise<boolean> {
  const sessions = await sessionsBehind(db, most, of);
  if (sessions.length === 0) return false;
  const texts = await readTexts(db, JSON.stringify(sessions.map(({ owner, id }) => ({ owner, id }))), bytes);
  const last = texts.at(-1);
  // Of the last one it may have read only some.
  const isWhole = ({ owner, id }: { owner: Owner; id: string }) =>
    !last?.more || owner < last.owner || (owner === last.owner && id < last.session);
  const whole = sessions.filter(isWhole);
  const ownerNames = new Map(sessions.map(({ owner, ownerName }) => [owner, ownerName]));
  const names = whole.map(({ owner, id, name }) => ({ owner, session: id, seq: 0, step: 0, content: name }));
  const rows = [...names, ...texts].flatMap(({ content, ...message }) =>
    gramsOfParts(ownerNames.get(message.owner) ?? '', content)
      .map((grams, part): Row => ({ ...message, part, grams }))
      .reverse(),
  );
  for (const together of inAmounts(rows, grams)) await insert(db, JSON.stringify(together));
  await markTakenIn(
    db,
    JSON.stringify(whole.map(({ owner, id, named, count }) => ({ owner, id, named, count }))),
  );
  return true;
}

/** Messages of these sessions that the index has not, in order, as many as `bytes`; `more`: some were left out. */
async function readTexts(db: Db, sessions: string, bytes: number) {
  // The first part of a message is written last.
  const text = cte(
    db,
    'text',
    {
      owner: as(chatMessages.ownerId, 'owner'),
      session: as(chatMessages.sessionId, 'session'),
      seq: as(chatMessages.seq),
      step: as(chatMessages.step),
      content: as(chatMessages.content),
      more: flag('more'),
    },
    sql`select owner_id as owner, session_id as session, seq, step, content, lead(seq) over place is not null as more,
        sum(octet_length(content)) over (place rows unbounded preceding) - octet_length(content) as bytes_before
      from (
        select owner_id, session_id, seq, step, content from ${chatMessages} as message
        where (owner_id, session_id) in (
            select owner, id from json_to_recordset(${sessions}::json) as wanted (owner int, id uuid))
          and not exists (select 1 from ${chatSearchParts} as known where known.owner_id = message.owner_id
            and known.session_id = message.session_id and known.seq = message.seq and known.step = message.step
            and known.part = 0)
        order by owner_id, session_id, seq, step limit ${mostTexts + 1}
      ) as message window place as (order by owner_id, session_id, seq, step)`,
  );
  return db
    .with(text)
    .select()
    .from(text)
    .where(sql`bytes_before < ${bytes}`)
    .orderBy(sql`owner, session, seq, step`)
    .limit(mostTexts);
}

/** A name may be there already, and be another one now. */
function insert(db: Db, rows: string) {
  return db.execute(sql`insert into ${chatSearchParts} (owner_id, session_id, seq, step, part, grams)
    select owner, session, seq, step, part, grams
    from json_to_recordset(${rows}::json) as row (owner int, session uuid, seq int, step int, part int, grams int[])
    on conflict (owner_id, session_id, seq, step, part) do update set grams = excluded.grams
    where ${chatSearchParts}.grams <> excluded.grams`);
}

/** The index has all of these sessions that they had when they were read: those that have more, or another name, are left. */
function markTakenIn(db: Db, sessions: string) {
  return db.execute(sql`update ${chatSessions} as session set indexed_messages = read.count
    from json_to_recordset(${sessions}::json) as read (owner int, id uuid, named bigint, count int)
    where session.owner_id = read.owner and session.id = read.id and session.message_count = read.count and ${hashOf(sql`session.name`)} = read.named`);
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
