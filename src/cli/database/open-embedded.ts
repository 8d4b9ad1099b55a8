// Opens the embedded database in its folder, which is this process's alone as long as it is open.
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Database } from '../../db/database.ts';
import { DataDirUnusableError, lockDataDir } from './data-dir-lock.ts';

/** True when there is a database in `dataDir`. */
export function embeddedExists(dataDir: string): boolean {
  return existsSync(resolve(dataDir, 'pglite', 'PG_VERSION'));
}

/** Makes it where it is missing. Throws an error whose message is a sentence. */
export async function openEmbedded(dataDir: string): Promise<{ database: Database; created: boolean }> {
  const lock = lockDataDir(dataDir);
  const folder = resolve(dataDir, 'pglite');
  const created = !embeddedExists(dataDir);
  try {
    const database = await openFolder(folder);
    const close = async () => {
      await database.close();
      lock.release();
    };
    return {
      database: { ...database, description: `embedded (PGlite), in ${resolve(dataDir)}`, close },
      created,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Throws a DataDirUnusableError with a sentence where PGlite only throws a number, or says nothing. */
async function openFolder(folder: string): Promise<Database> {
  const { openPglite } = await import('../../db/open-pglite.ts');
  const isNew = !existsSync(folder);
  try {
    return await openPglite(folder);
  } catch (error) {
    // Half a database would be taken for a damaged one the next time.
    if (isNew) rmSync(folder, { recursive: true, force: true });
    const number = typeof error === 'object' && error !== null && 'errno' in error ? Number(error.errno) : 0;
    const reason = pgliteReasons[number];
    throw new DataDirUnusableError(
      reason === undefined
        ? `The embedded database in ${folder} is damaged: put a backup in its place, or move it away to begin with an empty one.`
        : `The embedded database in ${folder} cannot be opened (${reason}): make room there, make it writable for this user, or set DATA_DIR to another folder.`,
      { cause: error },
    );
  }
}

/** The numbers that WebAssembly has for what a file system refuses. */
const pgliteReasons: Record<number, string> = {
  2: 'permission denied',
  51: 'the disk is full',
  63: 'permission denied',
  69: 'the file system is read-only',
};
