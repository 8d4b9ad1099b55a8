// Opens the database that the settings name, makes it if it is missing, and brings it up to date.
import { nameFrom } from '../../chat/session-names.ts';
import type { Adopted } from '../../db/adopt/adopt.ts';
import type { Database, Db } from '../../db/database.ts';
import { type MigrateOptions, migrate } from '../../db/migrations/migrate.ts';
import type { Migration } from '../../db/migrations/migration.ts';
import { repairLedger } from '../../db/migrations/repair-ledger.ts';
import { openPostgres } from '../../db/postgres/open-postgres.ts';
import type { Settings } from '../../settings.ts';
import { readMigrations } from '../migrations/read-migrations.ts';
import { standsAt } from '../migrations/stands-at.ts';
import { embeddedExists, openEmbedded } from './open-embedded.ts';
import { databaseExists, makeIfMissing } from './reach-server.ts';
import { tellAdoption } from './tell-adoption.ts';

export type DatabaseSettings = Pick<Settings, 'databaseUrl' | 'dataDir' | 'poolMax' | 'prepare'>;

export type OpenedDatabase = {
  database: Database;
  created: boolean;
  /** The migration it was found to stand at when its ledger was missing. */
  repaired: string | undefined;
  /** Tags of the migrations that were applied now. */
  applied: string[];
  /** What of the FastAPI application was adopted now. */
  adopted: Adopted | undefined;
  migrations: Migration[];
};

/** `beforeWaiting` is called once when the server cannot be reached yet and is waited for. */
export async function openDatabase(
  settings: DatabaseSettings,
  beforeWaiting = () => {},
): Promise<OpenedDatabase> {
  const migrations = await readMigrations();
  const { database, created } = await openUnmigrated(settings, beforeWaiting);
  try {
    return { database, created, ...(await bringUpToDate(settings, database, migrations)), migrations };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** `chosen` says where a database without a ledger stands, if its tables cannot. */
export async function bringUpToDate(
  settings: DatabaseSettings,
  database: Database,
  migrations: readonly Migration[],
  chosen?: string,
): Promise<Pick<OpenedDatabase, 'repaired' | 'applied' | 'adopted'>> {
  const told = tellAdoption(settings, (line) => process.stderr.write(`${line}\n`));
  const find = (db: Db) => standsAt(db, migrations, { chosen });
  const repaired = await repairLedger(database, migrations, find, told.onWait);
  return { repaired, ...(await migrateTold(database, migrations, told)) };
}

/** Migrates, with all that is to be said on the way; what was adopted comes back too. */
export async function migrateTold(
  database: Database,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<Pick<OpenedDatabase, 'applied' | 'adopted'>> {
  let adopted: Adopted | undefined;
  const onAdopted = (what: Adopted) => {
    adopted = what;
    options.onAdopted?.(what);
  };
  const applied = await migrate(database, migrations, { ...options, nameFrom, onAdopted });
  return { applied, adopted };
}

/** Makes the database if it is missing, and leaves its tables as they are. */
export async function openUnmigrated(
  settings: DatabaseSettings,
  beforeWaiting = () => {},
): Promise<{ database: Database; created: boolean }> {
  return settings.databaseUrl === undefined
    ? openEmbedded(settings.dataDir)
    : openServer({ ...settings, databaseUrl: settings.databaseUrl }, beforeWaiting);
}

/** Opens the database as it is; undefined when it is missing. Makes nothing. */
export async function openExisting(settings: DatabaseSettings): Promise<Database | undefined> {
  const { databaseUrl: url, dataDir } = settings;
  const exists = url === undefined ? embeddedExists(dataDir) : await databaseExists(url);
  return exists ? (await openUnmigrated(settings)).database : undefined;
}

async function openServer(settings: DatabaseSettings & { databaseUrl: string }, beforeWaiting: () => void) {
  const { databaseUrl: url, poolMax, prepare } = settings;
  const created = await makeIfMissing(url, beforeWaiting);
  return { database: openPostgres({ url, poolMax, prepare }), created };
}
