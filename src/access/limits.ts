// Setting limits and taking them back, for whoever may: an admin over HTTP, and whoever has the command line.
import { Failure } from '../chat/failure.ts';
import type { LimitsOf, LimitsRow } from '../db/access/limits.ts';
import type { Store } from '../db/store.ts';
import { everyOwner } from '../words/access.ts';
import type { LimitValues } from '../words/limits.ts';
import type { Actor } from './keys.ts';

/** Whose: an owner's by name, or, with `key`, those of one of their keys. */
export type LimitsName = { owner: string; key?: string | undefined };

export type Limits = ReturnType<typeof createLimits>;

export function createLimits(store: Pick<Store, 'limits' | 'keys' | 'owners'>) {
  /** Throws a Failure where there is no such key; gives undefined where there is no such owner. */
  async function placeOf({ owner, key }: LimitsName): Promise<LimitsOf | undefined> {
    if (key !== undefined) {
      const found = (await store.keys.list()).find(({ id }) => id === key);
      if (found?.owner !== owner) throw new Failure('key_not_found');
      return { key };
    }
    if (owner === everyOwner) return 'default';
    const number = await store.owners.find(owner);
    return number === undefined ? undefined : { owner: number };
  }
  async function knownPlace(name: LimitsName): Promise<LimitsOf> {
    const place = await placeOf(name);
    if (place === undefined) throw new Failure('owner_not_found');
    return place;
  }
  const entryOf = (actor: Actor, action: string, name: LimitsName, details = {}) => ({
    ...actor,
    action,
    target: name.key ?? name.owner,
    details,
  });

  return {
    list: (): Promise<LimitsRow[]> => store.limits.list(),

    /** Undefined where none were set. Throws a Failure where there is no such owner or key. */
    find: async (name: LimitsName): Promise<LimitsRow | undefined> =>
      store.limits.find(await knownPlace(name)),

    /** The owner is made where there is none of that name: limits may be there before whom they hold for. */
    set: async (name: LimitsName, values: LimitValues, actor: Actor): Promise<void> => {
      const place = (await placeOf(name)) ?? { owner: await store.owners.named(name.owner) };
      await store.limits.set(place, values, entryOf(actor, 'limits.set', name, values));
    },

    /** False where there were none. Throws a Failure where there is no such owner or key. */
    remove: async (name: LimitsName, actor: Actor): Promise<boolean> =>
      store.limits.remove(await knownPlace(name), entryOf(actor, 'limits.removed', name)),
  };
}
