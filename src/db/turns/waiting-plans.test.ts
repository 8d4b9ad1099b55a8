// Turns that wait for a person cost their rows and nothing else: what every process asks again and again, and what lets a
// turn run, looks at none of them, however many there are.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { askingTurn, decidedEntry, newCall, outwait, waitingTurn } from '../../testing/new-calls.ts';
import { agents, begin, newKey, runningTurn } from '../../testing/new-turns.ts';
import { newOwner } from '../../testing/owners.ts';
import { type AskedQuery, plannedRows } from '../../testing/plan-rows.ts';
import { expireLeases } from '../../testing/two-apps.ts';
import type { Database } from '../database.ts';
import { migrate } from '../migrations/migrate.ts';
import type { Owner } from '../owner.ts';
import * as schema from '../schema.ts';
import { createStore, type Store } from '../store.ts';

const waiting = 5000;
/** What may be looked at: the turns of the test that do not wait, in all their tables. */
const few = 20;

describe.skipIf(testServerUrl === undefined)('with many turns that wait', () => {
  const clients: postgres.Sql[] = [];
  let client: postgres.Sql;
  let database: Database;
  let store: Store;
  let owner: Owner;
  let asked: AskedQuery[] = [];
  /** Finds nothing in a database of its own, and tells what it asked. */
  let empty: Store;

  async function open(): Promise<{ client: postgres.Sql; database: Database }> {
    const client = postgres(await createTestDatabase(), { max: 4, fetch_types: false, onnotice: () => {} });
    clients.push(client);
    const logQuery = (query: string, parameters: unknown[]) => asked.push({ query, parameters });
    const db = drizzle(client, { schema, logger: { logQuery } });
    const close = () => client.end();
    const database: Database = { db, reserved: db, patient: db, kind: 'postgres', description: 'x', close };
    await migrate(database, await readMigrations());
    return { client, database };
  }

  beforeAll(async () => {
    ({ client, database } = await open());
    store = createStore(database);
    empty = createStore((await open()).database);
    owner = await newOwner(database);
    await seed();
  });
  afterAll(() => Promise.all(clients.map((one) => one.end())));

  /** Of this owner and of others, each with two calls. */
  async function seed(): Promise<void> {
    const { db } = database;
    const owners = [owner, await newOwner(database), await newOwner(database)];
    await db.execute(sql`insert into chat_sessions (owner_id, id, name, waiting_turn, last_seq)
      select (${sql.raw(`array[${owners}]`)})[1 + n % 3], gen_random_uuid(), 'x', gen_random_uuid(), 2
      from generate_series(1, ${sql.raw(String(waiting))}) as n`);
    await db.execute(sql`insert into chat_turns (owner_id, session_id, id, status, seq, reply_seq, step)
      select owner_id, id, waiting_turn, 'waiting', 1, 2, 1 from chat_sessions`);
    await db.execute(sql`insert into chat_tool_calls (owner_id, session_id, turn_id, step, position, id, approval_id, call_id,
        name, arguments, needs_approval, status, expires_at)
      select owner_id, id, waiting_turn, 0, n, gen_random_uuid(), gen_random_uuid(), 'c', 'write', '{}', true, 'waiting',
        now() + interval '7 days' from chat_sessions, generate_series(0, 1) as n`);
    await db.execute(sql`analyze`);
  }

  /** Of the first that this asks, how many rows the plan that is kept looks at; what it changes is rolled back. */
  async function rowsOf(ask: (of: Store) => Promise<unknown>): Promise<number> {
    asked = [];
    await ask(empty);
    const [first] = asked;
    if (!first) throw new Error('nothing was asked');
    return plannedRows(client, first);
  }

  const isFew = async (name: string, ask: (of: Store) => Promise<unknown>, most = few) => {
    const rows = await rowsOf(ask);
    expect({ name, rows: rows <= most ? 'few' : rows }).toEqual({ name, rows: 'few' });
    // It finds what it is about, or nothing would be looked at in any way.
    if (name !== 'expire') expect(rows).toBeGreaterThan(0);
  };

  test('none is looked at by the beat, the queue, a claim or a take-over', async () => {
    const key = await runningTurn(store, owner);
    const queued = newKey(key);
    await begin(store, queued);
    const [lost, ended] = [await runningTurn(store, owner), await runningTurn(store, owner)];
    await expireLeases(database, lost.session);
    const next = newKey(ended);
    await begin(store, next);
    await store.turns.endWithoutReply(ended, null);
    const to = { lease: randomUUID(), replyId: randomUUID() };
    await isFew('hold', ({ leases }) => leases.hold([key.lease, queued.lease]));
    await isFew('next', ({ leases }) => leases.next([queued.lease, next.lease]));
    await isFew('abandoned', ({ leases }) => leases.abandoned(agents, false));
    await isFew('all abandoned', ({ leases }) => leases.abandoned(agents, true));
    await isFew('claim', ({ turns }) => turns.claim(next, 3));
    await isFew('take over', ({ leases }) => leases.takeOver({ ...lost, attempt: 1 }, to, false));
    await isFew('expire', ({ calls }) => calls.expire());
  });

  test('only its own rows are looked at where one waits, is decided, expires, or is cancelled', async () => {
    const call = newCall('write', { needsApproval: true });
    const asking = await askingTurn(store, owner, [call]);
    await isFew('wait', ({ calls }) => calls.wait(asking, 0, [call.id], { seconds: 60, spent: null }));
    const other = newCall('write', { needsApproval: true });
    const key = await waitingTurn(store, owner, [other]);
    const approve = { decision: 'approve', by: 'ann' } as const;
    await isFew('decide', ({ calls }) => calls.decide(key, other.id, approve, decidedEntry(owner)));
    await isFew('cancel', ({ calls }) => calls.cancelWaiting(key));
    await isFew('of a turn', ({ calls }) => calls.ofTurn(key));
    await isFew('list', ({ calls }) => calls.waiting(owner, { limit: 10 }));
    await outwait(database, key);
    await isFew('expired', ({ calls }) => calls.expire());
  });
});
