// What a change of the schema took away: told by the catalogue and not by reading SQL, so that cascades, blocks
// of code and renames are seen for what they are; and which rows it deleted, told by the server’s own count.
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';

/** A table and how many rows it has, or `table.column` and how many of its values are not null. */
export type Loss = { what: string; count: number; unit: 'rows' | 'values' };

type Column = { tableId: string; position: number; schema: string; table: string; column: string };

/** Every column of every table that is not the system's or the ledger's. */
export async function readColumns(db: Db): Promise<Column[]> {
  return db
    .select({
      tableId: sql<string>`c.oid::text`,
      position: sql`a.attnum`.mapWith(Number),
      schema: sql<string>`n.nspname::text`,
      table: sql<string>`c.relname::text`,
      column: sql<string>`a.attname::text`,
    })
    .from(
      sql`pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace`,
    )
    .where(
      sql`c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and n.nspname !~ '^(pg_|information_schema$|drizzle$)'`,
    )
    .orderBy(sql`n.nspname, c.relname, a.attnum`);
}

/**
 * Which of the tables and columns of `before` are missing in `after` and hold something now. Their tables stay
 * locked until the transaction ends, so that what is counted here is what there is then.
 */
export async function findVanished(
  db: Db,
  before: readonly Column[],
  after: readonly Column[],
): Promise<Loss[]> {
  const tables = new Set(after.map(({ tableId }) => tableId));
  const columns = new Set(after.map(keyOf));
  const losses: Loss[] = [];
  const counted = new Set<string>();
  for (const each of before) {
    if (columns.has(keyOf(each)) || counted.has(each.tableId)) continue;
    const whole = !tables.has(each.tableId);
    const table = sql`${sql.identifier(each.schema)}.${sql.identifier(each.table)}`;
    await db.execute(sql`lock table ${table} in access exclusive mode`);
    const count = await countOf(db, table, whole ? sql`*` : sql.identifier(each.column));
    if (whole) counted.add(each.tableId);
    const name = each.schema === 'public' ? each.table : `${each.schema}.${each.table}`;
    if (count > 0) {
      losses.push(
        whole
          ? { what: name, count, unit: 'rows' }
          : { what: `${name}.${each.column}`, count, unit: 'values' },
      );
    }
  }
  return losses;
}

/** How many rows this transaction has deleted so far, of each table that is there, whether that was undone or not. */
export async function countDeleted(db: Db): Promise<Map<string, number>> {
  const rows = await db
    .select({
      table: sql<string>`case schemaname when 'public' then relname else schemaname || '.' || relname end`,
      count: sql`n_tup_del`.mapWith(Number),
    })
    .from(sql`pg_stat_xact_user_tables`)
    .where(sql`n_tup_del > 0 and schemaname <> 'drizzle'`)
    .orderBy(sql`schemaname, relname`);
  return new Map(rows.map(({ table, count }) => [table, count]));
}

function keyOf({ tableId, position }: Column): string {
  return `${tableId} ${position}`;
}

async function countOf(db: Db, table: SQL, what: ReturnType<typeof sql.identifier> | SQL): Promise<number> {
  const [row] = await db.select({ count: sql`count(${what})`.mapWith(Number) }).from(table);
  return row?.count ?? 0;
}
