// How much text a page holds: rows are few, but the texts in them may be as large as anybody likes.
import { type SQL, sql } from 'drizzle-orm';

/** Bytes of text after which a page ends, though more rows were asked for. */
export const pageBytes = 8 * 1024 * 1024;

export type Page<Row> = { rows: Row[]; more: boolean };

/** `bytes` of text are in its rows. */
export type MeasuredPage<Row> = Page<Row> & { bytes: number };

/**
 * A query of one row: the place (`key`) at which the page has to end, itself not in it, or nulls. `page` gives each row's
 * place and its texts' `size` in bytes, in this order; no text is read for it. The first row always fits. `bytes` is how
 * much does, and above 0.
 */
export function endOfPage(
  page: SQL,
  order: 'asc' | 'desc',
  key: readonly string[] = ['seq'],
  bytes: SQL = sql.raw(String(pageBytes)),
): SQL {
  const place = sql.raw(key.join(', '));
  const ordered = sql.raw(key.map((column) => `${column} ${order}`).join(', '));
  return sql`select ${place} from (values (1)) as once left join (
    select ${place} from (
      select ${place}, sum(size) over (order by ${ordered} rows unbounded preceding) - size as bytes_before
      from (${page}) as page) as measured where bytes_before >= ${bytes} order by ${ordered} limit 1
    ) as ends on true`;
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
