// Keys made straight in the database, for tests that call with them.
import { randomUUID } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { hashOf, hintOf, newKey } from '../access/secrets.ts';
import type { NewKey } from '../db/access/keys.ts';
import type { Database } from '../db/database.ts';
import { ownerQueries } from '../db/owners.ts';
import { createStore } from '../db/store.ts';
import { nobody } from './new-turns.ts';

/** A key of an owner who is new, unless they are named. */
export async function makeKey(
  database: Database,
  { owner = randomUUID(), ...change }: Partial<Omit<NewKey, 'owner'>> & { owner?: string } = {},
): Promise<{ id: string; key: string; owner: string }> {
  const key = newKey();
  const made: NewKey = {
    id: newId(),
    owner: await ownerQueries(database.db).named(owner),
    hash: await hashOf(key),
    hint: hintOf(key),
    name: 'a test’s',
    role: 'member',
    agents: null,
    expiresAt: null,
    ...change,
  };
  await createStore(database).keys.create(made, { ...nobody, action: 'key.created', target: made.id });
  return { id: made.id, key, owner };
}
