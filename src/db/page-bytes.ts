// How much text a page holds: rows are few, but the texts in them may be as large as anybody likes.
import { type SQL, sql } from 'drizzle-orm';

/** Bytes of text after which a page ends, though more rows were asked for. */
const mostBytes = 8 * 1024 * 1024;

export type Page<Row> = { rows: Row[]; more: boolean };

/**
 * A query of one row: the `seq` at which the page has to end, itself not in it, or null. `page` gives each row's `seq` and
 * its texts' `size` in bytes, in this order; no text is read for it. The first row always fits.
 */
export function endOfPage(page: SQL, order: 'asc' | 'desc'): SQL {
  return sql`select ${sql.raw(order === 'asc' ? 'min' : 'max')}(seq) as seq from (
    select seq, sum(size) over (order by seq ${sql.raw(order)} rows unbounded preceding) - size as bytes_before
    from (${page}) as page) as measured where bytes_before >= ${sql.raw(String(mostBytes))}`;
}

/** The page itself, of what was read for it: one row more than `limit`, or with `cut` up to where it has to end. */
export function pageOf<Row extends { cut: boolean }>(read: Row[], limit: number): Page<Row> {
  return { rows: read.slice(0, limit), more: read.length > limit || read.some(({ cut }) => cut) };
}
