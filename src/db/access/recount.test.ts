// What limits count is right again where a process that knows nothing of limits ended turns.
import { beforeAll, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { allowanceOf, setLimits } from '../../testing/allowances.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { newKey, newSession, newTurn } from '../../testing/new-turns.ts';
import { newOwner } from '../../testing/owners.ts';
import type { Owner } from '../owner.ts';
import { createStore, type Store } from '../store.ts';

onEachDatabase('what limits count', (open, onServer) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function limited(values: Parameters<typeof setLimits>[2]) {
    const owner = await newOwner(database);
    await setLimits(database, owner, values);
    return { owner, store: createStore(database, owner) };
  }

  const expected = {
    promptTokens: 10,
    contextMessages: 0,
    contextTokens: 0,
    replyTokens: 90,
    promptPrice: 0,
    completionPrice: 0,
  };
  const begin = async (store: Store, owner: Owner) => {
    const key = newKey(await newSession(store, owner));
    return { key, begun: await store.turns.begin({ ...newTurn(key, 'hi'), expected }) };
  };

  /** As the version before ends it. */
  const endAsBefore = async (owner: Owner, turn: string) => {
    await database.db.execute(
      sql`update chat_turns set status = 'completed', lease_until = null where owner_id = ${owner} and id = ${turn}`,
    );
    await database.db.execute(
      sql`update chat_sessions set running_lease = null where owner_id = ${owner} and id = (
        select session_id from chat_turns where owner_id = ${owner} and id = ${turn})`,
    );
  };

  test('of running turns is counted again when it refuses one, and once in a while', async () => {
    const { owner, store } = await limited({ running_turns: 2 });
    const [one] = [await begin(store, owner), await begin(store, owner)];
    await endAsBefore(owner, one.key.turn);
    expect(await begin(store, owner)).toMatchObject({ begun: { running: true } });
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 2, reservedTokens: 200 });
    // And it is no way around the limit.
    expect((await begin(store, owner)).begun).toMatchObject({ limit: 'running_turns' });
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 2, reservedTokens: 200 });
  });

  test('of what is held is counted again too, also for a retry', async () => {
    const { owner, store } = await limited({ tokens_per_day: 150 });
    const failed = await begin(store, owner);
    await store.turns.endWithoutReply(failed.key, { code: 'model_failed' });
    const [gone] = [await begin(store, owner), await begin(store, owner)];
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 2, reservedTokens: 200 });
    await endAsBefore(owner, gone.key.turn);
    const again = { ...failed.key, lease: crypto.randomUUID() };
    expect(await store.turns.retry(again, ['assistant'], crypto.randomUUID(), { expected })).toMatchObject({
      attempt: 2,
    });
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 2, reservedTokens: 200 });
  });

  onServer('stays exact while turns begin and end beside it', async () => {
    const { owner, store } = await limited({ running_turns: 3 });
    const stores = Array.from({ length: 40 }, () => createStore(database, owner));
    let most = 0;
    const caller = async (own: Store) => {
      for (let n = 0; n < 5; n++) {
        // Each store recounts at once, as a process that has not yet.
        const { key, begun } = await begin(own, owner);
        if (!begun || begun === 'not begun' || 'limit' in begun) continue;
        most = Math.max(most, (await allowanceOf(database, owner))?.running ?? 0);
        await own.turns.endWithoutReply(key, null);
      }
    };
    await Promise.all(stores.map(caller));
    expect(most).toBeLessThanOrEqual(3);
    expect(await allowanceOf(database, owner)).toMatchObject({ running: 0, reservedTokens: 0 });
    expect(await begin(store, owner)).toMatchObject({ begun: { running: true } });
  });
});
