// What happens to the database: single connections end, and all of it.
import postgres from 'postgres';
import type { PostgresServer } from '../postgres-server.ts';
import type { Random } from './random.ts';

/** Ends one to four connections of the servers; gives how many. */
export async function endConnections(database: PostgresServer, random: Random): Promise<number> {
  return withClient(database.url, async (sql) => {
    const backends = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() order by pid`;
    const victims = random.shuffled(backends).slice(0, random.int(1, 4));
    for (const { pid } of victims) await sql`select pg_terminate_backend(${pid})`;
    return victims.length;
  });
}

/** Looks for a while for connections that are inside a transaction, and ends those; gives how many. */
export async function endTransactions(database: PostgresServer): Promise<number> {
  return withClient(database.url, async (sql) => {
    let ended = 0;
    for (let looks = 0; looks < 50 && ended < 4; looks++) {
      const rows = await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()
          and (backend_xid is not null or state like 'idle in transaction%')`;
      ended += rows.length;
    }
    return ended;
  });
}

/** Ends PostgreSQL and starts it again after a moment. */
export async function restartPostgres(
  database: PostgresServer,
  how: 'fast' | 'immediate',
  random: Random,
): Promise<void> {
  await database.stopServer(how);
  await Bun.sleep(random.int(0, 1500));
  await database.startServer();
}

/** Uses one short-lived connection. */
export async function withClient<T>(url: string, use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 2 });
  }
}
