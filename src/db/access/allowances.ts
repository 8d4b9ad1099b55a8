// The parts of a turn's statements that hold limits: its begin counts it, and its end gives back what was held for it and
// counts what it used. Rows of chat_allowances are locked in the order of their keys, behind the session's, so no two
// statements ever wait for each other in a circle. A day that has begun stays begun, whoever comes late. An owner without limits has no row, and nothing of this is done.
import { sql } from 'drizzle-orm';
import type { LimitName } from '../../words/limits.ts';
import type { Db } from '../database.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatAllowances, chatLimits, chatTurns } from '../schema.ts';
import { noKey, noOwner, spentColumns, thisMonth, today } from './periods.ts';

/** Why a turn may not begin: `limit` is reached, of the key or else of the owner. */
export type Refusal = { limit: LimitName; value: number; ofKey: boolean; retryAfter: number };

const turnLimits = sql`running_turns, turns_per_day, tokens_per_day, cost_per_month`;

/** Who is limited, of the owner (or the default) and the key that the parameters `owner` and `keyId` name. */
const limitsPart = (db: Db) =>
  cte(
    db,
    'limits',
    { ownerId: as(chatLimits.ownerId) },
    sql`select * from (
        (select ${param('owner', 'int')} as owner_id, key_id, ${turnLimits} from ${chatLimits}
          where owner_id in (${noOwner}, ${param('owner', 'int')}) and key_id = ${noKey}
          order by chat_limits.owner_id desc limit 1)
        union all
        select owner_id, key_id, ${turnLimits} from ${chatLimits}
          where owner_id = ${noOwner} and key_id = ${param('keyId', 'uuid')}
      ) as limits where running_turns is not null or turns_per_day is not null or tokens_per_day is not null
        or cost_per_month is not null`,
  );

/** Compared with the parameters, so that the row is looked up however many there are. */
const theirRow = sql`allowance.owner_id in (${noOwner}, ${param('owner', 'int')})
  and allowance.key_id in (${noKey}, coalesce(${param('keyId', 'uuid')}, ${noKey}))`;

/**
 * Parts for a statement that begins a turn, behind its part `locked`. The last, `admitted`, has one row: whether all limits
 * let it begin (`may`), what to hold for it, and for whom. `charged` counts it, if there is a row in `turn`.
 */
export function admission(db: Db) {
  const counted = cte(
    db,
    'counted',
    { ownerId: as(chatAllowances.ownerId) },
    sql`select allowance.owner_id, allowance.key_id, running, reserved_tokens, reserved_cost,
        case when day >= ${today} then turns else 0 end as turns,
        case when day >= ${today} then tokens else 0 end as tokens,
        case when month >= ${thisMonth} then cost else 0 end as cost, ${turnLimits}
      from locked, ${chatAllowances} as allowance join limits using (owner_id, key_id)
      where ${theirRow} order by allowance.owner_id, allowance.key_id for update of allowance`,
  );
  const judged = cte(
    db,
    'judged',
    { limit: sql<string>`reached`.as('reached') },
    sql`select *, case
        when running >= running_turns then 'running_turns'
        when turns >= turns_per_day then 'turns_per_day'
        when tokens + reserved_tokens >= tokens_per_day then 'tokens_per_day'
        when cost + reserved_cost >= cost_per_month then 'cost_per_month' end as reached,
      greatest(turns - running, 1) as ended from counted`,
  );
  const admitted = cte(
    db,
    'admitted',
    {
      missing: flag('missing'),
      reached: sql<LimitName | null>`reached`.as('reached'),
      ofKey: flag('of_key'),
      limitValue: sql<number>`limit_value`.mapWith(Number).as('limit_value'),
      retryAfter: sql<number>`retry_after`.mapWith(Number).as('retry_after'),
    },
    sql`select count(*) < (select count(*) from limits) as missing,
        count(*) = (select count(*) from limits) and count(reached) = 0 as may,
        min(reached) filter (where nth = 1) as reached,
        coalesce(bool_or(owner_id = ${noOwner}) filter (where nth = 1), false) as of_key,
        min(case reached when 'running_turns' then running_turns when 'turns_per_day' then turns_per_day
          when 'tokens_per_day' then tokens_per_day else cost_per_month end) filter (where nth = 1) as limit_value,
        min(case reached when 'running_turns' then 5
          when 'cost_per_month' then extract(epoch from (${thisMonth} + interval '1 month') - now() at time zone 'utc')
          else extract(epoch from (${today} + interval '1 day') - now() at time zone 'utc') end)
          filter (where nth = 1) as retry_after,
        case when count(*) > 0 then bool_or(owner_id <> ${noOwner}) end as counted_owner,
        (array_agg(key_id) filter (where owner_id = ${noOwner}))[1] as counted_key,
        greatest(max(tokens / ended), case when count(*) > 0 then ${param('estimatedTokens', 'bigint')} end) as hold_tokens,
        greatest(max(cost / ended), case when count(*) > 0 then ${param('estimatedCost', 'numeric')} end) as hold_cost
      from (select *, row_number() over (order by reached is null, owner_id) as nth from judged) as judged`,
  );
  const charged = cte(
    db,
    'charged',
    { ownerId: as(chatAllowances.ownerId) },
    sql`update ${chatAllowances} as allowance set running = allowance.running + 1,
        turns = case when allowance.day >= ${today} then allowance.turns else 0 end + 1,
        tokens = case when allowance.day >= ${today} then allowance.tokens else 0 end, day = greatest(allowance.day, ${today}),
        cost = case when allowance.month >= ${thisMonth} then allowance.cost else 0 end,
        month = greatest(allowance.month, ${thisMonth}),
        reserved_tokens = allowance.reserved_tokens + hold_tokens, reserved_cost = allowance.reserved_cost + hold_cost
      from limits, admitted, turn
      where ${theirRow} and allowance.owner_id = limits.owner_id and allowance.key_id = limits.key_id
      returning allowance.owner_id`,
  );
  return { limits: limitsPart(db), counted, judged, admitted, charged };
}

