// Opens the embedded database. Imported only where it is used: PGlite brings 15 MB along.
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { Database } from './database.ts';
import * as schema from './schema.ts';

/**
 * Opens (or makes) PGlite's files in `folder`; without one, in memory. The caller holds the folder's lock:
 * two processes on one folder would destroy it.
 */
export async function openPglite(folder?: string): Promise<Database> {
  const client = await PGlite.create(folder === undefined ? {} : { dataDir: folder });
  const db = drizzle(client, { schema });
  return {
    db,
    reserved: db,
    kind: 'embedded',
    description: folder === undefined ? 'embedded, in memory' : `embedded, in ${folder}`,
    close: () => client.close(),
  };
}
