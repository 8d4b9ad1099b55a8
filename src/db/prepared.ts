// Hand-written statements that Drizzle can prepare by name and whose rows it types: a chain of CTEs, read
// by a plain select. The one form that works the same on either driver.
import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Db } from './database.ts';

type Read<C extends PgColumn> = C['_']['notNull'] extends true ? C['_']['data'] : C['_']['data'] | null;

/** A result column called as `column` is, or `name`, and decoded as `column` is. */
export function as<C extends PgColumn>(column: C, name: string = column.name): SQL.Aliased<Read<C>> {
  return sql<Read<C>>`${sql.identifier(name)}`.mapWith(column).as(name);
}

/** A result column that is a boolean. */
export function flag(name: string): SQL.Aliased<boolean> {
  return sql<boolean>`${sql.identifier(name)}`.as(name);
}

/** A named part of a statement: `name as (statement)`, which gives `columns`. Those behind it use it by its name. */
export function cte<C extends Record<string, SQL.Aliased>>(db: Db, name: string, columns: C, statement: SQL) {
  return db.$with(name, columns).as(statement);
}

/** A parameter given when the statement runs, `type` telling the server what it is. */
export function param(
  name: string,
  type?: 'uuid' | 'jsonb' | 'json' | 'text' | 'int' | 'bigint' | 'numeric' | 'boolean',
): SQL {
  return type ? sql`${sql.placeholder(name)}::${sql.raw(type)}` : sql`${sql.placeholder(name)}`;
}

/** A list of texts, given as JSON: an empty one is a list too, and null is none. */
export const texts = (name: string): SQL =>
  sql`case when ${param(name, 'json')} is not null then
    coalesce((select array_agg(value) from json_array_elements_text(${param(name, 'json')})), '{}') end`;

/** What to select from when there is nothing to select from. */
export const once: SQL = sql`(values (1)) as once`;
