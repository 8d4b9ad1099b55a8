// Where a server of a test keeps what it stores: a database of its own with all tables, on PostgreSQL where that is there, since
// it takes each process seconds to open the embedded one.
import { join } from 'node:path';
import type { Database } from '../db/database.ts';
import { openPglite } from '../db/open-pglite.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { migratedTestDatabase, testServerUrl } from './databases.ts';
import { withMigratedDatabase } from './embedded-folder.ts';

export type ServerData = {
  /** The settings that make a server use it. */
  env: Record<string, string>;
  /** For what is to be there before the server starts; whoever opens it closes it. */
  open(): Promise<Database>;
};

/** `folder`: an empty one, which is removed when the server has ended. */
export async function serverData(folder: string): Promise<ServerData> {
  if (testServerUrl === undefined) {
    const env = { DATA_DIR: await withMigratedDatabase(folder) };
    return { env, open: () => openPglite(join(folder, 'pglite')) };
  }
  const url = await migratedTestDatabase();
  const env = { DATA_DIR: folder, DATABASE_URL: url };
  return { env, open: async () => openPostgres({ url, poolMax: 1, prepare: true }) };
}
