// Setting limits and taking them back, for whoever may: an admin over HTTP, and whoever has the command line.
import { Failure } from '../chat/failure.ts';
import type { LimitsOf, LimitsRow } from '../db/access/limits.ts';
import type { Store } from '../db/store.ts';
import type { LimitValues } from '../words/limits.ts';
import type { Actor } from './keys.ts';

/** The name under which the default stands: of every owner who has no limits of their own. */
export const everyOwner = '*';

/** Whose: an owner's by name, or, with `key`, those of one of their keys. */
export type LimitsName = { owner: string; key?: string | undefined };

export type Limits = ReturnType<typeof createLimits>;

export function createLimits(store: Pick<Store, 'limits' | 'keys' | 'owners'>) {
  /** The owner is made where there is none of that name. */
  async function placeOf({ owner, key }: LimitsName): Promise<LimitsOf> {
    if (key !== undefined) {
      const found = (await store.keys.list()).find(({ id }) => id === key);
      if (found?.owner !== owner) throw new Failure('key_not_found');
      return { key };
    }
    return owner === everyOwner ? 'default' : { owner: await store.owners.named(owner) };
  }
  const entryOf = (actor: Actor, action: string, name: LimitsName, details = {}) => ({
    ...actor,
    action,
    target: name.key ?? name.owner,
    details,
  });

  return {
    list: (): Promise<LimitsRow[]> => store.limits.list(),

    set: async (name: LimitsName, values: LimitValues, actor: Actor): Promise<void> =>
      store.limits.set(await placeOf(name), values, entryOf(actor, 'limits.set', name, values)),

    /** False where there were none. */
    remove: async (name: LimitsName, actor: Actor): Promise<boolean> =>
      store.limits.remove(await placeOf(name), entryOf(actor, 'limits.removed', name)),
  };
}
