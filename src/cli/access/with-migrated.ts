// The store of the database that the settings name, made and brought up to date as a start does.
import { createStore, type Store } from '../../db/store.ts';
import type { Settings } from '../../settings.ts';
import { DataDirLockedError } from '../database/data-dir-lock.ts';
import { openDatabase } from '../database/open-database.ts';

/** Who uses the command line, as an audit says. */
export const byCommand = {
  owner: null,
  actor: null,
  way: 'command',
  key: null,
  address: null,
  requestId: null,
} as const;

/** Throws a sentence where a server has the embedded database. */
export async function withMigrated<T>(settings: Settings, use: (store: Store) => Promise<T>): Promise<T> {
  const { database } = await openDatabase(settings).catch((error: unknown) => {
    if (!(error instanceof DataDirLockedError)) throw error;
    throw new Error(
      `A server has the embedded database in ${settings.dataDir}: use its page or API as an admin (/api/admin), or stop it and try again.`,
    );
  });
  try {
    return await use(createStore(database));
  } finally {
    await database.close();
  }
}
