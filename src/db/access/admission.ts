// The parts of a turn's statements that judge limits before it begins, and count it. Rows of chat_allowances are locked in
// the order of their keys, behind the session's, so no two statements ever wait for each other in a circle.
import { type SQL, sql } from 'drizzle-orm';
import type { LimitName } from '../../words/limits.ts';
import type { Db } from '../database.ts';
import { inSession, type Owner } from '../owner.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatAllowances, chatLimits, chatMessages, chatTurns } from '../schema.ts';
import { noKey, noOwner, thisMonth, today } from './periods.ts';

/** A limit that is reached, of the key or else of the owner; `held`: by what turns that have not ended may use. */
export type Reached = { limit: LimitName; value: number; ofKey: boolean; held?: boolean; retryAfter: number };
/** Why a turn may not begin; `agents`: its agent is none of those that may be asked. */
export type Refusal = Reached | { limit: 'agents'; agent?: string };

/**
 * What a turn may be expected to use, in tokens: its own prompt, of the newest `contextMessages` before it no more than
 * `contextTokens`, and its reply. Prices are per million.
 */
export type Expected = {
  promptTokens: number;
  contextMessages: number;
  contextTokens: number;
  replyTokens: number;
  promptPrice: number;
  completionPrice: number;
};

export const nothingExpected: Expected = {
  promptTokens: 0,
  contextMessages: 0,
  contextTokens: 0,
  replyTokens: 0,
  promptPrice: 0,
  completionPrice: 0,
};

/** What a row `allowance` says of today and of this month. */
export const turnsToday = sql`case when allowance.day >= ${today} then allowance.turns else 0 end`;
export const tokensToday = sql`case when allowance.day >= ${today} then allowance.tokens else 0 end`;
export const costThisMonth = sql`case when allowance.month >= ${thisMonth} then allowance.cost else 0 end`;

export const turnLimits = sql`running_turns, turns_per_day, tokens_per_day, cost_per_month`;

/** Who is limited, of the owner (or the default) and the key that the parameters `owner` and `keyId` name. */
const limitsPart = (db: Db) =>
  cte(
    db,
    'limits',
    { ownerId: as(chatLimits.ownerId) },
    sql`select *, num_nonnulls(${turnLimits}) > 0 as counts from (
        (select ${param('owner', 'int')} as owner_id, key_id, owner_id as limit_owner, ${turnLimits}, agents from ${chatLimits}
          where owner_id in (${noOwner}, ${param('owner', 'int')}) and key_id = ${noKey}
          order by chat_limits.owner_id desc limit 1)
        union all
        select owner_id, key_id, owner_id, ${turnLimits}, agents from ${chatLimits}
          where owner_id = ${noOwner} and key_id = ${param('keyId', 'uuid')}
      ) as limits where num_nonnulls(${turnLimits}, agents) > 0`,
  );

/**
 * The row of limits that alone applied to a turn, and whose allowance it counts in: a guess of what will apply to the next
 * one, which the statement of that proves.
 */
export type OneLimit = { limitOwner: Owner; limitKey: string; allowanceOwner: Owner };

/** Compared with the parameters, so that the row is looked up however many there are. */
const theirRow = sql`allowance.owner_id in (${noOwner}, ${param('owner', 'int')})
  and allowance.key_id in (${noKey}, coalesce(${param('keyId', 'uuid')}, ${noKey}))`;

export const expectedTypes = {
  promptTokens: 'bigint',
  contextMessages: 'int',
  contextTokens: 'bigint',
  replyTokens: 'bigint',
  promptPrice: 'numeric',
  completionPrice: 'numeric',
} as const satisfies Record<keyof Expected, string>;
/** Where a statement has what is expected. */
type ExpectedPlace = (name: keyof Expected) => SQL;
const inParameters: ExpectedPlace = (name) => param(name, expectedTypes[name]);

// By the length of what stands before it, which is known without reading it: no four bytes are less than a token.
export const expectedPart = (db: Db, of: ExpectedPlace = inParameters) =>
  cte(
    db,
    'expected',
    { tokens: sql<number>`prompt`.as('prompt') },
    sql`select ${of('promptTokens')} + least(coalesce(sum(octet_length(content)), 0) / 4, ${of('contextTokens')}) as prompt,
        ${of('replyTokens')} as reply
      from (select content from ${chatMessages} where ${inSession(chatMessages)}
        order by seq desc, step desc limit ${of('contextMessages')}) as newest`,
  );

/**
 * Parts for a statement that begins a turn of `agent`, behind its part `locked`. The last, `admitted`, has one row: whether
 * all limits let it begin (`may`), what to hold for it, and for whom. `charged` counts it, if there is a row in `turn`.
 */
