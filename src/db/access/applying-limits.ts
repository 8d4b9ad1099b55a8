// The limits that apply to a caller, with what counts against them.
import { sql } from 'drizzle-orm';
import type { LimitName, LimitValues } from '../../words/limits.ts';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { as, cte, param } from '../prepared.ts';
import { chatAllowances, chatLimits } from '../schema.ts';
import { costThisMonth, tokensToday, turnLimits, turnsToday } from './admission.ts';
import { noKey, noOwner, thisMinute, thisMonth, today } from './periods.ts';

export type ApplyingLimits = {
  /** The row of allowances in which it counts: the owner's, or under owner 0 a key's. */
  ownerId: Owner;
  keyId: string;
  limits: Omit<LimitValues, 'agents'>;
  /** As the limits count it: with what is held for turns that have not ended, and requests as processes took them. */
  used: Record<LimitName, number>;
  /** So much of `used` is held. */
  held: { tokens: number; cost: number };
  /** Until what is used begins anew. */
  seconds: { day: number; month: number };
};

const number = (name: string) => sql`${sql.identifier(name)}`.mapWith(Number).as(name);

/**
 * Gives a function that finds those of an owner, or else the default's, and of a key: none, one or two, the key's last.
 * Of a row that limits nothing but agents nothing is said.
 */
export function prepareApplying(db: Db) {
  const now = sql`now() at time zone 'utc'`;
  const found = cte(
    db,
    'found',
    {
      ownerId: as(chatLimits.ownerId),
      keyId: as(chatLimits.keyId),
      requests_per_minute: as(chatLimits.requestsPerMinute),
      running_turns: as(chatLimits.runningTurns),
      turns_per_day: as(chatLimits.turnsPerDay),
      tokens_per_day: as(chatLimits.tokensPerDay),
      cost_per_month: as(chatLimits.costPerMonth),
      requests: number('requests'),
      running: number('running'),
      turns: number('turns'),
      tokens: number('tokens'),
      cost: number('cost'),
      heldTokens: number('held_tokens'),
      heldCost: number('held_cost'),
      day: number('day_seconds'),
      month: number('month_seconds'),
    },
    sql`select owner_id, key_id, requests_per_minute, ${turnLimits},
        case when allowance.minute >= ${thisMinute} then allowance.requests else 0 end as requests,
        coalesce(allowance.running, 0) as running, ${turnsToday} as turns,
        ${tokensToday} + coalesce(reserved_tokens, 0) as tokens, ${costThisMonth} + coalesce(reserved_cost, 0) as cost,
        coalesce(reserved_tokens, 0) as held_tokens, coalesce(reserved_cost, 0) as held_cost,
        extract(epoch from (${today} + interval '1 day') - ${now}) as day_seconds,
        extract(epoch from (${thisMonth} + interval '1 month') - ${now}) as month_seconds
      from (
        (select ${param('owner', 'int')} as owner_id, key_id, requests_per_minute, ${turnLimits} from ${chatLimits}
          where owner_id in (${noOwner}, ${param('owner', 'int')}) and key_id = ${noKey}
          order by chat_limits.owner_id desc limit 1)
        union all
        select owner_id, key_id, requests_per_minute, ${turnLimits} from ${chatLimits}
          where owner_id = ${noOwner} and key_id = ${param('keyId', 'uuid')}
      ) as limits left join ${chatAllowances} as allowance using (owner_id, key_id)
      where num_nonnulls(requests_per_minute, ${turnLimits}) > 0 order by owner_id desc`,
  );
  const statement = db.with(found).select().from(found).prepare('limits_applying');

  return async (owner: Owner, keyId: string | null): Promise<ApplyingLimits[]> =>
    (await statement.execute({ owner, keyId })).map((row) => ({
      ownerId: row.ownerId,
      keyId: row.keyId,
      limits: {
        requests_per_minute: row.requests_per_minute,
        running_turns: row.running_turns,
        turns_per_day: row.turns_per_day,
        tokens_per_day: row.tokens_per_day,
        cost_per_month: row.cost_per_month,
      },
      used: {
        requests_per_minute: row.requests,
        running_turns: row.running,
        turns_per_day: row.turns,
        tokens_per_day: row.tokens,
        cost_per_month: row.cost,
      },
      held: { tokens: row.heldTokens, cost: row.heldCost },
      seconds: { day: row.day, month: row.month },
    }));
}
