// Which limits count a turn is found out anew for each, whatever counted the one before.
import { beforeAll, expect, test } from 'bun:test';
import { allowanceOf, setLimits } from '../../testing/allowances.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { makeKey } from '../../testing/keys.ts';
import { newKey, newSession, newStep, newTurn, nobody } from '../../testing/new-turns.ts';
import type { Refusal } from '../access/admission.ts';
import type { LimitsOf } from '../access/limits.ts';
import type { Database } from '../database.ts';
import { ownerQueries } from '../owners.ts';
import { createStore } from '../store.ts';

onEachDatabase('the limits of a turn', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('are those that stand when it begins, also where they have just come, changed or gone', async () => {
    const { id: key, owner: name } = await makeKey(database);
    const owner = await ownerQueries(database.db).named(name);
    const store = createStore(database, owner);
    const counted = async () => [
      (await allowanceOf(database, owner))?.turns ?? 0,
      (await allowanceOf(database, { key }))?.turns ?? 0,
    ];
    const running = async () => [
      (await allowanceOf(database, owner))?.running ?? 0,
      (await allowanceOf(database, { key }))?.running ?? 0,
    ];
    /** Begins a turn and ends it; gives why it may not begin. */
    const turn = async (agent = 'assistant'): Promise<Refusal['limit'] | undefined> => {
      const its = newKey(await newSession(store, owner));
      const begun = await store.turns.begin({ ...newTurn(its, 'hi', { agent }), keyId: key });
      if (!begun || begun === 'not begun') throw new Error('there is such a session');
      if ('limit' in begun) return begun.limit;
      await store.turns.complete(its, 'completed', newStep('hello'), false, null, begun.limited);
      return undefined;
    };
    const drop = (of: LimitsOf) => store.limits.remove(of, { ...nobody, action: 'limits.removed' });
    const many = { turns_per_day: 100, running_turns: 100 };
    const steps: [change: () => unknown, owner: number, key: number, refused?: Refusal['limit']][] = [
      [() => {}, 0, 0],
      [() => setLimits(database, 'default', many), 1, 0],
      [() => {}, 2, 0],
      [() => setLimits(database, owner, many), 3, 0],
      [() => {}, 4, 0],
      [() => setLimits(database, { key }, many), 5, 1],
      [() => {}, 6, 2],
      [() => drop({ owner }), 7, 3],
      [() => drop('default'), 7, 4],
      [() => {}, 7, 5],
      [() => setLimits(database, 'default', { agents: ['another'] }), 7, 5, 'agents'],
      [() => setLimits(database, owner, {}), 7, 6],
      [() => setLimits(database, { key }, { turns_per_day: 6 }), 7, 6, 'turns_per_day'],
      [() => setLimits(database, { key }, { ...many, agents: ['another'] }), 7, 6, 'agents'],
      [() => drop({ key }), 7, 6],
      [() => drop({ owner }), 7, 6, 'agents'],
      [() => drop('default'), 7, 6],
      [() => {}, 7, 6],
      [() => setLimits(database, owner, { turns_per_day: 8 }), 8, 6],
      [() => {}, 8, 6, 'turns_per_day'],
      [() => setLimits(database, owner, { running_turns: 0 }), 8, 6, 'running_turns'],
      [() => setLimits(database, owner, { running_turns: 1 }), 9, 6],
    ];
    for (const [n, [change, ofOwner, ofKey, refused]] of steps.entries()) {
      await change();
      expect([n, await turn()]).toEqual([n, refused]);
      expect([n, ...(await counted())]).toEqual([n, ofOwner, ofKey]);
      expect([n, ...(await running())]).toEqual([n, 0, 0]);
    }
  });
});
