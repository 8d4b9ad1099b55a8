// How much text a page holds: rows are few, but the texts in them may be as large as anybody likes.
import { type SQL, sql } from 'drizzle-orm';

/** Bytes of text after which a page ends, though more rows were asked for. */
const mostBytes = 8 * 1024 * 1024;

export type Page<Row> = { rows: Row[]; more: boolean };

/**
 * The rows of `page` with what a page needs to know of them: `more`, whether another follows, and `bytes_before`. Reads
 * of no text more than its length. `size`: a row's own text in bytes. `page` gives one row more than is wanted.
 */
export function measured(page: SQL, size: SQL, order: 'asc' | 'desc'): SQL {
  const way = sql.raw(order);
  return sql`select *, lead(seq) over (order by seq ${way}) is not null as more,
    sum(${size}) over (order by seq ${way} rows unbounded preceding) - ${size} as bytes_before
    from (${page}) as page`;
}

/** True of the rows that fit, and of the first one always. */
export const fits = sql`bytes_before < ${sql.raw(String(mostBytes))}`;

/** The page itself, of what was read for it. */
export function pageOf<Row extends { more: boolean }>(read: Row[], limit: number): Page<Omit<Row, 'more'>> {
  const rows = read.slice(0, limit);
  return { rows: rows.map(({ more: _, ...row }) => row), more: rows.at(-1)?.more ?? false };
}
