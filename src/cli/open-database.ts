// Opens the database that the settings name, makes it if it is missing, and brings it up to date.
import { resolve } from 'node:path';
import postgres from 'postgres';
import type { Database } from '../db/database.ts';
import { databaseName, withDatabaseName } from '../db/database-url.ts';
import { databaseErrorCode } from '../db/errors.ts';
import { type Migration, migrate } from '../db/migrate.ts';
import { openPostgres } from '../db/open-postgres.ts';
import { repairLedger } from '../db/repair-ledger.ts';
import type { Settings } from '../settings.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { standsAt } from './db-check-database.ts';
import { readMigrations } from './read-migrations.ts';
import { tellAdoption } from './tell-adoption.ts';

export type DatabaseSettings = Pick<Settings, 'databaseUrl' | 'dataDir' | 'poolMax' | 'prepare'>;

export type OpenedDatabase = {
  database: Database;
  created: boolean;
  /** The migration it was found to stand at when its ledger was missing. */
  repaired: string | undefined;
  /** Tags of the migrations that were applied now. */
  applied: string[];
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
    const told = tellAdoption(database.description, (line) => process.stderr.write(`${line}\n`));
    const repaired = await repairLedger(database, migrations, (db) => standsAt(db, migrations));
    const applied = await migrate(database, migrations, told);
    return { database, created, repaired, applied, migrations };
  } catch (error) {
    await database.close();
    throw error;
  }
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
  const exists =
    url === undefined
      ? await Bun.file(resolve(dataDir, 'pglite', 'PG_VERSION')).exists()
      : await once(url, (client) => client`select 1`).then(
          () => true,
          (error) => {
            if (databaseErrorCode(error) !== missingDatabase) throw error;
            return false;
          },
        );
  return exists ? (await openUnmigrated(settings)).database : undefined;
}

async function openEmbedded(dataDir: string): Promise<{ database: Database; created: boolean }> {
  const lock = lockDataDir(dataDir);
  const folder = resolve(dataDir, 'pglite');
  const created = !(await Bun.file(resolve(folder, 'PG_VERSION')).exists());
  const { openPglite } = await import('../db/open-pglite.ts');
  const database = await openPglite(folder);
  const close = async () => {
    await database.close();
    lock.release();
  };
  return {
    database: { ...database, description: `embedded (PGlite), in ${resolve(dataDir)}`, close },
    created,
  };
}

async function openServer(settings: DatabaseSettings & { databaseUrl: string }, beforeWaiting: () => void) {
  const { databaseUrl: url, poolMax, prepare } = settings;
  const created = await waitForServer(() => createIfMissing(url), beforeWaiting);
  return { database: openPostgres({ url, poolMax, prepare }), created };
}

// A server that is only just starting is worth a few seconds; one that says no is not.
const patienceMs = 10_000;
const notYet = new Set(['ECONNREFUSED', '57P03', 'CONNECT_TIMEOUT', 'CONNECTION_CLOSED']);

async function waitForServer<T>(attempt: () => Promise<T>, beforeWaiting: () => void): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let waited = false; ; waited = true) {
    try {
      return await attempt();
    } catch (error) {
      if (!notYet.has(databaseErrorCode(error) ?? '') || performance.now() > deadline) throw error;
      if (!waited) beforeWaiting();
      await Bun.sleep(500);
    }
  }
}

/** True when the database was missing and this call made it. */
async function createIfMissing(url: string): Promise<boolean> {
  try {
    await once(url, refuseOldServer);
    return false;
  } catch (error) {
    if (databaseErrorCode(error) !== missingDatabase) throw error;
  }
  const name = databaseName(url);
  const create = (client: postgres.Sql) => client.unsafe(`create database "${name.replaceAll('"', '""')}"`);
  try {
    await once(withDatabaseName(url, 'postgres'), create).catch((error) => {
      if (databaseErrorCode(error) !== missingDatabase) throw error;
      return once(withDatabaseName(url, 'template1'), create);
    });
    return true;
  } catch (error) {
    // Another process was faster: the database is there, and that is all that was wanted.
    if (['42P04', '23505'].includes(databaseErrorCode(error) ?? '')) return false;
    throw error;
  }
}

const missingDatabase = '3D000';

/** The server is older than what the statements need. The message is one sentence. */
export class OldServerError extends Error {
  override name = 'OldServerError';
}

const oldestServer = 13;

async function refuseOldServer(client: postgres.Sql): Promise<void> {
  const [row] = await client<{ version: string }[]>`select current_setting('server_version') as version`;
  const version = row?.version ?? '';
  if (Number.parseInt(version, 10) >= oldestServer) return;
  throw new OldServerError(
    `The PostgreSQL server is version ${version}; AgentChat needs ${oldestServer} or newer.`,
  );
}

async function once<T>(url: string, use: (client: postgres.Sql) => Promise<T>): Promise<T> {
  const client = postgres(url, {
    database: databaseName(url),
    max: 1,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => {},
  });
  try {
    return await use(client);
  } finally {
    await client.end({ timeout: 1 });
  }
}
