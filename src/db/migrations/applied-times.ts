// When each migration was applied. The ledger does not say; a server that keeps commit times knows.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';

/** By hash; empty where the server does not keep commit times (`track_commit_timestamp`), which is the default. */
export async function readAppliedTimes(db: Db): Promise<Map<string, Date>> {
  const [setting] = await db
    .select({ tracked: sql<boolean>`current_setting('track_commit_timestamp')::boolean` })
    .from(sql`(values (1)) as once`);
  if (!setting?.tracked) return new Map();
  const rows = await db
    .select({
      hash: sql<string>`hash`,
      at: sql<number | null>`extract(epoch from pg_xact_commit_timestamp(xmin))::float8`,
    })
    .from(sql`drizzle.__drizzle_migrations`);
  return new Map(rows.flatMap(({ hash, at }) => (at === null ? [] : [[hash, new Date(Number(at) * 1000)]])));
}
