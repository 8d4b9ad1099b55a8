import { afterEach, describe, expect, test } from 'bun:test';
import { createServer, type Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import type { Database, Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import { ask } from './ask.ts';
import { connector } from './connect.ts';
import { plain } from './connection.ts';
import { normalizeDatabaseUrl } from './normalize-database-url.ts';
import { openPostgres } from './open-postgres.ts';
import { createPool } from './pool.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function open(url: string, poolMax: number, answerMs: number): Database {
  const database = openPostgres({ url: normalizeDatabaseUrl(url), poolMax, prepare: true, answerMs });
  stops.push(database.close);
  return database;
}

const codeOf = (answer: Promise<unknown>) => answer.then(() => 'answered', databaseErrorCode);

/** What came of it, and after how many milliseconds. */
async function timed(answer: Promise<unknown>): Promise<{ code: string | undefined; ms: number }> {
  const began = performance.now();
  const code = await codeOf(answer);
  return { code, ms: performance.now() - began };
}

/** Holds what `statement` locks until the test is over. */
async function hold(db: Db, statement: string): Promise<void> {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const done = db.transaction(async (tx) => {
    await tx.execute(sql.raw(statement));
    begun.resolve();
    await held.promise;
  });
  stops.push(() => {
    held.resolve();
    return done;
  });
  await begun.promise;
}

/** A port that takes connections and says nothing. */
async function silentPort(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

describe.skipIf(testServerUrl === undefined)('a statement', () => {
  test('has one deadline, for all that is tried', async () => {
    const url = await createTestDatabase();
    const { db } = open(url, 3, 1500);
    await db.execute(sql`create table locked (n int)`);
    await hold(open(url, 1, 20_000).patient, 'lock table locked in access exclusive mode');
    const read = await timed(db.execute(sql`select n from locked`));
    expect(read.code).toMatch(/NO_ANSWER|55P03/);
    // And not one for each of its two tries.
    expect(read.ms).toBeLessThan(2 * 1500);
  });

  test('has it also where it waited for its connection, which is then not closed', async () => {
    const { db } = open(await createTestDatabase(), 1, 2000);
    const pid = sql<number>`pg_backend_pid()`;
    const first = db.select({ pid }).from(sql`pg_sleep(0.5)`).execute();
    await Bun.sleep(200);
    const slow = () => codeOf(db.execute(sql`do $$ begin perform pg_sleep(1); end $$`));
    expect(await Promise.all([slow(), slow()])).toEqual(['answered', 'NO_ANSWER']);
    await Bun.sleep(600);
    expect(await db.select({ pid }).from(sql`pg_sleep(0)`).execute()).toEqual(await first);
  });

  test('that stands behind one that waits for a lock is answered all the same', async () => {
    const url = await createTestDatabase();
    const { db } = open(url, 2, 3000);
    await db.execute(sql`create table rows (id int primary key, n int)`);
    await db.execute(sql`insert into rows values (1, 0), (2, 0)`);
    const holder = open(url, 2, 20_000);
    await hold(holder.patient, 'update rows set n = 1 where id = 1');
    // One connection is left, and all three are sent through it.
    const free = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const other = db.transaction(async () => {
      begun.resolve();
      await free.promise;
    });
    await begun.promise;
    const add = (id: number) => codeOf(db.execute(sql`update rows set n = n + 1 where id = ${id}`));
    const blocked = add(1);
    const write = add(2);
    const read = codeOf(db.execute(sql`select n from rows where id = 2`));
    const first = Promise.race([blocked, read]);
    await Bun.sleep(200);
    free.resolve();
    await other;
    // The read, which was asked elsewhere.
    expect(await first).toBe('answered');
    expect([await blocked, await write]).toEqual(['55P03', 'answered']);
    expect(await holder.db.execute(sql`select n from rows where id = 2`)).toEqual([{ n: 1 }]);
  });

  test('stands behind no other while a connection of its own can be had', async () => {
    const url = await createTestDatabase();
    const { db } = open(url, 3, 3000);
    await db.execute(sql`create table held (n int)`);
    await hold(open(url, 1, 20_000).patient, 'lock table held in access exclusive mode');
    const blocked = codeOf(db.execute(sql`insert into held values (1)`));
    expect(await Promise.race([blocked, codeOf(db.execute(sql`select 1`))])).toBe('answered');
    expect(await blocked).toBe('55P03');
  });

  test('of a transaction that may take long waits for locks as long', async () => {
    const url = await createTestDatabase();
    const { db, patient } = open(url, 2, 600);
    await db.execute(sql`create table patience (n int)`);
    const long = open(url, 1, 20_000).patient.transaction(async (tx) => {
      await tx.execute(sql`lock table patience in access exclusive mode`);
      await tx.execute(sql`select pg_sleep(1.5)`);
    });
    await Bun.sleep(200);
    expect(await codeOf(patient.transaction((tx) => tx.execute(sql`insert into patience values (1)`)))).toBe(
      'answered',
    );
    await long;
  });
});

describe.skipIf(testServerUrl === undefined)('connections that are asked whether they are there', () => {
  test('hold nobody up: where they say nothing, others take their place', async () => {
    const proxy = await startTcpProxy(await createTestDatabase());
    stops.push(proxy.stop);
    const pool = createPool({
      open: connector(proxy.url, { prepare: true, lockMs: 0 }),
      most: 3,
      answerMs: 10_000,
      onFewer: () => {},
    });
    stops.push(() => pool.close(0));
    const some = (text: string) =>
      Promise.all([1, 2, 3].map((n) => ask(pool, plain(text), { urgent: n === 3 })));
    await some('select pg_sleep(0.2)');
    const before = proxy.opened();
    pool.check();
    await some('select pg_sleep(0.1)');
    expect(proxy.opened()).toBe(before);
    proxy.forget();
    pool.check();
    const { code, ms } = await timed(some('select 1'));
    expect(code).toBe('answered');
    // Sooner than those that were asked could be given up.
    expect(ms).toBeLessThan(1950);
  });
});

describe.skipIf(testServerUrl === undefined)('several servers', () => {
  test('of which the first says nothing cost a second, and that once', async () => {
    const url = new URL(await createTestDatabase());
    const silent = await silentPort();
    const hosts = `127.0.0.1:${silent},127.0.0.1:${url.port || '5432'}`;
    const { db } = open(`postgres://${url.username}@${hosts}${url.pathname}`, 3, 10_000);
    const first = await timed(db.execute(sql`select 1`));
    expect(first.code).toBe('answered');
    expect(first.ms).toBeLessThan(5000);
    const more = await timed(Promise.all([1, 2, 3].map(() => db.execute(sql`select pg_sleep(0.2)`))));
    expect(more.ms).toBeLessThan(first.ms);
  });
});