export function admission(db: Db, agent: SQL, of: ExpectedPlace = inParameters) {
  const counted = cte(
    db,
    'counted',
    { ownerId: as(chatAllowances.ownerId) },
    sql`select allowance.owner_id, allowance.key_id, running, reserved_tokens, reserved_cost,
        ${turnsToday} as turns, ${tokensToday} as tokens, ${costThisMonth} as cost, ${turnLimits}
      from locked, ${chatAllowances} as allowance join limits using (owner_id, key_id)
      where counts and ${theirRow} order by allowance.owner_id, allowance.key_id for update of allowance`,
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
      applying: sql<Applying[] | null>`applying`.as('applying'),
      barred: flag('barred'),
      reached: sql<LimitName | null>`reached`.as('reached'),
      held: flag('held'),
      ofKey: flag('of_key'),
      limitValue: sql<number>`limit_value`.mapWith(Number).as('limit_value'),
      retryAfter: sql<number>`retry_after`.mapWith(Number).as('retry_after'),
    },
    sql`select *, may_by_counts and not barred as may, (hold_tokens - reply) * prompt_price
          + reply * completion_price as hold_cost from (select
        count(*) < (select count(*) from limits where counts) as missing,
        (select json_agg(json_build_object('limitOwner', limit_owner, 'limitKey', key_id, 'allowanceOwner', owner_id,
          'counts', counts)) from limits) as applying,
        count(*) = (select count(*) from limits where counts) and count(reached) = 0 as may_by_counts,
        coalesce((select bool_or(${agent} <> all (agents)) from limits), false) as barred,
        min(reached) filter (where nth = 1) as reached,
        coalesce(bool_or(held) filter (where nth = 1), false) as held,
        coalesce(bool_or(owner_id = ${noOwner}) filter (where nth = 1), false) as of_key,
        min(case reached when 'running_turns' then running_turns when 'turns_per_day' then turns_per_day
          when 'tokens_per_day' then tokens_per_day else cost_per_month end) filter (where nth = 1) as limit_value,
        min(case when held or reached = 'running_turns' then 5
          when reached = 'cost_per_month' then extract(epoch from (${thisMonth} + interval '1 month') - now() at time zone 'utc')
          else extract(epoch from (${today} + interval '1 day') - now() at time zone 'utc') end)
          filter (where nth = 1) as retry_after,
        case when count(*) > 0 then bool_or(owner_id <> ${noOwner}) end as counted_owner,
        (array_agg(key_id) filter (where owner_id = ${noOwner}))[1] as counted_key,
        greatest(max(tokens / ended), case when count(*) > 0 then (select prompt + reply from expected) end) as hold_tokens,
        ${of('replyTokens')} as reply, ${of('promptPrice')} / 1000000 as prompt_price,
        ${of('completionPrice')} / 1000000 as completion_price
      from (select *, row_number() over (order by reached is null, owner_id) as nth,
          reached = 'tokens_per_day' and tokens < tokens_per_day or reached = 'cost_per_month' and cost < cost_per_month
            as held from judged) as judged) as held`,
  );
  const charged = chargedPart(
    db,
    sql`limits, admitted, turn where counts and ${theirRow}
      and allowance.owner_id = limits.owner_id and allowance.key_id = limits.key_id`,
  );
  return { limits: limitsPart(db), expected: expectedPart(db, of), counted, judged, admitted, charged };
}

/** Counts `begun` turns, for which so much is held, in the rows `allowance` that `from` gives. */
export const chargedPart = (db: Db, from: SQL, begun = sql.raw('1')) =>
  cte(
    db,
    'charged',
    { ownerId: as(chatAllowances.ownerId) },
    sql`update ${chatAllowances} as allowance set running = allowance.running + ${begun}, turns = ${turnsToday} + ${begun},
        tokens = ${tokensToday}, day = greatest(allowance.day, ${today}),
        cost = ${costThisMonth}, month = greatest(allowance.month, ${thisMonth}),
        reserved_tokens = allowance.reserved_tokens + hold_tokens, reserved_cost = allowance.reserved_cost + hold_cost
      from ${from} returning allowance.owner_id`,
  );

type Applying = OneLimit & { counts: boolean };

/** Of what a full admission found: undefined where it is neither none nor one that counts. */
export function oneLimitIn(applying: Applying[] | null): OneLimit | 'none' | undefined {
  if (applying === null) return 'none';
  const [one, ...others] = applying;
  if (!one?.counts || others.length > 0) return undefined;
  const { limitOwner, limitKey, allowanceOwner } = one;
  return { limitOwner, limitKey, allowanceOwner };
}

/** Why it may not begin, as the part `admitted` has it. */
export const refusalColumns = ({ admitted }: ReturnType<typeof admission>) => ({
  missing: admitted.missing,
  barred: admitted.barred,
  reached: admitted.reached,
  held: admitted.held,
  ofKey: admitted.ofKey,
  limitValue: admitted.limitValue,
  retryAfter: admitted.retryAfter,
});

export type RefusalRow = {
  missing: boolean;
  barred: boolean;
  reached: LimitName | null;
  held: boolean;
  ofKey: boolean;
  limitValue: number | null;
  retryAfter: number | null;
};

export function refusalIn(row: RefusalRow): Refusal | undefined {
  const { barred, reached, held, ofKey, limitValue, retryAfter } = row;
  if (barred) return { limit: 'agents' };
  if (reached === null) return undefined;
  return { limit: reached, value: limitValue ?? 0, ofKey, held, retryAfter: retryAfter ?? 1 };
}

/** What would be said to this turn if it began again now; it is not begun. */
export function prepareAsk(db: Db) {
  const locked = cte(db, 'locked', { one: sql<number>`one`.as('one') }, sql`select 1 as one`);
  const parts = admission(
    db,
    sql`(select agent from ${chatTurns} where ${inSession(chatTurns)} and id = ${param('turn', 'uuid')})`,
  );
  const { limits, expected, counted, judged, admitted } = parts;
  return db
    .with(locked, limits, expected, counted, judged, admitted)
    .select(refusalColumns(parts))
    .from(admitted)
    .prepare('turn_ask');
}
