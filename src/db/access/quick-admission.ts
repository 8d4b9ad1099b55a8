// What stands in for the parts of an admission where it is known what limits apply, as a rule: none, or one row. They cost
// less, make sure that it is still so, and let nothing begin where it is not: that is judged then. `Together` are those for
// the turns of the part `locked`.
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { inSessionOf } from '../owner.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatAllowances, chatLimits, chatMessages, chatTurns } from '../schema.ts';
import { chargedPart, costThisMonth, tokensToday, turnLimits, turnsToday } from './admission.ts';
import { noKey, noOwner } from './periods.ts';

type Whose = { owner: SQL; keyId: SQL };
const named: Whose = { owner: param('owner', 'int'), keyId: param('keyId', 'uuid') };
const ofLocked: Whose = { owner: sql`locked.owner`, keyId: sql`locked."keyId"` };

/** The rows of limits that count a turn, but for what `where` leaves out: the default's only where the owner has none. */
const othersThatApply = ({ owner, keyId }: Whose, where = sql``) => sql`select 1 from ${chatLimits} as other
  where other.owner_id in (${noOwner}, ${owner}) and other.key_id in (${noKey}, coalesce(${keyId}, ${noKey}))
    and num_nonnulls(${turnLimits}, agents) > 0 ${where}
    and not (other.owner_id = ${noOwner} and other.key_id = ${noKey} and exists (select 1 from ${chatLimits} as own
      where own.owner_id = ${owner} and own.key_id = ${noKey}))`;

const nothingHeld = sql`null::boolean as counted_owner, null::uuid as counted_key, null::bigint as hold_tokens,
  null::numeric as hold_cost`;

/** For whom no limits are thought to be: `may` is false where there are some, and nothing is said of them. */
export const unlimitedAdmission = (db: Db) =>
  cte(
    db,
    'admitted',
    { may: flag('may') },
    sql`select not exists (${othersThatApply(named)}) as may, ${nothingHeld}`,
  );

const admittedPart = (db: Db, statement: SQL) =>
  cte(db, 'admitted', { turn: as(chatTurns.id, 'turn') }, statement);

/** For whom no limits are thought to be. `admitted` has those of whom it is so. */
export const unlimitedTogether = (db: Db) => [
  admittedPart(
    db,
    sql`select turn, ${nothingHeld} from locked where not exists (${othersThatApply(ofLocked)})`,
  ),
];

/**
 * For whom one row of limits is thought to apply alone. `admitted` has those of whom it is so and whom it lets in, each as
 * if those before it in its batch had begun.
 */
export function limitedTogether(db: Db) {
  const limits = cte(
    db,
    'limits',
    { turn: as(chatTurns.id, 'turn') },
    sql`select turn, n, "allowanceOwner" as owner_id, "limitKey" as key_id, ${turnLimits}, "replyTokens", "promptPrice",
        "completionPrice", "promptTokens" + "replyTokens" + least("contextTokens", (
          select coalesce(sum(octet_length(newest.content)), 0) / 4 from (select content from ${chatMessages}
            where ${inSessionOf(chatMessages, 'locked')} order by seq desc, step desc limit "contextMessages") as newest))
          as expected
      from locked join ${chatLimits} as limits on limits.owner_id = "limitOwner" and limits.key_id = "limitKey"
      where coalesce(agent = any (agents), true) and not exists (${othersThatApply(ofLocked, sql`and (other.owner_id <> locked."limitOwner" or other.key_id <> locked."limitKey")`)})`,
  );
  // In the order of their keys, as everywhere.
  const allowed = cte(
    db,
    'allowed',
    { ownerId: as(chatAllowances.ownerId) },
    sql`select allowance.owner_id, allowance.key_id, running, reserved_tokens, reserved_cost, ${turnsToday} as turns,
        ${tokensToday} as tokens, ${costThisMonth} as cost
      from ${chatAllowances} as allowance join (select distinct owner_id, key_id from limits) as theirs
        on allowance.owner_id = theirs.owner_id and allowance.key_id = theirs.key_id
      order by 1, 2 for update of allowance`,
  );
  const admitted = admittedPart(
    db,
    sql`select turn, owner_id, key_id, owner_id <> ${noOwner} as counted_owner, nullif(key_id, ${noKey}) as counted_key,
        hold_tokens, hold_cost
      from (select *, row_number() over its - 1 as earlier, sum(hold_tokens) over its - hold_tokens as earlier_tokens,
          sum(hold_cost) over its - hold_cost as earlier_cost
        from (select *, ((hold_tokens - "replyTokens") * "promptPrice" + "replyTokens" * "completionPrice") / 1000000 as hold_cost
          from (select *, greatest(tokens / greatest(turns - running, 1), expected) as hold_tokens
            from limits join allowed using (owner_id, key_id)) as held) as held
        window its as (partition by owner_id, key_id order by n)) as judged
      where coalesce(running + earlier < running_turns, true) and coalesce(turns + earlier < turns_per_day, true)
        and coalesce(tokens + reserved_tokens + earlier_tokens < tokens_per_day, true)
        and coalesce(cost + reserved_cost + earlier_cost < cost_per_month, true)`,
  );
  return [limits, allowed, admitted] as const;
}

/** Behind `limitedTogether` and the part `turn`. */
export const chargedTogether = (db: Db) =>
  chargedPart(
    db,
    sql`(select admitted.owner_id, admitted.key_id, count(*) as begun, sum(hold_tokens) as hold_tokens, sum(hold_cost) as hold_cost
        from admitted join turn on turn.id = admitted.turn group by 1, 2) as counted
      where allowance.owner_id = counted.owner_id and allowance.key_id = counted.key_id`,
    sql.raw('begun'),
  );
