// The faults of a database: its ledger against the files, its tables against the snapshot it stands at.
import { rowFaults } from '../../db/adopt/check.ts';
import { AdoptionError } from '../../db/adopt/error.ts';
import { findFastApiDatabase } from '../../db/adopt/find.ts';
import type { Database, Db } from '../../db/database.ts';
import { isUneven, type LedgerRow, readLedger, unevenLedger } from '../../db/migrations/ledger.ts';
import { type Migration, MigrationError } from '../../db/migrations/migration.ts';
import { readAtOnce } from '../../db/migrations/snapshot-read.ts';
import { readSnapshot } from './snapshots.ts';
import { standsAt } from './stands-at.ts';
import { readActual, type SnapshotOf, tableFaults, tablesOf } from './table-faults.ts';

/** What is wrong with the database, and what it still lacks. */
export async function databaseFaults(
  database: Database,
  migrations: readonly Migration[],
  snapshotOf: SnapshotOf = readSnapshot,
): Promise<string[]> {
  return readAtOnce(database.db, async (db) => {
    const ledger = await readLedger(db);
    const damage =
      ledger.length === 0
        ? await withoutLedger(db, migrations, snapshotOf)
        : await standingFaults(db, ledger, migrations, snapshotOf);
    // What mends a database without a ledger applies its migrations too.
    if (ledger.length === 0 && damage.length > 0) return damage;
    const pending = isUneven(ledger, migrations) ? [] : migrations.slice(ledger.length);
    return [...damage, ...pending.map(({ tag }) => `${tag} is not applied: \`bun run db:migrate\``)];
  });
}

/** What is wrong with the tables of a database that has its ledger, and no migration mends. */
export async function tableDamage(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  return readAtOnce(database.db, async (db) => {
    const ledger = await readLedger(db);
    // A ledger that does not fit is refused where migrations are applied.
    return ledger.length === 0 || ledgerFaults(ledger, migrations).length > 0
      ? []
      : standingFaults(db, ledger, migrations, readSnapshot);
  });
}

async function standingFaults(
  db: Db,
  ledger: readonly LedgerRow[],
  migrations: readonly Migration[],
  snapshotOf: SnapshotOf,
): Promise<string[]> {
  const faults = ledgerFaults(ledger, migrations);
  const last = migrations[ledger.length - 1];
  const snapshot = last && (await snapshotOf(last.tag));
  if (faults.length > 0 || !snapshot) return faults;
  // Its work may have been done, and a start ended before it.
  const ahead = migrations.slice(ledger.length).filter((migration) => migration.ahead !== undefined);
  const begun = (await Promise.all(ahead.map(({ tag }) => snapshotOf(tag)))).flatMap(tablesOf);
  return tableFaults(await readActual(db, [snapshot]), last.tag, snapshot, { begun });
}

async function withoutLedger(
  db: Db,
  migrations: readonly Migration[],
  snapshotOf: SnapshotOf,
): Promise<string[]> {
  try {
    const fastApi = await findFastApiDatabase(db);
    if (fastApi) {
      const { sessions, messages } = fastApi;
      return [
        `it holds ${sessions} sessions and ${messages} messages of the FastAPI application: \`bun run init-db\` adopts them`,
        ...(await rowFaults(db)),
      ];
    }
  } catch (error) {
    if (error instanceof AdoptionError) return [error.message];
    throw error;
  }
  try {
    const tag = await standsAt(db, migrations, { snapshotOf });
    if (tag === undefined) return [];
    return [
      `its ledger of migrations is missing though its tables are those of ${tag}: \`bun run init-db\` restores it`,
    ];
  } catch (error) {
    if (error instanceof MigrationError) return [error.message];
    throw error;
  }
}

function ledgerFaults(ledger: readonly LedgerRow[], migrations: readonly Migration[]): string[] {
  if (isUneven(ledger, migrations)) return [unevenLedger];
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
