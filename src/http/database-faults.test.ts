import { afterEach, describe, expect, test } from 'bun:test';
import { readMigrations } from '../cli/read-migrations.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { databaseName } from '../db/postgres/database-url.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { createTestDatabase, onServer, testServerUrl } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { startFakePostgres } from '../testing/fake-postgres.ts';
import { testApp } from '../testing/test-app.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const unknown = '0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b';
const migrations = await readMigrations();
type App = Awaited<ReturnType<typeof testApp>>;

function open(url: string) {
  const database = openPostgres({ url, poolMax: 3, prepare: true });
  stops.push(database.close);
  return database;
}

/** What the routes that need the database are answered with, and the sentences of it. */
async function expectFault(app: App, code: string, sentences: RegExp): Promise<void> {
  for (const language of ['en', 'zh']) {
    const headers = { 'accept-language': language };
    for (const response of [
      await app.get('/readyz', headers),
      await app.get('/api/sessions', headers),
      await app.get('/api/sessions?q=word', headers),
      await app.get(`/api/sessions/${unknown}/history`, headers),
      await app.get('/history', headers),
      await app.send('POST', '/api/sessions', {}, headers),
      await app.send('POST', `/api/sessions/${unknown}/chat`, { content: 'x' }, headers),
      await app.send('POST', '/chat', { content: 'x' }, headers),
    ]) {
      const problem = await expectProblem(response, 503);
      expect(problem).toMatchObject({ type: `urn:agentchat:problem:${code}` });
      expect(problem.detail).toMatch(sentences);
    }
  }
}

test.each([
  ['28P01', 'database_refused', /password|密码/],
  ['28000', 'database_refused', /password|密码/],
  ['55000', 'database_refused', /rights|权限/],
  ['42501', 'database_refused', /rights|权限/],
  ['3D000', 'database_missing', /start the server again|重新启动/],
  ['53100', 'database_full', /disk|磁盘/],
  ['57P03', 'database_away', /cannot be reached|无法连接/],
  ['53300', 'database_away', /cannot be reached|无法连接/],
])(
  'a server that answers %s to the login is 503 everywhere, and says why',
  async (code, problem, sentences) => {
    const server = await startFakePostgres(() => ({ code, message: 'hunter2' }));
    stops.push(server.stop);
    const database = openPostgres({ url: server.url, poolMax: 3, prepare: true, answerMs: 300 });
    stops.push(database.close);
    await expectFault(await testApp(database), problem, sentences);
  },
);

describe.skipIf(testServerUrl === undefined)('a database that changes under a running server', () => {
  test('may go, come back empty, and be migrated: it says so, and serves again', async () => {
    const url = await createTestDatabase();
    const name = databaseName(url);
    const database = open(url);
    await migrate(database, migrations);
    const app = await testApp(database);
    expect((await app.get('/readyz')).status).toBe(200);
    await onServer((client) => client.unsafe(`drop database "${name}" with (force)`));
    await expectFault(app, 'database_missing', /start the server again|重新启动/);
    await onServer((client) => client.unsafe(`create database "${name}"`));
    await expectFault(app, 'not_migrated', /init-db/);
    await migrate(open(url), migrations);
    expect((await app.get('/readyz')).status).toBe(200);
    expect((await app.send('POST', '/chat', { content: 'hello' })).status).toBe(200);
  });

  test('may be read-only for a while: reads go on, and writes again as soon as they may', async () => {
    const url = await createTestDatabase();
    const database = open(url);
    await migrate(database, migrations);
    const app = await testApp(database);
    const id = await app.newSession();
    const set = (to: string) =>
      onServer(async (client) => {
        await client.unsafe(
          `alter database "${databaseName(url)}" set default_transaction_read_only = ${to}`,
        );
        await client`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${databaseName(url)}`;
      });
    await set('on');
    for (const response of [
      await app.get('/readyz'),
      await app.send('POST', '/api/sessions', {}),
      await app.send('POST', `/api/sessions/${id}/chat`, { content: 'x' }),
    ]) {
      expect(await expectProblem(response, 503)).toMatchObject({
        type: 'urn:agentchat:problem:database_read_only',
      });
    }
    expect((await app.get(`/api/sessions/${id}`)).status).toBe(200);
    await onServer((client) =>
      client.unsafe(`alter database "${databaseName(url)}" set default_transaction_read_only = off`),
    );
    expect((await app.send('POST', `/api/sessions/${id}/chat`, { content: 'x' })).status).toBe(200);
    expect((await app.get('/readyz')).status).toBe(200);
  });
});
