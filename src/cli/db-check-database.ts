// The faults of a database: its ledger against the files, its tables against the snapshot it stands at.
import { findFastApiDatabase } from '../db/adopt.ts';
import type { Database, Db } from '../db/database.ts';
import { type LedgerRow, type Migration, readLedger } from '../db/migrate.ts';
import { readColumns } from '../db/vanished.ts';
import { readSnapshot } from './db-snapshots.ts';

/** What is wrong with the database, and what it still lacks. */
export async function databaseFaults(
  database: Database,
  migrations: readonly Migration[],
): Promise<string[]> {
  const ledger = await readLedger(database.db);
  return [
    ...(await databaseDamage(database, migrations)),
    ...migrations.slice(ledger.length).map(({ tag }) => `${tag} is not applied: \`bun run db:migrate\``),
  ];
}

/** What is wrong with the database; that it is empty or behind is not. */
export async function databaseDamage({ db }: Database, migrations: readonly Migration[]): Promise<string[]> {
  const ledger = await readLedger(db);
  if (ledger.length === 0) return withoutLedger(db, migrations);
  const faults = ledgerFaults(ledger, migrations);
  const last = migrations[ledger.length - 1];
  return faults.length === 0 && last ? tableFaults(db, last.tag) : faults;
}

async function withoutLedger(db: Db, migrations: readonly Migration[]): Promise<string[]> {
  const fastApi = await findFastApiDatabase(db);
  if (fastApi) {
    const { sessions, messages } = fastApi;
    return [
      `it holds ${sessions} sessions and ${messages} messages of the FastAPI application: \`bun run init-db\` adopts them`,
    ];
  }
  const tag = await standsAt(db, migrations);
  if (tag === undefined) return [];
  return [
    tag === 'nowhere'
      ? 'it has no ledger of migrations, and tables that none of them leaves behind'
      : `its ledger of migrations is missing though its tables are those of ${tag}: \`bun run init-db\` restores it`,
  ];
}

/**
 * The last migration that leaves behind what tables there are; `nowhere` when none does, and undefined when there
 * is no table of ours.
 */
export async function standsAt(db: Db, migrations: readonly Migration[]): Promise<string | undefined> {
  if (await findFastApiDatabase(db)) return undefined;
  const names = new Set(
    (await readColumns(db)).flatMap(({ schema, table }) => (schema === 'public' ? table : [])),
  );
  const last = await readSnapshot(migrations.at(-1)?.tag ?? '');
  if (!Object.values(last?.tables ?? {}).some(({ name }) => names.has(name))) return undefined;
  for (const { tag } of [...migrations].reverse()) {
    if ((await readSnapshot(tag)) && (await tableFaults(db, tag)).length === 0) return tag;
  }
  return 'nowhere';
}

function ledgerFaults(ledger: readonly LedgerRow[], migrations: readonly Migration[]): string[] {
  return ledger.flatMap(({ hash, when }, index) => {
    const migration = migrations[index];
    if (!migration) {
      return [
        `the database has a migration of ${new Date(when).toISOString()} that is in no file: a newer version made it, or the file was lost`,
      ];
    }
    return migration.hash === hash && migration.when === when
      ? []
      : [`migrations/${migration.tag}.sql is not what was applied: it was edited or replaced; restore it`];
  });
}

/** Names only: that every column of the snapshot is there, and no other in its tables. */
async function tableFaults(db: Db, tag: string): Promise<string[]> {
  const snapshot = await readSnapshot(tag);
  if (!snapshot) return [];
  const actual = await readColumns(db);
  return Object.values(snapshot.tables).flatMap((table) => {
    const own = actual.filter(
      (each) => each.schema === (table.schema || 'public') && each.table === table.name,
    );
    if (own.length === 0) return [`the database has no table ${table.name}, which ${tag} leaves behind`];
    const names = new Set(own.map((each) => each.column));
    const wanted = Object.values(table.columns).map((each) => each.name);
    return [
      ...wanted
        .filter((name) => !names.has(name))
        .map((name) => `the database has no column ${table.name}.${name}, which ${tag} leaves behind`),
      ...[...names]
        .filter((name) => !wanted.includes(name))
        .map((name) => `the database has a column ${table.name}.${name}, which no migration made`),
    ];
  });
}