/** Why it may not begin, as the part `admitted` has it. */
export const refusalColumns = ({ admitted }: ReturnType<typeof admission>) => ({
  missing: admitted.missing,
  reached: admitted.reached,
  ofKey: admitted.ofKey,
  limitValue: admitted.limitValue,
  retryAfter: admitted.retryAfter,
});

type RefusalRow = {
  reached: LimitName | null;
  ofKey: boolean;
  limitValue: number | null;
  retryAfter: number | null;
};

export const refusalIn = ({ reached, ofKey, limitValue, retryAfter }: RefusalRow): Refusal | undefined =>
  reached === null
    ? undefined
    : { limit: reached, value: limitValue ?? 0, ofKey, retryAfter: retryAfter ?? 1 };

/** What would be said to a turn that begins now; it is not begun. */
export function prepareAsk(db: Db) {
  const locked = cte(db, 'locked', { one: sql<number>`one`.as('one') }, sql`select 1 as one`);
  const parts = admission(db);
  const { limits, counted, judged, admitted } = parts;
  return db
    .with(locked, limits, counted, judged, admitted)
    .select(refusalColumns(parts))
    .from(admitted)
    .prepare('turn_ask');
}

/** The rows that are locked and counted in, which are there from then on. */
export function prepareOpen(db: Db) {
  const opened = cte(
    db,
    'opened',
    { ownerId: as(chatAllowances.ownerId) },
    sql`insert into ${chatAllowances} (owner_id, key_id)
      select ${noOwner}, ${param('keyId', 'uuid')} where ${param('keyId', 'uuid')} is not null
      union all select ${param('owner', 'int')}, ${noKey}
      on conflict do nothing returning owner_id`,
  );
  return db.with(opened).select().from(opened).prepare('allowances_open');
}

/** What a turn's row says of it: the columns, and what the part `admitted` has for them. */
export const heldColumns = sql`owner_counts, key_id, reserved_tokens, reserved_cost`;
export const heldValues = sql`counted_owner, counted_key, hold_tokens, hold_cost`;
export const heldResult = { keyId: as(chatTurns.keyId) };

/**
 * The part that settles the turns of the part `ended`, which has their `owner_id`, the held columns and `spent`: what was
 * held is given back, and what was used counts from today on.
 */
export const settledPart = (db: Db, ended = sql`turn`) =>
  cte(
    db,
    'settled',
    { ownerId: as(chatAllowances.ownerId) },
    sql`insert into ${chatAllowances} as allowance
        (owner_id, key_id, running, reserved_tokens, reserved_cost, day, tokens, month, cost)
      select owner_id, key_id, -count(*), -sum(reserved_tokens), -sum(reserved_cost), ${today},
        coalesce(sum((spent->>'prompt_tokens')::bigint + (spent->>'completion_tokens')::bigint), 0), ${thisMonth},
        coalesce(sum((spent->>'cost')::numeric), 0)
      from (
        select owner_id, ${noKey} as key_id, reserved_tokens, reserved_cost, spent from ${ended} where owner_counts
        union all
        select ${noOwner}, key_id, reserved_tokens, reserved_cost, spent from ${ended} where key_id is not null
      ) as held group by 1, 2 order by 1, 2
      on conflict (owner_id, key_id) do update set running = allowance.running + excluded.running,
        reserved_tokens = allowance.reserved_tokens + excluded.reserved_tokens,
        reserved_cost = allowance.reserved_cost + excluded.reserved_cost,
        ${spentColumns(sql`excluded.tokens`, sql`excluded.cost`)}
      returning owner_id`,
  );
