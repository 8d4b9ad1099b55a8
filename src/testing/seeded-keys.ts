// Keys written straight into an embedded database, for a server that is about to start on it.
import { join } from 'node:path';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { openPglite } from '../db/open-pglite.ts';
import { makeKey } from './keys.ts';

export type KeyChange = Parameters<typeof makeKey>[1];
export type MadeKey = Awaited<ReturnType<typeof makeKey>>;

/** `folder`: the data folder of a server that is not running. The keys, in the order of what was asked for. */
export async function seedKeys<const Asked extends readonly KeyChange[]>(
  folder: string,
  asked: Asked,
): Promise<{ [N in keyof Asked]: MadeKey }> {
  const database = await openPglite(join(folder, 'pglite'));
  try {
    await migrate(database, await readMigrations());
    const made = [];
    for (const change of asked) made.push(await makeKey(database, change));
    // One for each, in their order.
    return made as { [N in keyof Asked]: MadeKey };
  } finally {
    await database.close();
  }
}
