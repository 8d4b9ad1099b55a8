// The tables that a database has, as its catalogue tells: columns, keys, indexes and comments.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';

export type Table = {
  schema: string;
  name: string;
  comment: string | null;
  columns: Map<string, TableColumn>;
  /** Constraints and indexes by name, each with its columns; those of an expression have fewer. */
  keys: Map<string, string[]>;
};

/** `type` is without its length: `character varying`. */
export type TableColumn = { type: string; nullable: boolean; comment: string | null };

/** Every table that is not the system's or the ledger's. */
export async function readTables(db: Db): Promise<Table[]> {
  const columns = await db
    .select({
      id: sql<string>`c.oid::text`,
      schema: sql<string>`n.nspname::text`,
      table: sql<string>`c.relname::text`,
      tableComment: sql<string | null>`obj_description(c.oid, 'pg_class')`,
      name: sql<string | null>`a.attname::text`,
      type: sql<string>`format_type(a.atttypid, null)`,
      nullable: sql<boolean>`not a.attnotnull`,
      comment: sql<string | null>`col_description(c.oid, a.attnum)`,
    })
    .from(
      sql`pg_class c join pg_namespace n on n.oid = c.relnamespace
        left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`,
    )
    .where(sql`c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema$|drizzle$)'`)
    .orderBy(sql`n.nspname, c.relname, a.attnum`);
  const tables = new Map<string, Table>();
  for (const { id, schema, table, tableComment, name, type, nullable, comment } of columns) {
    const found = tables.get(id) ?? {
      schema,
      name: table,
      comment: tableComment,
      columns: new Map(),
      keys: new Map(),
    };
    tables.set(id, found);
    if (name !== null) found.columns.set(name, { type, nullable, comment });
  }
  for (const { id, name, column } of await readKeys(db)) {
    const keys = tables.get(id)?.keys;
    keys?.set(name, [...(keys.get(name) ?? []), ...(column === null ? [] : [column])]);
  }
  return [...tables.values()];
}

/** A row for each column of each constraint and index, in their order. */
async function readKeys(db: Db): Promise<{ id: string; name: string; column: string | null }[]> {
  const keys = sql`
    select conrelid as id, conname as name, conkey::int2[] as places, contype = 'c' as is_check from pg_constraint
      where contype in ('p', 'u', 'f', 'c') and conrelid <> 0
    union all
    select i.indrelid, x.relname, i.indkey::int2[], false from pg_index i join pg_class x on x.oid = i.indexrelid
      where not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))`;
  return db
    .select({
      id: sql<string>`k.id::oid::text`,
      name: sql<string>`k.name::text`,
      column: sql<string | null>`a.attname::text`,
    })
    .from(
      sql`(${keys}) k cross join lateral unnest(k.places) with ordinality as p (place, nth)
        left join pg_attribute a on a.attrelid = k.id and a.attnum = p.place and not k.is_check`,
    )
    .orderBy(sql`k.name, p.nth`);
}

/** What the server calls each of `types`, without its length; undefined for what it does not know. */
export async function resolveTypes(db: Db, types: readonly string[]): Promise<Map<string, string>> {
  if (types.length === 0) return new Map();
  const values = sql.join(
    types.map((type) => sql`(${type}::text, ${type.replace(/^(big|small)?serial$/, integerOf)}::text)`),
    sql`, `,
  );
  const rows = await db
    .select({
      type: sql<string>`t.type`,
      known: sql<string | null>`format_type(to_regtype(t.spelt)::oid, null)`,
    })
    .from(sql`(values ${values}) as t (type, spelt)`);
  return new Map(rows.flatMap(({ type, known }) => (known === null ? [] : [[type, known]])));
}

function integerOf(_: string, size: string | undefined): string {
  return size === 'big' ? 'bigint' : size === 'small' ? 'smallint' : 'integer';
}
