import { afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { createTestDatabase, onServer, testServerUrl } from '../../testing/databases.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import type { Database, Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import { openPostgres } from './open-postgres.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

let url = '';
beforeAll(async () => {
  if (testServerUrl !== undefined) url = await createTestDatabase();
});

function open(poolMax: number, at = url, answerMs = 10_000): Database {
  const database = openPostgres({ url: at, poolMax, prepare: true, answerMs });
  stops.push(database.close);
  return database;
}

const once = sql`(values (1)) as once`;
const one = (db: Db) => db.select({ one: sql<number>`1` }).from(once).execute();
const pid = async (db: Db) =>
  (await db.select({ pid: sql<number>`pg_backend_pid()` }).from(once).execute())[0]?.pid ?? 0;
const codeOf = (answer: Promise<unknown>) => answer.then(() => 'answered', databaseErrorCode);

/** Resolves when the connection is gone, here too. */
async function end(backend: number): Promise<void> {
  await onServer((client) => client`select pg_terminate_backend(${backend}, 5000)`);
  await Bun.sleep(50);
}

describe.skipIf(testServerUrl === undefined)('a connection that breaks inside a transaction', () => {
  test('takes neither the process nor the other connections with it', async () => {
    const { db } = open(2);
    for (const work of ['nothing', 'a statement', 'several']) {
      const broken = db.transaction(async (tx) => {
        const backend = await pid(tx);
        const asked = work === 'nothing' ? [] : work === 'several' ? [5, 0, 0] : [5];
        const waiting = Promise.allSettled(asked.map((s) => tx.execute(sql`select pg_sleep(${s})`)));
        await end(backend);
        await waiting;
        // The driver's own commit or rollback went to a socket that was no more, and ended the process.
        await one(tx);
      });
      expect(await codeOf(broken)).toMatch(/^(CONNECTION_CLOSED|57P01|ECONNRESET)$/);
      expect(await one(db)).toEqual([{ one: 1 }]);
    }
  });

  test('leaves nothing to be done outside of it, on the next connection', async () => {
    const { db } = open(1);
    await db.execute(sql`create table broken_tx (n int)`);
    const others: Promise<unknown>[] = [];
    const broken = db.transaction(async (tx) => {
      await tx.execute(sql`insert into broken_tx values (1)`);
      const backend = await pid(tx);
      // They wait for the one connection, and get the next.
      for (let n = 0; n < 5; n++) others.push(one(db));
      await end(backend);
      await Promise.allSettled([2, 3].map((n) => tx.execute(sql`insert into broken_tx values (${n})`)));
      await tx.execute(sql`insert into broken_tx values (4)`).catch(() => {});
      await tx.transaction((inner) => inner.execute(sql`insert into broken_tx values (5)`)).catch(() => {});
    });
    expect(await codeOf(broken)).toBe('CONNECTION_CLOSED');
    await Promise.all(others);
    expect(await db.execute(sql`select n from broken_tx`)).toEqual([]);
  });

  test('by the server’s limit for idle transactions fails with a code, and all else goes on', async () => {
    const { db } = open(2, `${url}?idle_in_transaction_session_timeout=1ms`);
    for (let again = 0; again < 5; again++) {
      const broken = db.transaction(async (tx) => {
        await one(tx);
        await Bun.sleep(30);
        await one(tx);
      });
      expect(await codeOf(broken)).toMatch(/^(CONNECTION_CLOSED|25P03|ECONNRESET)$/);
      expect(await one(db)).toEqual([{ one: 1 }]);
    }
  });

  test('and a transaction of which something was refused is rolled back, though nobody minded', async () => {
    const { db } = open(1);
    const done = db.transaction(async (tx) => {
      await tx.execute(sql`select 1 / 0`).catch(() => {});
    });
    expect(await codeOf(done)).toBe('22012');
    let late: Promise<unknown> = Promise.resolve();
    await db.transaction(async (tx) => {
      late = Bun.sleep(50).then(() => tx.execute(sql`create table too_late (n int)`));
      late.catch(() => {});
    });
    expect(late).rejects.toThrow();
    await late.catch(() => {});
    expect(await db.execute(sql`select to_regclass('too_late') as found`)).toEqual([{ found: null }]);
  });
});

describe.skipIf(testServerUrl === undefined)('connections that the network forgot', () => {
  async function forgotten(count: number, answerMs: number) {
    const proxy = await startTcpProxy(url);
    stops.push(proxy.stop);
    const database = open(count, proxy.url, answerMs);
    const { db, reserved } = database;
    await Promise.all(Array.from({ length: count }, () => db.execute(sql`select pg_sleep(0.1)`)));
    await one(reserved);
    const before = proxy.opened();
    proxy.forget();
    return { db, reserved, forget: proxy.forget, opened: () => proxy.opened() - before };
  }

  test('are replaced, and who reads does not notice', async () => {
    const { db, reserved, opened } = await forgotten(3, 2000);
    expect(await one(db)).toEqual([{ one: 1 }]);
    expect(await one(reserved)).toEqual([{ one: 1 }]);
    expect(opened()).toBeGreaterThan(0);
  });

  test('are replaced also for a chain of steps, if all of them only read', async () => {
    const { db } = await forgotten(1, 2000);
    const steps = sql`with step as (select 1 as one, now() as updated_at) select one from step`;
    expect(await db.execute(steps)).toEqual([{ one: 1 }]);
  });

  test('end the transaction that is on one of them', async () => {
    const { db, forget } = await forgotten(1, 2000);
    const broken = db.transaction(async (tx) => {
      await one(tx);
      forget();
      await one(tx);
    });
    expect(await codeOf(broken)).toBe('NO_ANSWER');
    expect(await one(db)).toEqual([{ one: 1 }]);
  });

  test('cost one wait, however many they are', async () => {
    const { db } = await forgotten(10, 2000);
    await one(db);
    const writes = Array.from({ length: 10 }, () => codeOf(db.execute(sql`do $$ begin null; end $$`)));
    expect(new Set(await Promise.all(writes))).toEqual(new Set(['answered']));
  });

  test('fail what writes, which is not done twice, and what comes next is stored', async () => {
    const { db } = await forgotten(1, 2000);
    await open(1).db.execute(sql`create table forgotten_write (n int)`);
    const write = () => db.execute(sql`insert into forgotten_write values (1)`);
    expect(await codeOf(write())).toBe('NO_ANSWER');
    expect(await codeOf(write())).toBe('answered');
    expect(await open(1).db.execute(sql`select count(*)::int as n from forgotten_write`)).toEqual([{ n: 1 }]);
  });

  test('are not those that only take long: a slow statement fails alone', async () => {
    const { db, patient } = open(3, url, 700);
    const slow = codeOf(db.execute(sql`select 1 as one from pg_sleep(5) as slow where true`));
    const write = codeOf(db.execute(sql`do $$ begin perform pg_sleep(5); end $$`));
    const held = patient.transaction(async (tx) => {
      await tx.execute(sql`select pg_sleep(2)`);
      return one(tx);
    });
    expect(await write).toBe('NO_ANSWER');
    expect(await slow).toBe('NO_ANSWER');
    expect(await one(db)).toEqual([{ one: 1 }]);
    expect(await held).toEqual([{ one: 1 }]);
  });
});
