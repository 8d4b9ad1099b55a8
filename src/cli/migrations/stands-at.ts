// Which migration a database stands at whose ledger is missing: told by its tables and their comments.
import { findFastApiDatabase } from '../../db/adopt/find.ts';
import type { Db } from '../../db/database.ts';
import { readLedger } from '../../db/migrations/ledger.ts';
import { type Migration, MigrationError } from '../../db/migrations/migration.ts';
import type { Table } from '../../db/migrations/read-tables.ts';
import { readAtOnce } from '../../db/migrations/snapshot-read.ts';
import { statementsOf } from '../../db/migrations/statements.ts';
import { readSnapshot, type Snapshot } from './snapshots.ts';
import { findTable, keysOf, readActual, type SnapshotOf, tableFaults, tablesOf } from './table-faults.ts';

/**
 * The migration that leaves behind what tables there are; undefined where there is none of ours. `chosen` decides
 * between several that do. Throws a MigrationError where none does, or several and none was chosen: what a migration
 * does to the rows only, no table tells.
 */
export async function standsAt(
  db: Db,
  migrations: readonly Migration[],
  { chosen, snapshotOf = readSnapshot }: { chosen?: string | undefined; snapshotOf?: SnapshotOf } = {},
): Promise<string | undefined> {
  if (await findFastApiDatabase(db)) return undefined;
  const snapshots = await Promise.all(migrations.map(({ tag }) => snapshotOf(tag)));
  const actual = await readActual(db, snapshots);
  const all = snapshots.flatMap(tablesOf);
  if (!all.some((table) => findTable(actual.tables, table))) return undefined;
  const keys = new Set(all.flatMap((table) => [...keysOf(table).keys()]));
  const tried = migrations.flatMap(({ tag }, index) => {
    const snapshot = snapshots[index];
    if (!snapshot) return [];
    const faults = tableFaults(actual, tag, snapshot, { otherKeys: keys });
    const strange = all.filter((table) => !tablesOf(snapshot).some(({ name }) => name === table.name));
    const others = strange.filter((table) => findTable(actual.tables, table));
    return {
      tag,
      faults: [
        ...faults,
        ...others.map(({ name }) => `the database has a table ${name}, which ${tag} does not leave behind`),
        ...commentFaults(actual.tables, migrations, index, snapshot),
      ],
    };
  });
  const fitting = tried.filter(({ faults }) => faults.length === 0).map(({ tag }) => tag);
  if (fitting.length === 0) {
    const [nearest] = tried.toSorted((a, b) => a.faults.length - b.faults.length);
    throw new MigrationError(
      `it has no ledger of migrations, and tables that none of them leaves behind (${nearest?.faults[0] ?? 'their snapshots are missing'}): restore a whole dump, or name another database`,
    );
  }
  if (chosen !== undefined && fitting.includes(chosen)) return chosen;
  if (fitting.length === 1 && chosen === undefined) return fitting[0];
  throw new MigrationError(
    chosen === undefined
      ? `its ledger of migrations is missing, and its tables are the same after ${fitting.join(' and ')}: say which was the last one with \`bun run init-db --stands-at TAG\``
      : `it does not stand at ${chosen}, but at ${fitting.join(' or ')}, to judge by its tables`,
  );
}

/** Throws a MigrationError where our tables stand without a ledger: what they stand at is then not known. */
export async function requireLedger(db: Db, migrations: readonly Migration[]): Promise<void> {
  // Another process may be migrating just now.
  const tag = await readAtOnce(db, async (tx) =>
    (await readLedger(tx)).length > 0 ? undefined : standsAt(tx, migrations),
  );
  if (tag === undefined) return;
  throw new MigrationError(
    `its ledger of migrations is missing though its tables are those of ${tag}: \`bun run init-db\` restores it`,
  );
}

/** Comments are in no snapshot: the last one in the files counts, and none where only later files have one. */
function commentFaults(
  tables: readonly Table[],
  migrations: readonly Migration[],
  index: number,
  snapshot: Snapshot,
): string[] {
  const given = commentsOf(migrations.slice(0, index + 1));
  const later = commentsOf(migrations.slice(index + 1));
  return tablesOf(snapshot).flatMap((wanted) => {
    const table = findTable(tables, wanted);
    const own: [string, string | null | undefined][] = [
      [wanted.name, table?.comment],
      ...Object.keys(wanted.columns).map((name): [string, string | null | undefined] => [
        `${wanted.name}.${name}`,
        table?.columns.get(name)?.comment,
      ]),
    ];
    return own.flatMap(([target, comment]) => {
      const expected = given.get(target) ?? (given.has(target) || later.has(target) ? null : undefined);
      return expected === undefined || comment === undefined || expected === comment
        ? []
        : [`the comment on ${target} is not the one that ${migrations[index]?.tag} leaves behind`];
    });
  });
}

const comment = /^COMMENT\s+ON\s+(?:TABLE|COLUMN)\s+([\s\S]+?)\s+IS\s+(?:'((?:[^']|'')*)'|NULL)$/i;

/** `table` or `table.column` to its comment. */
function commentsOf(migrations: readonly Migration[]): Map<string, string | null> {
  const found = migrations.flatMap(({ sql }) =>
    statementsOf(sql).flatMap((statement): [string, string | null][] => {
      const match = comment.exec(statement);
      if (!match) return [];
      const target = (match[1] ?? '').replaceAll('"', '').replace(/^public\./, '');
      return [[target, match[2]?.replaceAll("''", "'") ?? null]];
    }),
  );
  return new Map(found);
}
