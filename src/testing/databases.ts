// The databases that tests run on: PGlite always, and a PostgreSQL server where TEST_DATABASE_URL names one.
import { beforeAll, describe, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import type { Database } from '../db/database.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { openPglite } from '../db/open-pglite.ts';
import { withDatabaseName } from '../db/postgres/database-url.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';

/** A maintenance URL with the right to create databases; undefined where there is no server. */
export const testServerUrl: string | undefined = process.env.TEST_DATABASE_URL;

type TestDatabase = { name: 'postgres' | 'embedded'; open: () => Promise<Database> };

const opened = new Map<string, Promise<Database>>();

// One of each for the whole run: PGlite takes seconds and 300 MB. Tests keep apart by owner.
function once(name: TestDatabase['name'], make: () => Promise<Database>): TestDatabase {
  const open = () => {
    const database = opened.get(name) ?? make();
    opened.set(name, database);
    return database;
  };
  return { name, open };
}

async function migrated(database: Database): Promise<Database> {
  await migrate(database, await readMigrations());
  return database;
}

const embedded = once('embedded', async () => migrated(await openPglite()));
const server = once('postgres', async () =>
  openPostgres({ url: await migratedTestDatabase(), poolMax: 10, prepare: true }),
);

/** Every database there is to test on. */
export const testDatabases: TestDatabase[] = testServerUrl === undefined ? [embedded] : [embedded, server];

/**
 * Runs a suite once for each database; with `onServer` it makes tests that need more than one connection, which the
 * embedded database has not.
 */
export function onEachDatabase(
  title: string,
  suite: (open: () => Promise<Database>, onServer: typeof test) => void,
): void {
  for (const database of testDatabases) {
    describe(`${title} on ${database.name}`, () => {
      // Opened here first: making PGlite's files takes longer than a hook is given.
      beforeAll(async () => {
        await database.open();
      }, 180_000);
      suite(database.open, test.skipIf(database.name === 'embedded'));
    });
  }
}

/** Makes an empty database on the test server and returns its URL. */
export const createTestDatabase = (): Promise<string> => makeDatabase('template1');

let template: Promise<string> | undefined;

/** Makes a database with all tables on the test server and returns its URL: a copy of one that is migrated once. */
export async function migratedTestDatabase(): Promise<string> {
  template ??= makeTemplate();
  return makeDatabase(await template);
}

/** Its name. Nobody is connected to it, since only then it may be copied. */
async function makeTemplate(): Promise<string> {
  const url = await createTestDatabase();
  const database = openPostgres({ url, poolMax: 1, prepare: true });
  await migrated(database);
  await database.close();
  return new URL(url).pathname.slice(1);
}

async function makeDatabase(from: string): Promise<string> {
  const name = testDatabaseName();
  await onServer(async (client) => {
    await dropOldOnes(client);
    await client.unsafe(`create database "${name}" template "${from}"`);
  });
  return withDatabaseName(serverUrl(), name);
}

/** A name nobody has, which tells when it was made; `rest` makes it harder to spell. */
export function testDatabaseName(rest = ''): string {
  return `${prefix}${Date.now().toString(36)}_${randomUUID().slice(0, 8)}${rest}`;
}

const prefix = 'agentchat_test_';
// No run takes longer: what is older was left behind.
const runMs = 60 * 60_000;

// On a server that outlives the run, the next one clears up: this one may be killed at any time.
async function dropOldOnes(client: postgres.Sql): Promise<void> {
  const rows = await client<{ name: string }[]>`
    select datname as name from pg_database where datname like ${`${prefix.replaceAll('_', '\\_')}%`}`;
  for (const { name } of rows) {
    const made = Number.parseInt(name.slice(prefix.length).split('_')[0] ?? '', 36);
    if (Date.now() - made < runMs) continue;
    await client
      .unsafe(`drop database if exists "${name.replaceAll('"', '""')}" with (force)`)
      .catch(() => {});
  }
}

/** Uses a connection to the server's maintenance database. */
export async function onServer<T>(use: (client: postgres.Sql) => Promise<T>): Promise<T> {
  const client = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function serverUrl(): string {
  if (testServerUrl === undefined) throw new Error('TEST_DATABASE_URL is not set');
  return testServerUrl;
}
