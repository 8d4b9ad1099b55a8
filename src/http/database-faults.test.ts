import { afterEach, describe, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { localOwner } from '../db/owner.ts';
import { databaseName } from '../db/postgres/database-url.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { createTestDatabase, onServer, testServerUrl } from '../testing/databases.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { startFakePostgres } from '../testing/fake-postgres.ts';
import { say, scriptedModel } from '../testing/scripted-model.ts';
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
  ['53300', 'database_crowded', /max_connections/],
])(
  'a server that answers %s to the login is 503 everywhere, and says why',
  async (code, problem, sentences) => {
    const server = await startFakePostgres(() => ({ code, message: 'hunter2' }));
    stops.push(server.stop);
    const database = openPostgres({ url: server.url, poolMax: 3, prepare: true, answerMs: 300 });
    stops.push(database.close);
    await expectFault(await testApp(database, { owner: localOwner }), problem, sentences);
  },
);

describe.skipIf(testServerUrl === undefined)('a database that changes under a running server', () => {
  test('may go, come back empty, and be migrated: it says so, and serves again', async () => {
    const url = await createTestDatabase();
    const name = databaseName(url);
    const database = open(url);
    await migrate(database, migrations);
    const app = await testApp(database, { owner: localOwner });
    expect((await app.get('/readyz')).status).toBe(200);
    await onServer((client) => client.unsafe(`drop database "${name}" with (force)`));
    await expectFault(app, 'database_missing', /start the server again|重新启动/);
    await onServer((client) => client.unsafe(`create database "${name}"`));
    await expectFault(app, 'not_migrated', /init-db/);
    await migrate(open(url), migrations);
    expect((await app.get('/readyz')).status).toBe(200);
    expect((await app.send('POST', '/chat', { content: 'hello' })).status).toBe(200);
  });

  test('may be dropped during a turn: its caller is told so soon, and a stream ends', async () => {
    const url = await createTestDatabase();
    const database = open(url);
    await migrate(database, migrations);
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let calls = 0;
    const model = scriptedModel(function* () {
      if (++calls === 2) begun.resolve();
      yield goOn.promise;
      yield* say(['too late']);
    });
    const app = await testApp(database, { model });
    const [one, other] = [await app.newSession(), await app.newSession()];
    const whole = app.send('POST', `/api/sessions/${one}/chat`, { content: 'x' });
    const stream = await app.send('POST', `/api/sessions/${other}/chat?stream=true`, { content: 'x' });
    await begun.promise;
    await onServer((client) => client.unsafe(`drop database "${databaseName(url)}" with (force)`));
    const began = performance.now();
    goOn.resolve();
    expect(await expectProblem(await whole, 503)).toMatchObject({
      type: 'urn:agentchat:problem:database_missing',
    });
    expect(await stream.text()).not.toContain('event: done');
    expect(performance.now() - began).toBeLessThan(10_000);
  }, 100_000);

  test('may take no connection of its user, or no more: that is said, and soon', async () => {
    const url = new URL(await createTestDatabase());
    const role = `agentchat_none_${crypto.randomUUID().slice(0, 8)}`;
    await onServer((client) => client.unsafe(`create role ${role} login connection limit 0`));
    stops.push(() => onServer((client) => client.unsafe(`drop role ${role}`)));
    url.username = role;
    const app = await testApp(open(url.href), { owner: localOwner });
    for (const path of ['/readyz', '/api/sessions']) {
      const began = performance.now();
      expect(await expectProblem(await app.get(path), 503)).toMatchObject({
        type: 'urn:agentchat:problem:database_crowded',
        detail: expect.stringMatching(/CONNECTION LIMIT/),
      });
      expect(performance.now() - began).toBeLessThan(10_000);
    }
    await onServer((client) => client.unsafe(`alter role ${role} connection limit 1`));
    // It has no tables yet.
    expect(await expectProblem(await app.get('/readyz'), 503)).toMatchObject({
      type: 'urn:agentchat:problem:not_migrated',
    });
  });

  test.each([
    ['drop table chat_search_parts', 'not_migrated'],
    ['alter table chat_turn_events rename to elsewhere', 'not_migrated'],
    ['revoke update on chat_turns from', 'database_refused'],
    ['revoke all on chat_messages from', 'database_refused'],
  ])('is not ready while a table or a right is missing: %s', async (statement, problem) => {
    const url = new URL(await createTestDatabase());
    const owner = open(url.href);
    await migrate(owner, migrations);
    const role = `agentchat_some_${crypto.randomUUID().slice(0, 8)}`;
    await owner.db.execute(
      sql.raw(`create role ${role} login; grant usage on schema public, drizzle to ${role};
        grant select on all tables in schema drizzle to ${role};
        grant select, insert, update, delete on all tables in schema public to ${role}`),
    );
    stops.push(async () => {
      await owner.db.execute(sql.raw(`drop owned by ${role}`));
      await onServer((client) => client.unsafe(`drop role ${role}`));
    });
    url.username = role;
    const app = await testApp(open(url.href));
    expect((await app.get('/readyz')).status).toBe(200);
    await owner.db.execute(sql.raw(statement.endsWith('from') ? `${statement} ${role}` : statement));
    expect(await expectProblem(await app.get('/readyz'), 503)).toMatchObject({
      type: `urn:agentchat:problem:${problem}`,
    });
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
