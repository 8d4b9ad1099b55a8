import { afterEach, describe, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { createTestDatabase, onServer, testServerUrl } from '../../testing/databases.ts';
import { startFakePostgres } from '../../testing/fake-postgres.ts';
import type { Database, Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import { databaseName } from './database-url.ts';
import { normalizeDatabaseUrl } from './normalize-database-url.ts';
import { openPostgres } from './open-postgres.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function open(url: string, poolMax: number, answerMs = 10_000): Database {
  const database = openPostgres({ url: normalizeDatabaseUrl(url), poolMax, prepare: true, answerMs });
  stops.push(database.close);
  return database;
}

const one = (db: Db) => db.select({ one: sql<number>`1` }).from(sql`(values (1)) as once`).execute();
const codeOf = (answer: Promise<unknown>) => answer.then(() => 'answered', databaseErrorCode);

describe.skipIf(testServerUrl === undefined)('the pool', () => {
  test('works with fewer connections than it wants, and says so once', async () => {
    const url = await createTestDatabase();
    const role = `agentchat_few_${crypto.randomUUID().slice(0, 8)}`;
    await onServer((client) =>
      client.unsafe(`create role ${role} login superuser; alter role ${role} nosuperuser connection limit 3`),
    );
    stops.push(() => onServer((client) => client.unsafe(`drop role ${role}`)));
    const limited = new URL(url);
    limited.username = role;
    const { db, reserved, pool } = open(limited.href, 10);
    const told: number[][] = [];
    pool?.onFewer((...counts) => told.push(counts));
    for (let again = 0; again < 3; again++) {
      const slow = Array.from({ length: 20 }, () => codeOf(db.execute(sql`select pg_sleep(0.05)`)));
      expect(await one(reserved)).toEqual([{ one: 1 }]);
      expect(new Set(await Promise.all(slow))).toEqual(new Set(['answered']));
    }
    expect(told).toEqual([[3, 11]]);
  });

  test('refuses a statement that cannot be sent, and not the one that runs beside it', async () => {
    const { db } = open(await createTestDatabase(), 1);
    await one(db);
    const running = codeOf(db.execute(sql`select pg_sleep(0.3)`));
    const tooMany = sql.join(
      Array.from({ length: 65_535 }, () => sql`${1}`),
      sql`, `,
    );
    await expect(db.execute(sql`select array[${tooMany}]`).execute()).rejects.toThrow();
    expect(await running).toBe('answered');
  });

  test('keeps a connection for what is urgent, however much else is asked', async () => {
    const { db, reserved } = open(await createTestDatabase(), 2);
    const held = Promise.withResolvers<void>();
    const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = begun.map(({ resolve }) =>
      db.transaction(async (tx) => {
        await one(tx);
        resolve();
        await held.promise;
      }),
    );
    await Promise.all(begun.map(({ promise }) => promise));
    const done: string[] = [];
    const waiting = Array.from({ length: 3 }, () => one(db).then(() => done.push('waiting')));
    await Promise.all([1, 2, 3].map(() => one(reserved).then(() => done.push('urgent'))));
    await reserved.transaction((tx) => one(tx)).then(() => done.push('urgent'));
    expect(done).toEqual(['urgent', 'urgent', 'urgent', 'urgent']);
    held.resolve();
    await Promise.all([...holding, ...waiting]);
  });

  test('repeats what two transactions got in each other’s way with', async () => {
    const url = await createTestDatabase();
    await onServer((client) =>
      client.unsafe(`alter database "${databaseName(url)}" set deadlock_timeout = '50ms'`),
    );
    const { db } = open(url, 8);
    await db.execute(sql`create table both_ways (id int primary key, n int)`);
    await db.execute(sql`insert into both_ways select id, 0 from generate_series(1, 2) as id`);
    const step = (id: number) => `update both_ways set n = n + 1 where id = ${id}; perform pg_sleep(0.02);`;
    const way = (...ids: number[]) => db.execute(sql.raw(`do $$ begin ${ids.map(step).join(' ')} end $$`));
    const codes = await Promise.all(
      Array.from({ length: 8 }, (_, n) => codeOf(n % 2 ? way(1, 2) : way(2, 1))),
    );
    expect(new Set(codes)).toEqual(new Set(['answered']));
    expect(await db.execute(sql`select n from both_ways`)).toEqual([{ n: 8 }, { n: 8 }]);
  });

  test('says that a server may only be read, and writes as soon as it may be written', async () => {
    const url = await createTestDatabase();
    const { db } = open(url, 3);
    await db.execute(sql`create table written (n int)`);
    const set = (to: string) =>
      onServer((client) =>
        client.unsafe(`alter database "${databaseName(url)}" set default_transaction_read_only = ${to}`),
      );
    const write = () => codeOf(db.execute(sql`insert into written values (1)`));
    await set('on');
    // Connections that are open already are as they were.
    expect(await write()).toBe('answered');
    const later = open(url, 3);
    expect(await codeOf(later.db.execute(sql`insert into written values (2)`))).toBe('25006');
    expect(await one(later.db)).toEqual([{ one: 1 }]);
    await set('off');
    expect(await codeOf(later.db.execute(sql`insert into written values (2)`))).toBe('answered');
  });

  test('finds, among several servers, one that is there and can be written', async () => {
    const url = new URL(await createTestDatabase());
    const port = url.port || '5432';
    const starting = await startFakePostgres(() => ({ code: '57P03' }));
    stops.push(starting.stop);
    const fake = new URL(starting.url).port;
    const path = `postgres@127.0.0.1:1,127.0.0.1:${fake},127.0.0.1:${port}${url.pathname}`;
    const { db } = open(`postgres://${path}?target_session_attrs=read-write`, 2);
    expect(await one(db)).toEqual([{ one: 1 }]);
  });

  test('connects to an address of version 6 and to a socket', async () => {
    const [settings] = await onServer(
      (client) =>
        client`select split_part(current_setting('unix_socket_directories'), ',', 1) as folder, current_setting('listen_addresses') as addresses`,
    );
    const url = new URL(await createTestDatabase());
    const name = databaseName(url.href);
    const port = url.port || '5432';
    if (settings?.folder) {
      const { db } = open(`postgres://${url.username}@/${name}?host=${settings.folder}&port=${port}`, 1);
      expect(await one(db)).toEqual([{ one: 1 }]);
    }
    if (/\*|localhost|::/.test(settings?.addresses)) {
      const { db } = open(`postgres://${url.username}@[::1]:${port}/${name}`, 1);
      expect(await codeOf(one(db))).toMatch(/answered|EADDRNOTAVAIL|ECONNREFUSED|28000/);
    }
  });
});
