// What a database looks like, as text: to hold two of them against each other.
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { findPostgresBinaries } from './postgres-server.ts';

/** Columns, constraints, indexes and comments of every table that is not the system's, one a line. */
export async function describeSchema({ db }: Database): Promise<string[]> {
  const own = sql`n.nspname !~ '^(pg_|information_schema$)'`;
  const parts = [
    sql`select concat_ws(' ', 'column', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), obj_description(c.oid)) as line
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and ${own}`,
    sql`select concat_ws(' ', 'constraint', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) as line
      from pg_constraint k join pg_namespace n on n.oid = k.connamespace where ${own}`,
    sql`select concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid)) as line
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where ${own}`,
  ];
  const rows = await db
    .select({ line: sql<string>`line` })
    .from(sql`(${sql.join(parts, sql` union all `)}) as x`);
  return rows.map(({ line }) => line).sort();
}

/** What `pg_dump -s` prints; undefined where there is none that fits the server. */
export const dumpSchema = (url: string): Promise<string | undefined> => dump(url, ['-s']);

/** What `pg_dump` prints with these options; undefined where there is none that fits the server. */
export async function dump(url: string, options: readonly string[]): Promise<string | undefined> {
  const bin = findPostgresBinaries();
  const program = bin === undefined ? Bun.which('pg_dump') : join(bin, 'pg_dump');
  if (program === null || !(await Bun.file(program).exists())) return undefined;
  const child = Bun.spawn([program, ...options, url], { stdout: 'pipe', stderr: 'ignore' });
  const text = await new Response(child.stdout).text();
  // Newer ones put a word of their own into each dump, against tampering.
  return (await child.exited) === 0 ? text.replace(/^\\(un)?restrict .*$/gm, '') : undefined;
}
