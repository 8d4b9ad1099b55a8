// Copies what the FastAPI application left, and was set aside, into AgentChat's tables. Each step runs in the
// caller's one transaction.
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { localOwner, type Owner } from '../owner.ts';
import { chatMessages, chatSessions } from '../schema.ts';
import { AdoptionError } from './error.ts';
import { countRows, type FastApiDatabase } from './find.ts';
import { orderTables } from './message-order.ts';
import type { Kept } from './set-aside.ts';
import {
  copyHelpers,
  copyMessages,
  copySessions,
  dropCopyHelpers,
  namesIn,
  type Step,
  unreadableStates,
} from './statements.ts';

/** What was adopted. */
export type Adopted = Kept & {
  /** How many sessions had an agent's state that AgentChat cannot read: their messages are their context. */
  unreadableStates: number;
};

/** What the copy calls after each batch. */
export type OnProgress = (messagesDone: number, messagesAll: number) => void;

export type CopyOptions = {
  onProgress?: OnProgress | undefined;
  /** The name that a session gets by its first message; an empty one leaves it as it was. */
  nameFrom?: ((firstMessage: string) => string) | undefined;
  owner?: Owner;
};

/**
 * Copies all that was set aside into AgentChat's empty tables, as sessions of `owner`. The work is done by the
 * server, a batch of messages at a time, however long a session is. Throws an AdoptionError when the copy is
 * not whole.
 */
export async function copyFastApi(
  tx: Db,
  found: FastApiDatabase,
  { onProgress = () => {}, nameFrom, owner = localOwner }: CopyOptions = {},
): Promise<Adopted> {
  const { aside } = found;
  const { sessions, messages } = namesIn(aside);
  await useDatabaseTimeZone(tx);
  await execute(tx, [serverSettings, ...copyHelpers(aside), ...orderTables(aside, found)]);
  const all = await countRows(tx, sessions, messages);
  for await (const step of steps(tx, aside)) {
    await tx.execute(copySessions(aside, owner, step));
    await tx.execute(copyMessages(aside, owner, found, step));
    onProgress(step.upTo, all.messages);
  }
  if (nameFrom) await nameSessions(tx, nameFrom);
  const [states] = await tx
    .select({ unreadable: sql`count(*)`.mapWith(Number) })
    .from(unreadableStates(aside));
  await execute(tx, dropCopyHelpers(aside));
  const copied = await countRows(tx, sql`chat_sessions`, sql`chat_messages`);
  if (copied.sessions !== all.sessions || copied.messages !== all.messages) {
    throw new AdoptionError(
      `only ${copied.messages} of ${all.messages} messages and ${copied.sessions} of ${all.sessions} sessions could be copied`,
    );
  }
  await execute(tx, [sql`analyze chat_sessions`, sql`analyze chat_messages`]);
  return { aside, ...all, unreadableStates: states?.unreadable ?? 0 };
}

// More than a name is made of; a first message may be megabytes.
const nameIsWithin = 2000;

/** Names the sessions that were never named and have messages. */
async function nameSessions(tx: Db, nameFrom: (firstMessage: string) => string): Promise<void> {
  for (let after: string | null = null; ; ) {
    const unnamed: { id: string; said: string | null }[] = await tx
      .select({
        id: chatSessions.id,
        said: sql<string | null>`(select left(content, ${nameIsWithin}::int) from ${chatMessages}
          where session_id = chat_sessions.id and role = 'user' order by seq limit 1)`,
      })
      .from(chatSessions)
      .where(sql`not name_given and message_count > 0 and (${after}::uuid is null or id > ${after}::uuid)`)
      .orderBy(chatSessions.id)
      .limit(batch);
    const last = unnamed.at(-1);
    if (!last) return;
    const names = unnamed.map(({ id, said }) => ({ id, name: nameFrom(said ?? '') }));
    await tx.execute(sql`update ${chatSessions} set name = named.name
      from json_to_recordset(${JSON.stringify(names)}::text::json) as named (id uuid, name text)
      where chat_sessions.id = named.id and named.name <> ''`);
    after = last.id;
  }
}

async function execute(db: Db, statements: readonly SQL[]): Promise<void> {
  for (const statement of statements) await db.execute(statement);
}

const batch = 5000;

// Batches by place in the order table, so that they are of one size; each brings the sessions that its
// messages need, and the last one those that are left.
async function* steps(db: Db, aside: string): AsyncGenerator<Step> {
  const { order } = namesIn(aside);
  const [last] = await db.select({ position: sql`coalesce(max(position), 0)`.mapWith(Number) }).from(order);
  const end = last?.position ?? 0;
  let afterSession: string | null = null;
  for (let after = 0; after === 0 || after < end; after += batch) {
    const upTo = Math.min(after + batch, end);
    const [row] = await db
      .select({ session: sql<string>`session_id` })
      .from(order)
      .where(sql`position = ${upTo}::bigint`);
    const upToSession: string | null = upTo === end ? null : (row?.session ?? null);
    yield { after, upTo, afterSession, upToSession };
    afterSession = upToSession;
  }
}

// For this transaction: no limit made for short queries, room to sort, no compiler for each batch.
const serverSettings = sql`select set_config('statement_timeout', '0', true), set_config('work_mem', '64MB', true),
  set_config('jit', 'off', true), set_config('standard_conforming_strings', 'on', true)`;

/**
 * Makes the database's own time zone that of the transaction: what a role or the database was given, else the
 * server's. A client's wish, as a URL may hold, hides the latter; then nobody can tell.
 */
async function useDatabaseTimeZone(tx: Db): Promise<void> {
  await tx.execute(sql`set local timezone to default`);
  const [given] = await tx
    .select({ zone: sql<string>`option.option_value` })
    .from(
      sql`pg_db_role_setting as given, pg_options_to_table(given.setconfig) as option, pg_database as here, pg_roles as me`,
    )
    .where(
      sql`lower(option.option_name) = 'timezone' and here.datname = current_database() and me.rolname = session_user
        and given.setdatabase in (0, here.oid) and given.setrole in (0, me.oid)`,
    )
    .orderBy(sql`given.setrole = 0, given.setdatabase = 0`)
    .limit(1);
  if (given) {
    await tx.execute(sql`select set_config('TimeZone', ${given.zone}, true)`);
    return;
  }
  const [server] = await tx
    .select({ source: sql<string>`source` })
    .from(sql`pg_settings`)
    .where(sql`name = 'TimeZone'`);
  if (server?.source === 'client') {
    throw new AdoptionError(
      'the connection asks for a time zone of its own, which hides the one that the stored times are in: take TimeZone out of DATABASE_URL, or set it for the database with ALTER DATABASE … SET timezone',
    );
  }
}
