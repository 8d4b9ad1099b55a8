// What stands in for the parts of an admission where it is known what limits apply, as a rule: none, or one row. They cost
// less, make sure that it is still so, and let nothing begin where it is not.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatAllowances, chatLimits } from '../schema.ts';
import {
  chargedPart,
  costThisMonth,
  expectedPart,
  tokensToday,
  turnLimits,
  turnsToday,
} from './admission.ts';
import { noKey, noOwner } from './periods.ts';

/** The rows of limits that count a turn, but for what `where` leaves out: the default's only where the owner has none. */
const othersThatApply = (where = sql``) => sql`select 1 from ${chatLimits} as other
  where other.owner_id in (${noOwner}, ${param('owner', 'int')})
    and other.key_id in (${noKey}, coalesce(${param('keyId', 'uuid')}, ${noKey}))
    and num_nonnulls(${turnLimits}, agents) > 0 ${where}
    and not (other.owner_id = ${noOwner} and other.key_id = ${noKey} and exists (select 1 from ${chatLimits} as own
      where own.owner_id = ${param('owner', 'int')} and own.key_id = ${noKey}))`;

/** `admitted` for whom no limits are thought to be: `may` is false where there are some, and nothing is said of them. */
export const unlimitedPart = (db: Db) =>
  cte(
    db,
    'admitted',
    { may: flag('may') },
    sql`select not exists (${othersThatApply()}) as may,
      null::boolean as counted_owner, null::uuid as counted_key, null::bigint as hold_tokens, null::numeric as hold_cost`,
  );

/**
 * The parts of `admission` for whom one row of limits is thought to apply alone: `admitted` has a row only where it does,
 * and lets the turn begin.
 */
export function quickAdmission(db: Db) {
  const limits = cte(
    db,
    'limits',
    { keyId: as(chatLimits.keyId) },
    sql`select ${turnLimits} from ${chatLimits} where owner_id = ${param('limitOwner', 'int')}
      and key_id = ${param('limitKey', 'uuid')} and coalesce(${param('agent', 'text')} = any (agents), true)
      and not exists (${othersThatApply(sql`and (other.owner_id <> ${param('limitOwner', 'int')} or other.key_id <> ${param('limitKey', 'uuid')})`)})`,
  );
  const isTheirs = sql`allowance.owner_id = ${param('allowanceOwner', 'int')} and allowance.key_id = ${param('limitKey', 'uuid')}`;
  const reply = param('replyTokens', 'bigint');
  const admitted = cte(
    db,
    'admitted',
    { may: flag('may') },
    sql`select true as may, counted_owner, counted_key, hold_tokens, (hold_tokens - ${reply}) * ${param('promptPrice', 'numeric')} / 1000000
        + ${reply} * ${param('completionPrice', 'numeric')} / 1000000 as hold_cost
      from (select allowance.owner_id <> ${noOwner} as counted_owner, nullif(allowance.key_id, ${noKey}) as counted_key,
          greatest(${tokensToday} / greatest(${turnsToday} - running, 1), (select prompt + reply from expected)) as hold_tokens
        from locked, limits, ${chatAllowances} as allowance where ${isTheirs}
          and coalesce(running < running_turns, true) and coalesce(${turnsToday} < turns_per_day, true)
          and coalesce(${tokensToday} + reserved_tokens < tokens_per_day, true)
          and coalesce(${costThisMonth} + reserved_cost < cost_per_month, true)
        for update of allowance) as allowed`,
  );
  const charged = chargedPart(db, sql`admitted, turn where ${isTheirs}`);
  return { limits, expected: expectedPart(db), admitted, charged };
}
