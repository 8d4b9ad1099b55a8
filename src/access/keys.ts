// Making keys and taking them back, for whoever may: an admin over HTTP, and whoever has the command line.
import { v7 as newId } from 'uuid';
import type { AuditEntry } from '../db/access/audit.ts';
import type { KeyRow } from '../db/access/keys.ts';
import type { Store } from '../db/store.ts';
import type { Role } from '../words/access.ts';
import { hashOf, hintOf, newKey } from './secrets.ts';

/** In characters. */
export const longestKeyName = 100;

/** What a key is to be. */
export type WantedKey = {
  owner: string;
  /** The owner's name, or its beginning, unless given. */
  name?: string | undefined;
  role: Role;
  /** Undefined for all. */
  agents?: readonly string[] | undefined;
  expiresAt?: Date | undefined;
};

/** Who does it, as an audit says. */
export type Actor = Omit<AuditEntry, 'action' | 'target' | 'details'>;

export type Keys = ReturnType<typeof createKeys>;

export function createKeys(store: Pick<Store, 'keys' | 'owners'>) {
  return {
    /** The key is told this once: nobody can find it again. The owner is made where there is none of that name. */
    create: async (wanted: WantedKey, actor: Actor): Promise<{ key: string; row: KeyRow }> => {
      const key = newKey();
      const id = newId();
      const { owner, role, agents, expiresAt } = wanted;
      const name = wanted.name ?? [...owner].slice(0, longestKeyName).join('').trimEnd();
      const row = await store.keys.create(
        {
          id,
          owner: await store.owners.named(owner),
          hash: await hashOf(key),
          hint: hintOf(key),
          name,
          role,
          agents: agents ? [...agents] : null,
          expiresAt: expiresAt ?? null,
        },
        { ...actor, action: 'key.created', target: id, details: { owner, name, role } },
      );
      return { key, row };
    },

    list: (): Promise<KeyRow[]> => store.keys.list(),

    /** Undefined where there is none. One that was revoked stays as it was. */
    revoke: (id: string, actor: Actor): Promise<KeyRow | undefined> =>
      store.keys.revoke(id, { ...actor, action: 'key.revoked', target: id }),
  };
}
