// A path of places (words/path.ts) in statements.
import { type SQL, sql } from 'drizzle-orm';

/** A path or a beginning as a parameter of type text, which `pathOf` reads. */
export const pathText = (path: readonly number[] | null): string | null =>
  path === null ? null : path.join(',');

export const pathOf = (text: SQL): SQL => sql`string_to_array(${text}, ',')::int[]`;

/** Rows of `first`, `last`: the ranges of a path, in this order. Null is one range. */
export const rangesOf = (path: SQL, order: 'asc' | 'desc'): SQL => {
  const steps = sql.raw(
    order === 'asc' ? '1, cardinality(bounds), 2' : '(cardinality(bounds) - 1) / 2 * 2 + 1, 1, -2',
  );
  return sql`(select bounds[i] as first, coalesce(bounds[i + 1], 2147483647) as last
    from (select coalesce(${path}, '{1}') as bounds) as given cross join lateral generate_series(${steps}) as i)`;
};

/** The path that goes on at `place` behind the parameter `beginning`: `goingOn` of words/path.ts. */
export const pathGoingOn = (place: SQL, beginning: SQL): SQL =>
  sql`(select nullif(case when beginning[cardinality(beginning)] = ${place} - 1
      then beginning[:cardinality(beginning) - 1] else beginning || ${place} end, '{1}')
    from (select ${pathOf(beginning)} as beginning) as given)`;
