// Keys written straight into a database, for a server that is about to start on it.
import type { Database } from '../db/database.ts';
import { makeKey } from './keys.ts';

export type KeyChange = Parameters<typeof makeKey>[1];
export type MadeKey = Awaited<ReturnType<typeof makeKey>>;

/** The keys, in the order of what was asked for. */
export async function seedKeys<const Asked extends readonly KeyChange[]>(
  database: Database,
  asked: Asked,
): Promise<{ [N in keyof Asked]: MadeKey }> {
  const made = [];
  for (const change of asked) made.push(await makeKey(database, change));
  // One for each, in their order.
  return made as { [N in keyof Asked]: MadeKey };
}
