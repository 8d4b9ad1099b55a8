// Turns stay with the process that runs them, whatever else it has to wait for.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { eq, sql } from 'drizzle-orm';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import type { Database } from '../../db/database.ts';
import { migrate } from '../../db/migrations/migrate.ts';
import type { Owner } from '../../db/owner.ts';
import { openPostgres } from '../../db/postgres/open-postgres.ts';
import { chatSessions, chatTurnEvents, chatTurns } from '../../db/schema.ts';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

describe.skipIf(testServerUrl === undefined)('a process whose connections are all busy', () => {
  let own: Database;
  let other: Database;
  beforeAll(async () => {
    const url = await createTestDatabase();
    own = openPostgres({ url, poolMax: 1, prepare: true });
    other = openPostgres({ url, poolMax: 5, prepare: true });
    await migrate(other, await readMigrations());
  });
  afterAll(() => Promise.all([own?.close(), other?.close()]));

  const turnOf = async (session: string) =>
    (await other.db.select().from(chatTurns).where(eq(chatTurns.sessionId, session)))[0];
  const expire = (session: string) =>
    other.db
      .update(chatTurns)
      .set({ leaseUntil: sql`now() - interval '1 second'` })
      .where(eq(chatTurns.sessionId, session));

  /** Does `use` while the one connection of `own` is busy, and all that is asked of its pool waits. */
  async function whileBusy(use: () => Promise<void>): Promise<void> {
    let busy: Promise<unknown> | undefined;
    const lock = sql`select pg_advisory_xact_lock(1)`;
    await other.db.transaction(async (tx) => {
      await tx.execute(lock);
      busy = own.db.execute(lock).catch(() => {});
      const waits = sql`pg_locks where locktype = 'advisory' and not granted`;
      while ((await other.db.$count(waits)) === 0) await Bun.sleep(5);
      await use();
    });
    await busy;
  }

  /** A turn that streams a piece when the gate opens and then hangs, in a process with one connection. */
  async function hangingTurn(whose?: Owner) {
    const owner = whose ?? (await newOwner(own));
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel(() => [
      gate.promise,
      { type: 'content', text: 'so far' },
      new Promise<void>(() => {}),
    ]);
    const app = await testApp(own, { model, owner });
    const id = await app.newSession();
    app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
    while (model.calls.length === 0) await Bun.sleep(5);
    return { app, id, gate };
  }

  test('renews its leases and stores what it streams', async () => {
    const { app, id, gate } = await hangingTurn();
    const turn = (await turnOf(id))?.id ?? '';
    await whileBusy(async () => {
      await expire(id);
      await app.turns.beat();
      expect((await turnOf(id))?.leaseUntil?.getTime()).toBeGreaterThan(Date.now());
      gate.resolve();
      const pieces = () => other.db.select().from(chatTurnEvents).where(eq(chatTurnEvents.turnId, turn));
      while ((await pieces()).length === 0) await Bun.sleep(5);
      expect(await pieces()).toMatchObject([{ content: 'so far', attempt: 1 }]);
    });
  });

  test('renews them also while a session whose turn streams here is being deleted', async () => {
    const owner = await newOwner(own);
    const [gone, kept] = [await hangingTurn(owner), await hangingTurn(owner)];
    const { events } = gone.app.store;
    const { append } = events;
    const tried = Promise.withResolvers<void>();
    events.append = (pieces) => append(pieces).finally(tried.resolve);
    await other.db.transaction(async (tx) => {
      await tx.delete(chatSessions).where(eq(chatSessions.id, gone.id));
      gone.gate.resolve();
      await tried.promise;
      await expire(kept.id);
      await kept.app.turns.beat();
      expect((await turnOf(kept.id))?.leaseUntil?.getTime()).toBeGreaterThan(Date.now());
    });
  });

  test('renews them also while it waits to take over another turn', async () => {
    const owner = await newOwner(own);
    const [mine, lost] = [await hangingTurn(owner), await hangingTurn(owner)];
    await whileBusy(async () => {
      // The turn of a process that is gone: this one has not heard of it.
      await other.db
        .update(chatTurns)
        .set({ lease: crypto.randomUUID(), leaseUntil: null })
        .where(eq(chatTurns.sessionId, lost.id));
      await mine.app.turns.beat();
      await expire(mine.id);
      await mine.app.turns.beat();
      expect((await turnOf(mine.id))?.leaseUntil?.getTime()).toBeGreaterThan(Date.now());
    });
    while ((await turnOf(lost.id))?.attempt !== 2) await Bun.sleep(5);
  });
});
