import { afterEach, describe, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { createTestDatabase, onServer, testServerUrl } from '../../testing/databases.ts';
import { pgbouncerPath, startPgBouncer } from '../../testing/pgbouncer.ts';
import { testApp } from '../../testing/test-app.ts';
import type { Database } from '../database.ts';
import { migrate } from '../migrations/migrate.ts';
import { databaseName, withDatabaseName } from './database-url.ts';
import { openPostgres } from './open-postgres.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function open(url: string, prepare = true): Database {
  const database = openPostgres({ url, poolMax: 6, prepare });
  stops.push(database.close);
  return database;
}

async function databaseWith(...settings: string[]): Promise<string> {
  const url = await createTestDatabase();
  await onServer(async (client) => {
    for (const setting of settings)
      await client.unsafe(`alter database "${databaseName(url)}" set ${setting}`);
  });
  return url;
}

/** All that is asked while many talk, in sessions of their own and in one. */
async function everyStatus(database: Database): Promise<Set<number>> {
  const app = await testApp(database);
  const own = await app.newSession();
  const chats = Array.from({ length: 12 }, async (_, n) => {
    const id = n % 2 === 0 ? own : await app.newSession();
    return app.send('POST', `/api/sessions/${id}/chat`, { content: `message ${n}` });
  });
  const answers = await Promise.all(chats);
  answers.push(
    await app.get(`/api/sessions/${own}/history`),
    await app.get('/api/sessions'),
    await app.get('/readyz'),
  );
  const [first] = await (await app.get(`/api/sessions/${own}/history`)).clone().json();
  expect(Math.abs(Date.parse(first.created_at) - Date.now())).toBeLessThan(60_000);
  return new Set(answers.map(({ status }) => status));
}

// What a database may be set to, and no statement may depend on.
const odd = [
  [`datestyle = 'German'`, `timezone = 'Asia/Kathmandu'`, `intervalstyle = 'sql_standard'`],
  [`datestyle = 'SQL, DMY'`, `timezone = 'America/St_Johns'`, `bytea_output = 'escape'`],
  [`default_transaction_isolation = 'repeatable read'`, `standard_conforming_strings = off`],
  [`default_transaction_isolation = 'serializable'`, `datestyle = 'Postgres, MDY'`],
  [`search_path = 'elsewhere, public'`],
];

describe.skipIf(testServerUrl === undefined)('a database with settings of its own', () => {
  test.each(odd)('%s', async (...settings) => {
    const url = await databaseWith(...settings.filter((setting) => typeof setting === 'string'));
    const database = open(url);
    if (settings.join().includes('elsewhere')) await database.db.execute(sql`create schema elsewhere`);
    await migrate(database, await readMigrations());
    expect(await everyStatus(database)).toEqual(new Set([200]));
  });

  test.skipIf(pgbouncerPath === undefined)('behind a pooler, which takes few settings', async () => {
    const url = await databaseWith(
      `datestyle = 'German'`,
      `default_transaction_isolation = 'serializable'`,
      `standard_conforming_strings = off`,
    );
    const pooler = await startPgBouncer(url, 6);
    stops.push(pooler.stop);
    const database = open(withDatabaseName(pooler.url, databaseName(url)), false);
    await migrate(database, await readMigrations());
    expect(await everyStatus(database)).toEqual(new Set([200]));
  });
});
