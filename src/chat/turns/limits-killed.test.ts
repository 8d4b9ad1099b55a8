// Limits and the ledger over real processes: one that is killed in the midst of a turn, and two that are asked at once.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { Owner } from '../../db/owner.ts';
import { openPostgres } from '../../db/postgres/open-postgres.ts';
import { chatTurns } from '../../db/schema.ts';
import { createStore } from '../../db/store.ts';
import { allowanceOf, setLimits } from '../../testing/allowances.ts';
import { migratedTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { newSession } from '../../testing/new-turns.ts';
import { newOwner } from '../../testing/owners.ts';
import { type ServerProcess, startServer } from '../../testing/server-process.ts';
import { expireLeases } from '../../testing/two-apps.ts';

let url = '';
let database: Database;
beforeAll(async () => {
  if (testServerUrl === undefined) return;
  url = await migratedTestDatabase();
  database = openPostgres({ url, poolMax: 10, prepare: true });
});
afterAll(() => database?.close());

const serverOf = (owner: Owner, dieAt = 'never') =>
  startServer({
    entry: join(import.meta.dir, '../../testing/dying-server.ts'),
    env: { DATABASE_URL: url, DIE_AT: dieAt, OWNER: String(owner) },
  });

const chat = (server: ServerProcess, session: string) =>
  fetch(`${server.url}/api/sessions/${session}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
    body: JSON.stringify({ content: 'hi' }),
  });

const unfinished = async (owner: Owner) => {
  const [row] = await database.db
    .select({ count: sql`count(*)`.mapWith(Number) })
    .from(chatTurns)
    .where(sql`owner_id = ${owner} and status in ('queued', 'running')`);
  return row?.count ?? 0;
};

const usageOf = (owner: Owner) =>
  createStore(database).usage.sum({ from: '2020-01-01', to: '9999-12-31', owner });

for (const dieAt of ['after begin', 'before append', 'after settle', 'before complete', 'after complete'])
  test.skipIf(testServerUrl === undefined)(
    `a turn whose process is killed ${dieAt} is counted once, and gives back what was held, where it goes on`,
    async () => {
      const owner = await newOwner(database);
      await setLimits(database, owner, { running_turns: 1, tokens_per_day: 1_000_000, cost_per_month: 1 });
      const { session } = await newSession(createStore(database), owner);
      const [dying, alive] = await Promise.all([serverOf(owner, dieAt), serverOf(owner)]);
      try {
        await chat(dying, session).catch(() => {});
        expect((await dying.exited).signal).toBe('SIGKILL');
        const row = async () =>
          (await database.db.select().from(chatTurns).where(eq(chatTurns.sessionId, session)))[0];
        const left = (await row())?.lease;
        while ((await row())?.status === 'running') {
          if ((await row())?.lease === left) await expireLeases(database, session);
          await Bun.sleep(50);
        }
        expect(await row()).toMatchObject({ status: 'completed' });
        const used = await usageOf(owner);
        // Three steps, each reported with 3 and 2 tokens, whichever process heard it.
        expect(used).toMatchObject({ turns: 1, promptTokens: 9, completionTokens: 6, estimatedTurns: 0 });
        expect(await allowanceOf(database, owner)).toMatchObject({
          running: 0,
          reservedTokens: 0,
          reservedCost: 0,
          turns: 1,
          tokens: 15,
        });
      } finally {
        await Promise.all([dying.kill('SIGKILL'), alive.kill('SIGKILL')]);
      }
    },
    60_000,
  );

test.skipIf(testServerUrl === undefined)(
  'a hundred callers of two processes never pass how many turns there may be, in a day or at once, by one',
  async () => {
    const owner = await newOwner(database);
    const store = createStore(database);
    const servers = await Promise.all([serverOf(owner), serverOf(owner)]);
    const [first] = servers;
    try {
      const askAll = async () => {
        const sessions = await Promise.all(Array.from({ length: 100 }, () => newSession(store, owner)));
        const statuses = await Promise.all(
          sessions.map(async ({ session }, n) => (await chat(servers[n % 2] ?? first, session)).status),
        );
        const count = (status: number) => statuses.filter((one) => one === status).length;
        return { done: count(200), refused: count(429) };
      };
      await setLimits(database, owner, { turns_per_day: 37 });
      expect(await askAll()).toEqual({ done: 37, refused: 63 });
      await setLimits(database, owner, { running_turns: 5 });
      let most = 0;
      let watching = true;
      const watch = async () => {
        while (watching) most = Math.max(most, await unfinished(owner));
      };
      const watched = watch();
      const { done, refused } = await askAll();
      watching = false;
      await watched;
      expect(most).toBe(5);
      expect(done).toBeGreaterThanOrEqual(5);
      expect(done + refused).toBe(100);
      expect(await allowanceOf(database, owner)).toMatchObject({
        running: 0,
        reservedTokens: 0,
        turns: 37 + done,
      });
      expect(await usageOf(owner)).toMatchObject({ turns: 37 + done, promptTokens: 9 * (37 + done) });
    } finally {
      await Promise.all(servers.map((server) => server.kill('SIGKILL')));
    }
  },
  120_000,
);
