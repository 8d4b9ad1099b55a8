import { expect, test } from 'bun:test';
import { onEachDatabase } from '../../testing/databases.ts';
import { askingTurn, decidedEntry, idsOf, newCall, waitingTurn } from '../../testing/new-calls.ts';
import { nobody, openStore } from '../../testing/new-turns.ts';
import type { Store } from '../store.ts';
import type { NewCall } from './call-parts.ts';
import type { TurnKey } from './turn-name.ts';

onEachDatabase('the list of what waits', (open) => {
  const write = (more: Partial<NewCall> = {}) => newCall('write', { needsApproval: true, ...more });

  test('is over all sessions of an owner, whatever expires first at the beginning', async () => {
    const { owner: mine, store: own } = await openStore(open);
    expect(await own.calls.waiting(mine, { limit: 10 })).toEqual({ calls: [], next: undefined });
    const keys: TurnKey[] = [];
    const calls: NewCall[] = [];
    for (const seconds of [300, 100, 200]) {
      const two = [write(), write()];
      const key = await askingTurn(own, mine, two);
      await own.calls.wait(key, 0, idsOf(two), { seconds, spent: null });
      keys.push(key);
      calls.push(...two);
    }
    const all = await own.calls.waiting(mine, { limit: 10 });
    expect(all.next).toBeUndefined();
    const [c0, c1, c2] = keys.map(({ turn }) => turn);
    expect(all.calls.map(({ turn }) => turn)).toEqual([c1, c1, c2, c2, c0, c0] as string[]);
    expect(idsOf(all.calls).sort()).toEqual(idsOf(calls).sort());
    expect(all.calls[0]).toMatchObject({
      owner: mine,
      session: keys[1]?.session,
      status: 'waiting',
      name: 'write',
    });
    const paged: string[] = [];
    let after: Awaited<ReturnType<Store['calls']['waiting']>>['next'];
    do {
      const page = await own.calls.waiting(mine, { limit: 1, after });
      expect(page.calls).toHaveLength(1);
      paged.push(...idsOf(page.calls));
      after = page.next;
    } while (after);
    expect(paged).toEqual(idsOf(all.calls));
    const [first] = all.calls;
    if (!first || !keys[1]) throw new Error('there is one');
    await own.calls.decide(keys[1], first.approvalId, { decision: 'approve', by: 'ann' }, decidedEntry(mine));
    expect(idsOf((await own.calls.waiting(mine, { limit: 10 })).calls)).toEqual(idsOf(all.calls.slice(1)));
    const { owner: other, store: others } = await openStore(open);
    expect((await others.calls.waiting(other, { limit: 100 })).calls).toEqual([]);
    for (const key of keys) await own.sessions.delete(key, nobody);
    expect((await own.calls.waiting(mine, { limit: 10 })).calls).toEqual([]);
  });

  test('ends a page where arguments are large', async () => {
    const { owner: mine, store: own } = await openStore(open);
    const large = () => write({ arguments: JSON.stringify('x'.repeat(5 * 1024 ** 2)) });
    await waitingTurn(own, mine, [large(), large(), large()]);
    const page = await own.calls.waiting(mine, { limit: 10 });
    expect(page.calls).toHaveLength(2);
    const rest = await own.calls.waiting(mine, { limit: 10, after: page.next });
    expect(rest).toMatchObject({ calls: [{}], next: undefined });
  });
});
