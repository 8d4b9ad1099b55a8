// What somebody has used; an admin sees everybody's.
import type { UsageGroup, UsageRow, UsageSum } from '../db/access/usage.ts';
import type { Store } from '../db/store.ts';
import { Failure } from './failure.ts';
import type { Caller } from './principal.ts';

/** The most groups that one answer lists; what is listed no more is in the total all the same. */
const mostGroups = 1000;

/** Days as `2026-04-03`, both counted. `owner` is a name. */
export type UsageAsked = { from: string; to: string; by: UsageGroup; owner: string | undefined };

export const ownUsage =
  (store: Pick<Store, 'usage'>, { owner, name, role }: Caller) =>
  async ({ from, to, by, owner: named }: UsageAsked): Promise<{ rows: UsageRow[]; total: UsageSum }> => {
    if (role !== 'admin' && named !== undefined && named !== name) throw onlyForAdmins();
    const query = { from, to, ...(role === 'admin' ? { ownerName: named } : { owner }) };
    const [rows, total] = await Promise.all([
      store.usage.list(query, by, mostGroups),
      store.usage.sum(query),
    ]);
    return { rows, total };
  };

/**
 * What holds for the owner and for the key that they came by, what each counts now, and what the owner has used today and
 * this month (UTC), as the ledger has it.
 */
export const ownAllowance =
  ({ limits, usage }: Pick<Store, 'limits' | 'usage'>, { owner, key }: Caller) =>
  async (now: Date) => {
    const day = now.toISOString().slice(0, 10);
    const [ofOwner, ofKey, applying, today, month] = await Promise.all([
      limits.ofOwner(owner),
      key === undefined ? undefined : limits.find({ key }),
      limits.applying(owner, key ?? null),
      usage.sum({ from: day, to: day, owner }),
      usage.sum({ from: `${day.slice(0, 8)}01`, to: day, owner }),
    ]);
    return {
      limits: { set: ofOwner, counted: applying.find(({ keyId }) => keyId !== key) },
      keyLimits: { set: ofKey, counted: applying.find(({ keyId }) => keyId === key) },
      today,
      month,
    };
  };

const onlyForAdmins = () =>
  new Failure('not_allowed', {
    reason: {
      'zh-CN': '只有管理员可以查看他人的用量，请去掉参数 owner',
      en: 'only an admin sees what others have used: leave out owner',
    },
  });
