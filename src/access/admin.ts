// The door to what only an admin may: keys, sign-ins, owners, and what was written down of everybody.
import { Failure } from '../chat/failure.ts';
import type { Caller } from '../chat/principal.ts';
import type { AuditRow } from '../db/access/audit.ts';
import type { KeyRow } from '../db/access/keys.ts';
import type { SignInRow } from '../db/access/sign-ins.ts';
import type { OwnerRow } from '../db/owners.ts';
import type { Store } from '../db/store.ts';
import type { LimitValues } from '../words/limits.ts';
import { createKeys, type WantedKey } from './keys.ts';
import { createLimits, type LimitsName } from './limits.ts';
import { endSignIns } from './sign-ins.ts';

export type Admin = ReturnType<ReturnType<typeof createAdmin>>;

/** Gives what a caller may look after. Throws a Failure for who is no admin. */
export function createAdmin(store: Store) {
  const keys = createKeys(store);
  const limits = createLimits(store);

  return (caller: Caller) => {
    if (caller.role !== 'admin') throw onlyForAdmins();
    const actor = {
      owner: caller.owner,
      actor: caller.name,
      way: caller.way,
      key: caller.key ?? null,
      address: caller.address ?? null,
      requestId: caller.requestId,
    };
    return {
      keys: {
        list: keys.list,
        create: (wanted: WantedKey) => keys.create(wanted, actor),
        revoke: async (id: string): Promise<KeyRow> => {
          const row = await keys.revoke(id, actor);
          if (!row) throw new Failure('key_not_found');
          return row;
        },
      },
      signIns: {
        list: (query: Parameters<Store['signIns']['list']>[0]): Promise<SignInRow[]> =>
          store.signIns.list(query),
        end: (owner: string, id?: string) => endSignIns(store, { owner, id }, actor),
      },
      limits: {
        list: limits.list,
        find: limits.find,
        set: (name: LimitsName, values: LimitValues) => limits.set(name, values, actor),
        remove: (name: LimitsName) => limits.remove(name, actor),
      },
      owners: (query: Parameters<Store['owners']['list']>[0]): Promise<OwnerRow[]> =>
        store.owners.list(query),
      audit: (query: Parameters<Store['audit']['list']>[0]): Promise<AuditRow[]> => store.audit.list(query),
    };
  };
}

const onlyForAdmins = () =>
  new Failure('not_allowed', {
    reason: { 'zh-CN': '仅限 admin 角色', en: 'this is for the role admin' },
  });
