// How a database's tables differ from what a migration leaves behind, by its snapshot.
import type { Db } from '../../db/database.ts';
import { readTables, resolveTypes, type Table } from '../../db/migrations/read-tables.ts';
import type { Snapshot, SnapshotTable } from './snapshots.ts';

/** Finds the snapshot of a migration; undefined where it is missing or damaged. */
export type SnapshotOf = (tag: string) => Promise<Snapshot | undefined>;

/** What a database is compared with: read once, however many snapshots there are. */
export type Actual = { tables: Table[]; types: Map<string, string> };

export async function readActual(db: Db, snapshots: readonly (Snapshot | undefined)[]): Promise<Actual> {
  const columns = snapshots.flatMap((each) =>
    tablesOf(each).flatMap(({ columns }) => Object.values(columns)),
  );
  const types = new Set(columns.filter(({ typeSchema }) => !typeSchema).map(({ type }) => type));
  return { tables: await readTables(db), types: await resolveTypes(db, [...types]) };
}

export function tablesOf(snapshot: Snapshot | undefined): SnapshotTable[] {
  return Object.values(snapshot?.tables ?? {});
}

/**
 * Every table and column of the snapshot, its type and whether it may be null, every index and constraint; and no
 * other column in its tables but those of `begun`, nor any of `otherKeys`. Indexes that somebody added are nobody's
 * business.
 */
export function tableFaults(
  { tables, types }: Actual,
  tag: string,
  snapshot: Snapshot,
  {
    otherKeys = new Set(),
    begun = [],
  }: { otherKeys?: ReadonlySet<string>; begun?: readonly SnapshotTable[] } = {},
): string[] {
  return tablesOf(snapshot).flatMap((wanted) => {
    const table = findTable(tables, wanted);
    if (!table) return [`the database has no table ${wanted.name}, which ${tag} leaves behind`];
    const more = begun.filter(({ schema, name }) => schema === wanted.schema && name === wanted.name);
    return [
      ...columnFaults(table, wanted, types, tag),
      ...strangeColumns(table, [wanted, ...more]),
      ...keyFaults(table, wanted, otherKeys, tag),
    ];
  });
}

export function findTable(tables: readonly Table[], { schema, name }: SnapshotTable): Table | undefined {
  return tables.find((each) => each.schema === (schema || 'public') && each.name === name);
}

function columnFaults(
  table: Table,
  wanted: SnapshotTable,
  types: Map<string, string>,
  tag: string,
): string[] {
  const columns = Object.values(wanted.columns);
  return columns.flatMap(({ name, type, notNull, primaryKey }) => {
    const column = table.columns.get(name);
    const what = `${table.name}.${name}`;
    if (!column) return [`the database has no column ${what}, which ${tag} leaves behind`];
    const known = types.get(type);
    const nullable = !(notNull || primaryKey);
    return [
      ...(known !== undefined && known !== column.type
        ? [`the column ${what} is ${column.type}, and ${known} as ${tag} leaves it`]
        : []),
      ...(nullable !== column.nullable
        ? [
            `the column ${what} may ${nullable ? 'not ' : ''}be null, and may ${nullable ? '' : 'not '}as ${tag} leaves it`,
          ]
        : []),
    ];
  });
}

function strangeColumns(table: Table, known: readonly SnapshotTable[]): string[] {
  const names = new Set(known.flatMap(({ columns }) => Object.values(columns).map(({ name }) => name)));
  return [...table.columns.keys()]
    .filter((name) => !names.has(name))
    .map((name) => `the database has a column ${table.name}.${name}, which no migration made`);
}

function keyFaults(
  table: Table,
  wanted: SnapshotTable,
  otherKeys: ReadonlySet<string>,
  tag: string,
): string[] {
  const keys = keysOf(wanted);
  return [
    ...[...keys].flatMap(([name, columns]) => {
      const actual = table.keys.get(name);
      if (!actual) return [`the database has no ${name} on ${table.name}, which ${tag} leaves behind`];
      return actual.join() === columns.join()
        ? []
        : [
            `${name} on ${table.name} is of (${actual.join(', ')}), and of (${columns.join(', ')}) as ${tag} leaves it`,
          ];
    }),
    ...[...table.keys.keys()]
      .filter((name) => otherKeys.has(name) && !keys.has(name))
      .map((name) => `the database has ${name} on ${table.name}, which ${tag} does not leave behind`),
  ];
}

/** The constraints and indexes of a table by name, with their columns. */
export function keysOf(table: SnapshotTable): Map<string, string[]> {
  const single = Object.values(table.columns).filter(({ primaryKey }) => primaryKey);
  const all: [string, string[]][] = [
    ...single.map(({ name }): [string, string[]] => [`${table.name}_pkey`, [name]]),
    ...Object.values(table.compositePrimaryKeys).map(({ name, columns }): [string, string[]] => [
      name,
      columns,
    ]),
    ...Object.values(table.uniqueConstraints).map(({ name, columns }): [string, string[]] => [name, columns]),
    ...Object.values(table.foreignKeys).map(({ name, columnsFrom }): [string, string[]] => [
      name,
      columnsFrom,
    ]),
    ...Object.values(table.checkConstraints).map(({ name }): [string, string[]] => [name, []]),
    ...Object.values(table.indexes).map(({ name, columns }): [string, string[]] => [
      name,
      columns.filter(({ isExpression }) => !isExpression).map(({ expression }) => expression),
    ]),
  ];
  // PostgreSQL cuts long names.
  return new Map(all.map(([name, columns]) => [name.slice(0, 63), columns]));
}
