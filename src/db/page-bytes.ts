// How much text a page holds: rows are few, but the texts in them may be as large as anybody likes.
import { type SQL, sql } from 'drizzle-orm';

/** Bytes of text after which a page ends, though more rows were asked for. */
export const pageBytes = 8 * 1024 * 1024;

export type Page<Row> = { rows: Row[]; more: boolean };

/** `bytes` of text are in its rows. */
export type MeasuredPage<Row> = Page<Row> & { bytes: number };

/**
 * A query of one row: the `seq` at which the page has to end, itself not in it, or null. `page` gives each row's `seq` and
 * its texts' `size` in bytes, in this order; no text is read for it. The first row always fits. `bytes` is how much does, and above 0.
 */
export function endOfPage(page: SQL, order: 'asc' | 'desc', bytes: SQL = sql.raw(String(pageBytes))): SQL {
  return sql`select ${sql.raw(order === 'asc' ? 'min' : 'max')}(seq) as seq from (
    select seq, sum(size) over (order by seq ${sql.raw(order)} rows unbounded preceding) - size as bytes_before
    from (${page}) as page) as measured where bytes_before >= ${bytes}`;
}

/** The page itself, of what was read for it: one row more than `limit`, or with `cut` up to where it has to end. */
export function pageOf<Row extends { cut: boolean; size: number }>(
  read: Row[],
  limit: number,
): MeasuredPage<Row> {
  const rows = read.slice(0, limit);
  const bytes = rows.reduce((sum, { size }) => sum + size, 0);
  return { rows, more: read.length > limit || read.some(({ cut }) => cut), bytes };
}
