// Reading a database of which others may change the tables meanwhile.
import type { Db } from '../database.ts';

/** All that `read` reads is of one moment. It takes no lock. */
export async function readAtOnce<T>(db: Db, read: (db: Db) => Promise<T>): Promise<T> {
  return db.transaction(read, { isolationLevel: 'repeatable read' });
}
