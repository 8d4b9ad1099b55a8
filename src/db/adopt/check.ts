// What stands in an adoption's way, found before anything is done: rows that AgentChat's tables cannot take, and
// connections that could go on writing.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { once } from '../prepared.ts';
import { AdoptionError } from './error.ts';

type Fault = { table: string; what: string; where: string; mend: string };

// What the application wrote lies between; JavaScript reads others wrong, or not at all.
const wrongTime = (column: string) =>
  `(${column} IS NULL OR ${column} NOT BETWEEN '1970-01-01' AND '9998-12-31')`;

const lacks = (table: string, column: string, value: string): Fault => ({
  table,
  what: `without ${column}`,
  where: `${column} IS NULL`,
  mend: `UPDATE ${table} SET ${column} = ${value}`,
});

const mistimed = (table: string, column: string, value: string): Fault => ({
  table,
  what: `whose ${column} is missing, before 1970 or after 9998`,
  where: wrongTime(column),
  mend: `UPDATE ${table} SET ${column} = ${value}`,
});

// In the order in which they are mended: a message may get its session's time.
const faults: Fault[] = [
  {
    table: 'chat_messages',
    what: 'that belong to no session',
    where: 'NOT EXISTS (SELECT FROM chat_sessions WHERE chat_sessions.id = chat_messages.session_id)',
    mend: 'DELETE FROM chat_messages',
  },
  lacks('chat_sessions', 'name', `''`),
  mistimed('chat_sessions', 'created_at', 'now()'),
  mistimed('chat_sessions', 'updated_at', 'created_at'),
  lacks('chat_messages', 'content', `''`),
  lacks('chat_messages', 'source', `'assistant'`),
  lacks('chat_messages', 'type', `'TextMessage'`),
  mistimed(
    'chat_messages',
    'created_at',
    '(SELECT updated_at FROM chat_sessions WHERE chat_sessions.id = chat_messages.session_id)',
  ),
];

/** One sentence for each kind of row that cannot be adopted, with the SQL that shows and mends it. */
export async function rowFaults(db: Db): Promise<string[]> {
  const found: string[] = [];
  for (const { table, what, where, mend } of faults) {
    const [row] = await db
      .select({ count: sql`count(*)`.mapWith(Number), first: sql<string | null>`min(id::text)` })
      .from(sql.raw(table))
      .where(sql.raw(where));
    if (!row || row.count === 0) continue;
    found.push(
      `${table} has ${row.count} ${row.count === 1 ? 'row' : 'rows'} ${what}, such as ${row.first}: look with SELECT * FROM ${table} WHERE ${where}; mend with ${mend} WHERE ${where};`,
    );
  }
  return found;
}

const pollSeconds = 0.25;

/**
 * Waits for up to `waitMs` until no other connection could write the tables; then throws an AdoptionError. An
 * application that is still connected would find AgentChat's tables in the place of its own, and write into them.
 * Other processes that wait to migrate do not count.
 */
export async function requireNoOthers(tx: Db, waitMs: number): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += pollSeconds * 1000) {
    const others = await readOthers(tx);
    if (others.length === 0) return;
    if (waitedMs >= waitMs) {
      const names = [...new Set(others)].join(', ');
      throw new AdoptionError(
        `${others.length} other ${others.length === 1 ? 'connection' : 'connections'} to this database could still write into the tables (${names}): stop the FastAPI application, and end every other connection, psql and poolers too; then try again`,
      );
    }
    await tx.execute(sql`select pg_sleep(${pollSeconds}::float8)`);
  }
}

/** `name from address`, one for each connection. What this role may not see is left out. */
async function readOthers(tx: Db): Promise<string[]> {
  // A transaction otherwise sees what it saw the first time.
  await tx.select({ cleared: sql`pg_stat_clear_snapshot()` }).from(once);
  const rows = await tx
    .select({
      name: sql<string | null>`nullif(other.application_name, '')`,
      role: sql<string>`other.usename`,
      address: sql<string | null>`host(other.client_addr)`,
    })
    .from(sql`pg_stat_activity as other`)
    .where(
      sql`other.datname = current_database() and other.pid <> pg_backend_pid()
        and coalesce(other.backend_type, 'client backend') = 'client backend'
        and has_table_privilege(other.usesysid, 'chat_sessions', 'insert')
        and not exists (select from pg_locks as own join pg_locks as theirs
          on (theirs.database, theirs.classid, theirs.objid) = (own.database, own.classid, own.objid)
          where own.locktype = 'advisory' and own.pid = pg_backend_pid()
            and theirs.locktype = 'advisory' and theirs.pid = other.pid)`,
    )
    .orderBy(sql`other.backend_start`);
  return rows.map(({ name, role, address }) =>
    [name ?? `role ${role}`, ...(address === null ? [] : [`from ${address}`])].join(' '),
  );
}
