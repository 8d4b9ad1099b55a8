// A migration's own transaction in tables that others use: who waits for an exclusive lock makes all others wait behind
// it. So it waits for a moment only, lets them go on, and tries again.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import { once } from '../prepared.ts';
import { MigrationError } from './migration.ts';

/** How long a lock is waited for, in milliseconds. */
export const lockMs = 2000;
const pauseMs = 1000;

/** Somebody else held a lock for too long, or wanted in turn what this holds. */
export function isLockConflict(error: unknown): boolean {
  return /^(55P03|40P01)$/.test(databaseErrorCode(error) ?? '');
}

export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())));
}

/**
 * Does `use` in a transaction within `tx`, again and again up to `tries` times while it does not get its locks. `onBusy`
 * is called once, when it is tried again. Throws a MigrationError that names who holds them.
 */
export async function withShortLocks<T>(
  tx: Db,
  { tries, onBusy }: { tries: number; onBusy: () => void },
  use: (tx: Db) => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await tx.transaction(async (inner) => {
        await inner.execute(sql.raw(`set local lock_timeout = ${lockMs}`));
        return use(inner);
      });
    } catch (error) {
      if (!isLockConflict(error)) throw error;
      if (tried >= tries) throw new MigrationError(await inTheWay(tx), { cause: error });
      if (tried === 1) onBusy();
      await pause();
    }
  }
}

async function inTheWay(tx: Db): Promise<string> {
  // A transaction otherwise sees what it saw the first time.
  await tx.select({ cleared: sql`pg_stat_clear_snapshot()` }).from(once);
  const [holder] = await tx
    .select({
      pid: sql<number>`other.pid`,
      name: sql<string>`coalesce(nullif(other.application_name, ''), other.backend_type, 'without a name')`,
      seconds: sql<number | null>`extract(epoch from clock_timestamp() - other.xact_start)::int`,
    })
    .from(
      sql`pg_locks held join pg_class c on c.oid = held.relation join pg_stat_activity other on other.pid = held.pid`,
    )
    .where(
      sql`held.locktype = 'relation' and held.granted and other.datname = current_database() and other.pid <> pg_backend_pid()
        and c.relnamespace = 'public'::regnamespace and c.relname like 'chat\\_%'
        and coalesce(other.xact_start < clock_timestamp() - interval '1 second', true)`,
    )
    .orderBy(sql`other.xact_start nulls last`)
    .limit(1);
  if (!holder) return 'its tables were in use at every try: do it again when there is less to do';
  const { pid, name, seconds } = holder;
  const since = seconds === null ? '' : `, in a transaction for ${seconds} s`;
  return `something uses its tables for long (process ${pid} of the server, ${name}${since}): let it end, or end it with \`select pg_terminate_backend(${pid})\`, and do this again`;
}
