// What limits count of a turn that waits for a person, and the ledger of what it used, however it goes on or ends.
import { beforeAll, expect, test } from 'bun:test';
import { allowanceOf, setLimits } from '../../testing/allowances.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { askingTurn, decidedEntry, newCall, outwait, takeOverIn } from '../../testing/new-calls.ts';
import { newKey, newSession, newStep, newTurn, nobody, openStore } from '../../testing/new-turns.ts';
import type { Spent } from '../access/usage.ts';
import type { Database } from '../database.ts';
import { createStore, type Store } from '../store.ts';
import type { TurnKey } from './turn-name.ts';

const spent: Spent = { model: 'm', prompt_tokens: 30, completion_tokens: 12, estimated: false, cost: 0.5 };
const used = { turns: 1, promptTokens: 30, completionTokens: 12, estimatedTurns: 0, cost: 0.5 };
const unused = { turns: 0, promptTokens: 0, completionTokens: 0, estimatedTurns: 0, cost: 0 };

onEachDatabase('limits of turns that wait', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  /** A turn that waits, of an owner who may have one at a time. */
  async function limited(limits = true) {
    const { owner, store } = await openStore(open);
    if (limits)
      await setLimits(database, owner, { running_turns: 1, tokens_per_day: 1_000_000, cost_per_month: 100 });
    const call = newCall('write', { needsApproval: true });
    const key = await askingTurn(store, owner, [call]);
    const before = await allowanceOf(database, owner);
    await store.calls.wait(key, 0, [call.id], { seconds: 3600, spent });
    const ledger = () => createStore(database).usage.sum({ from: '2020-01-01', to: '9999-12-31', owner });
    const allowance = () => allowanceOf(database, owner);
    const another = async () => store.turns.begin(newTurn(newKey(await newSession(store, owner)), 'more'));
    return { owner, store, key, call, before, ledger, allowance, another };
  }

  async function goOn(store: Store, key: TurnKey): Promise<void> {
    const next = await takeOverIn(store, key);
    if (!next) throw new Error('not taken over');
    await store.turns.settle(next, 1, newStep('results'));
    // As its run counts it: all of its steps, those before it waited too.
    expect(await store.turns.complete(next, 'completed', newStep('done'), true, spent, true)).toBeDefined();
  }

  const over = { running: 0, reservedTokens: 0, reservedCost: 0, turns: 1, tokens: 42, cost: 0.5 };

  test('it counts as it did while it waits, and when it goes on', async () => {
    const { owner, store, key, call, before, ledger, allowance, another } = await limited();
    expect(before).toMatchObject({ running: 1, turns: 1, tokens: 0 });
    expect(await allowance()).toEqual(before);
    expect(await another()).toMatchObject({ limit: 'running_turns' });
    await store.calls.decide(key, call.id, { decision: 'approve', by: 'ann' }, decidedEntry(owner));
    expect(await allowance()).toEqual(before);
    expect(await ledger()).toEqual(unused);
    await goOn(store, key);
    expect(await allowance()).toMatchObject(over);
    expect(await ledger()).toEqual(used);
    expect(await another()).toMatchObject({ running: true });
  });

  test('it counts as it did when its time is over', async () => {
    const { store, key, before, ledger, allowance } = await limited();
    await outwait(database, key);
    await store.calls.expire();
    expect(await allowance()).toEqual(before);
    await goOn(store, key);
    expect(await allowance()).toMatchObject(over);
    expect(await ledger()).toEqual(used);
  });

  test('what was held is given back, and what was used counted, once, where it is cancelled', async () => {
    const { store, key, ledger, allowance, another } = await limited();
    expect(await Promise.all([0, 1].map(() => store.calls.cancelWaiting(key)))).toContain(true);
    expect(await allowance()).toMatchObject(over);
    expect(await ledger()).toEqual(used);
    await store.sessions.delete(key, nobody);
    expect(await ledger()).toEqual(used);
    expect(await another()).toMatchObject({ running: true });
  });

  test('and where its session is deleted', async () => {
    const { store, key, ledger, allowance } = await limited();
    expect(await store.sessions.delete(key, nobody)).toBe(true);
    expect(await allowance()).toMatchObject(over);
    expect(await ledger()).toEqual(used);
  });

  test('a turn that went on is not counted by the end of its session: its run counts it', async () => {
    const { owner, store, key, call, ledger, allowance } = await limited();
    await store.calls.decide(key, call.id, { decision: 'approve', by: 'ann' }, decidedEntry(owner));
    expect(await store.sessions.delete(key, nobody)).toBe(true);
    expect(await ledger()).toEqual(unused);
    expect(await allowance()).toMatchObject({ running: 0, reservedTokens: 0, tokens: 0 });
  });

  test('where there are no limits, only the ledger counts', async () => {
    for (const end of ['cancelWaiting', 'delete'] as const) {
      const { store, key, ledger, allowance } = await limited(false);
      await (end === 'delete' ? store.sessions.delete(key, nobody) : store.calls.cancelWaiting(key));
      expect(await allowance()).toBeUndefined();
      expect(await ledger()).toEqual(used);
    }
  });
});
