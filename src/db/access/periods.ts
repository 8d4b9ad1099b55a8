// How the tables of limits and usage name what they count: whose, and of which day and month (UTC, by the database's clock).
import { type SQL, sql } from 'drizzle-orm';

/** Of the row of an owner. */
export const zeroKey = '00000000-0000-0000-0000-000000000000';
export const noKey = sql.raw(`'${zeroKey}'::uuid`);
/** Of the default's row, and of those of keys. */
export const noOwner = sql.raw('0');

export const today = sql`(now() at time zone 'utc')::date`;
export const thisMonth = sql`date_trunc('month', now() at time zone 'utc')::date`;
export const thisMinute = sql`date_trunc('minute', now())`;

/** What changes of a row `allowance` when something was spent. A day that has begun stays begun, whoever comes late. */
export const spentColumns = (tokens: SQL, cost: SQL) => sql`
  turns = case when allowance.day >= ${today} then allowance.turns else 0 end,
  tokens = case when allowance.day >= ${today} then allowance.tokens else 0 end + ${tokens},
  day = greatest(allowance.day, ${today}),
  cost = case when allowance.month >= ${thisMonth} then allowance.cost else 0 end + ${cost},
  month = greatest(allowance.month, ${thisMonth})`;
