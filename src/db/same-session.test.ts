import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { onEachDatabase } from '../testing/databases.ts';
import { begin, newKey, newPiece, newSession, newStep, nobody } from '../testing/new-turns.ts';
import { newOwner } from '../testing/owners.ts';
import type { Database } from './database.ts';
import { createSearch } from './search/search.ts';
import { createIndexing } from './search/search-index.ts';
import { createStore, type Store } from './store.ts';
import type { TurnKey } from './turns/turn-name.ts';

onEachDatabase('two owners whose sessions have one id', (open) => {
  let database: Database;
  let store: Store;
  beforeAll(async () => {
    database = await open();
    store = createStore(database);
  });

  /** A turn that runs in each one's session; the second one's session has a reply before it. */
  async function both(): Promise<[mine: TurnKey, theirs: TurnKey]> {
    const id = randomUUID();
    const [one, other] = [await newOwner(database), await newOwner(database)];
    const mine = newKey(await newSession(store, one, id));
    const theirs = newKey(await newSession(store, other, id));
    const earlier = newKey(theirs);
    await begin(store, earlier, 'their heron');
    await store.turns.complete(earlier, 'completed', newStep('their egret'), false);
    expect(await begin(store, mine, 'my heron', { before: 9 })).toMatchObject({
      seq: 1,
      running: true,
      tail: [{ content: 'my heron' }],
    });
    expect(await begin(store, theirs, 'and now?', { before: 9 })).toMatchObject({
      seq: 3,
      running: true,
      tail: [{ content: 'their heron' }, { content: 'their egret' }, { content: 'and now?' }],
    });
    return [mine, theirs];
  }

  const said = async (key: TurnKey) =>
    (await store.messages.page(key, 10, 0)).rows.map(({ content }) => content);

  test('each has their own turns and messages', async () => {
    const [mine, theirs] = await both();
    // Neither can name the other's turn, nor write with their own lease in the other's session.
    const mixed = { ...mine, turn: theirs.turn };
    expect(await store.turns.find(mixed)).toBeUndefined();
    expect(await store.turns.requestCancel(mixed)).toBe(false);
    expect(await store.turns.settle({ ...theirs, lease: mine.lease }, 0, newStep('no'))).toBeUndefined();
    expect(
      await store.turns.complete({ ...theirs, lease: mine.lease }, 'completed', newStep('no'), false),
    ).toBeUndefined();

    expect(await store.turns.settle(mine, 0, newStep('my step'))).toBeDefined();
    expect(await store.turns.find(theirs)).toMatchObject({ step: 0, settled: [] });
    await Promise.all([
      store.turns.complete(mine, 'completed', newStep('my end'), true),
      store.turns.complete(theirs, 'completed', newStep('their end'), true),
    ]);
    expect(await said(mine)).toEqual(['my heron', 'my step', 'my end']);
    expect(await said(theirs)).toEqual(['their heron', 'their egret', 'and now?', 'their end']);
    expect((await store.turns.list(mine, { limit: 9 })).rows).toMatchObject([
      { id: mine.turn, reply: { content: 'my end' } },
    ]);
    expect((await store.turns.list(theirs, { limit: 9 })).rows).toMatchObject([
      { id: theirs.turn, reply: { content: 'their end' } },
      { reply: { content: 'their egret' } },
    ]);
  });

  test('each has their own pieces, and what happened since', async () => {
    const [mine, theirs] = await both();
    const at = { attempt: 1, position: 1 };
    await store.events.append([
      newPiece(mine, at, 'mine'),
      newPiece(theirs, at, 'theirs'),
      // In another's name.
      newPiece({ ...mine, turn: theirs.turn }, { attempt: 1, position: 2 }, 'no'),
      newPiece({ ...theirs, lease: mine.lease }, { attempt: 1, position: 2 }, 'no'),
    ]);
    expect((await store.events.partial(mine)).content).toBe('mine');
    expect((await store.events.partial(theirs)).content).toBe('theirs');
    const followed = [mine, theirs].map((key) => ({ ...key, step: 0, attempt: 1, position: 0 }));
    const told = await store.events.progress(followed);
    expect(new Map(told.map(({ name, piece }) => [name.turn, piece?.content]))).toEqual(
      new Map([
        [mine.turn, 'mine'],
        [theirs.turn, 'theirs'],
      ]),
    );
    const mixed = { ...mine, turn: theirs.turn, step: 0, attempt: 1, position: 0 };
    expect(await store.events.progress([mixed])).toMatchObject([{ status: null, piece: undefined }]);

    await store.turns.requestCancel(mine);
    expect(await store.leases.hold([mine.lease, theirs.lease])).toEqual(
      new Map([
        [mine.lease, { cancel: true }],
        [theirs.lease, { cancel: false }],
      ]),
    );
    expect(await store.turns.endWithoutReply(mine, null)).toBe(true);
    expect((await store.events.partial(theirs)).content).toBe('theirs');
    expect(await store.turns.find(theirs)).toMatchObject({ status: 'running' });
  });

  test('each waits in their own queue', async () => {
    const [mine, theirs] = await both();
    const [myNext, theirNext] = [newKey(mine), newKey(theirs)];
    expect(await begin(store, myNext)).toMatchObject({ running: false, seq: 3 });
    expect(await begin(store, theirNext)).toMatchObject({ running: false, seq: 5 });
    await store.turns.complete(mine, 'completed', newStep('x'), false);
    expect(await store.leases.next([myNext.lease, theirNext.lease])).toEqual([myNext.lease]);
    expect(await store.turns.claim(theirNext, 5)).toBe(false);
    await store.turns.complete(theirs, 'completed', newStep('y'), false);
    const next = await store.leases.next([myNext.lease, theirNext.lease]);
    expect(new Set(next)).toEqual(new Set([myNext.lease, theirNext.lease]));
    expect(await store.turns.claim(theirNext, 5)).toBe(true);
    expect(await store.turns.claim(myNext, 3)).toBe(true);
    for (const key of [myNext, theirNext]) await store.turns.endWithoutReply(key, null);
  });

  test('each lists, finds, changes and deletes their own', async () => {
    const [mine, theirs] = await both();
    const list = async ({ owner }: TurnKey) =>
      (await store.sessions.list(owner, { limit: 9, offset: 0 })).sessions;
    expect(await list(mine)).toMatchObject([{ id: mine.session, name: 'my heron', messageCount: 1 }]);
    expect(await list(theirs)).toMatchObject([{ id: mine.session, name: 'their heron', messageCount: 3 }]);

    const ample = { all: 60_000, first: 60_000, each: 60_000, pause: 0 };
    const find = async ({ owner }: TurnKey, contains: string, first: number) => {
      const query = { contains, limit: 9, offset: 0 };
      return (await createSearch(database, { ...ample, first })(owner, query)).sessions.map(
        ({ name }) => name,
      );
    };
    for (const round of ['not indexed', 'indexed']) {
      if (round === 'indexed')
        for (const { owner } of [mine, theirs]) {
          const takeIn = createIndexing(database, { owner, quiet: -1 });
          while (await takeIn());
        }
      // The first look has no time, so that the index is asked.
      for (const first of [ample.first, 0]) {
        expect(await find(mine, 'HERON', first)).toEqual(['my heron']);
        expect(await find(theirs, 'HERON', first)).toEqual(['their heron']);
        expect(await find(mine, 'egret', first)).toEqual([]);
        expect(await find(theirs, 'egret', first)).toEqual(['their heron']);
        expect(await find(theirs, 'my heron', first)).toEqual([]);
      }
    }

    await store.sessions.update(mine, { name: 'renamed' });
    expect(await store.sessions.find(theirs)).toMatchObject({ name: 'their heron' });
    await store.turns.endWithoutReply(mine, null);
    expect(await store.sessions.delete(mine, nobody)).toBe(true);
    expect(await list(mine)).toEqual([]);
    expect(await said(theirs)).toEqual(['their heron', 'their egret', 'and now?']);
    expect(await find(theirs, 'egret', 0)).toEqual(['their heron']);
    await store.turns.endWithoutReply(theirs, null);
  });
});
