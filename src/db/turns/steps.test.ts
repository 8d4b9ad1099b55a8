import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import { onEachDatabase } from '../../testing/databases.ts';
import {
  agents,
  begin,
  newKey,
  newPiece,
  newStep,
  newTurn,
  nobody,
  openStore,
  runningTurn,
  type TurnOptions,
} from '../../testing/new-turns.ts';
import { mostInterruptions } from '../../words/turn-limits.ts';
import type { Database } from '../database.ts';
import type { Owner } from '../owner.ts';
import { chatMessages, chatSessions, chatTurnEvents, chatTurns } from '../schema.ts';
import type { Store } from '../store.ts';
import type { TurnKey } from './turn-name.ts';

onEachDatabase('the steps of a turn', (open) => {
  let database: Database;
  let store: Store;
  let owner: Owner;
  beforeAll(async () => {
    ({ database, store, owner } = await openStore(open));
  });

  const running = (options: TurnOptions = {}) => runningTurn(store, owner, options);

  const isOf = ({ owner, session }: TurnKey) =>
    and(eq(chatSessions.ownerId, owner), eq(chatSessions.id, session));
  const isTurn = ({ owner, turn }: TurnKey) => and(eq(chatTurns.ownerId, owner), eq(chatTurns.id, turn));

  /** All that is stored of a turn and its session. */
  async function stored(key: TurnKey) {
    const { db } = database;
    const { owner, session, turn } = key;
    const [ofSession] = await db.select().from(chatSessions).where(isOf(key));
    const [ofTurn] = await db.select().from(chatTurns).where(isTurn(key));
    if (!ofSession || !ofTurn) throw new Error('there is no such turn');
    return {
      session: ofSession,
      turn: ofTurn,
      messages: await db
        .select()
        .from(chatMessages)
        .where(and(eq(chatMessages.ownerId, owner), eq(chatMessages.sessionId, session)))
        .orderBy(chatMessages.seq, chatMessages.step),
      pieces: await db
        .select()
        .from(chatTurnEvents)
        .where(and(eq(chatTurnEvents.ownerId, owner), eq(chatTurnEvents.turnId, turn))),
    };
  }

  const expire = (key: TurnKey) =>
    database.db.update(chatTurns).set({ leaseUntil: sql`now() - interval '1 second'` }).where(isTurn(key));

  /** As a turn that asks somebody leaves it. */
  async function wait(key: TurnKey) {
    const waits = { status: sql`'waiting'`, lease: null, leaseUntil: null };
    await database.db.update(chatTurns).set(waits).where(isTurn(key));
    const { turn } = key;
    await database.db.update(chatSessions).set({ runningLease: null, waitingTurn: turn }).where(isOf(key));
  }

  async function takeOver(key: TurnKey, attempt: number) {
    await expire(key);
    const to = { lease: randomUUID(), replyId: randomUUID() };
    return {
      key: { ...key, lease: to.lease },
      taken: await store.leases.takeOver({ ...key, attempt }, to, false),
    };
  }

  test('one that settles is stored, and the next is open, while the turn goes on in its place', async () => {
    const key = await running();
    const second = newKey(key);
    await begin(store, second, 'later');
    await store.events.append([newPiece(key, { attempt: 1, position: 1 }, 'look')]);
    await database.db.update(chatTurns).set({ interruptions: 2 }).where(isTurn(key));
    const before = await stored(key);
    expect(before.pieces).toHaveLength(1);

    const said = newStep('looked it up', {
      source: 'helper',
      thought: 'hm',
      modelsUsage: { prompt_tokens: 3, completion_tokens: 4 },
      metadata: { tool: 'search' },
    });
    const settled = await store.turns.settle(key, 0, said);
    const after = await stored(key);
    const message = after.messages[1];
    expect(message).toEqual({
      ...said,
      ownerId: owner,
      sessionId: key.session,
      seq: 2,
      step: 0,
      attempt: 1,
      role: 'assistant',
      type: 'TextMessage',
      data: null,
      createdAt: settled?.createdAt ?? new Date(0),
    });
    expect(after.pieces).toEqual([]);
    // The lease, its time and the status are what they were.
    expect(after.turn).toEqual({ ...before.turn, step: 1, interruptions: 0 });
    const { updatedAt } = after.session;
    expect(after.session).toEqual({ ...before.session, messageCount: 3, updatedAt });
    expect(after.session).toMatchObject({ runningLease: key.lease, queuedTurns: 1, lastSeq: 4 });
    expect(await store.turns.find(key)).toMatchObject({
      status: 'running',
      step: 1,
      settled: [{ id: said.id, step: 0 }],
      reply: null,
    });
    expect(await store.turns.claim(second, 3)).toBe(false);
    expect(await store.leases.hold([key.lease])).toEqual(new Map([[key.lease, { cancel: false }]]));
    await store.turns.endWithoutReply(key, null);
  });

  test('one that is settled is not settled again, nor one that is not open', async () => {
    const key = await running();
    const said = newStep('once');
    const both = await Promise.all([0, 1].map(() => store.turns.settle(key, 0, said)));
    expect(both.filter((one) => one !== undefined)).toHaveLength(1);
    const before = await stored(key);
    expect(await store.turns.settle(key, 0, said)).toBeUndefined();
    expect(await store.turns.settle(key, 0, newStep('other'))).toBeUndefined();
    expect(await store.turns.settle(key, 2, newStep('too far'))).toBeUndefined();
    expect(await stored(key)).toEqual(before);
    expect(before).toMatchObject({ turn: { step: 1 }, session: { messageCount: 2 } });
    await store.turns.endWithoutReply(key, null);
  });

  test('none settles for a run that does not hold the turn', async () => {
    const key = await running();
    const queued = newKey(key);
    await begin(store, queued);
    const before = await stored(key);
    const late = { ...key, lease: randomUUID() };
    expect(await store.turns.settle(late, 0, newStep('late'))).toBeUndefined();
    expect(await store.turns.settle(queued, 0, newStep('early'))).toBeUndefined();
    expect(await stored(key)).toEqual(before);
    await store.turns.complete(key, 'completed', newStep('done'), false);
    const ended = await stored(key);
    expect(await store.turns.settle(key, 0, newStep('late'))).toBeUndefined();
    expect(await stored(key)).toEqual(ended);
  });

  test('a piece of a settled step is not stored, and one that was stored beside is not told', async () => {
    const key = await running();
    await store.turns.settle(key, 0, newStep('whole'));
    await store.events.append([newPiece(key, { attempt: 1, position: 1 }, 'late')]);
    expect((await stored(key)).pieces).toEqual([]);
    // Its statement saw the turn as it was before.
    const { db } = database;
    const late = { attempt: 1, position: 1, event: 'ModelClientStreamingChunkEvent', content: 'late' };
    await db
      .insert(chatTurnEvents)
      .values({ ownerId: owner, sessionId: key.session, turnId: key.turn, step: 0, ...late });
    const at = { ...key, attempt: 1, position: 0 };
    const { lease: _, ...name } = key;
    const turn = { name, status: 'running', step: 1, attempt: 1 } as const;
    expect(await store.events.progress([{ ...at, step: 0 }])).toEqual([{ ...turn, piece: undefined }]);
    expect(await store.events.progress([{ ...at, step: 1 }])).toEqual([]);
    expect(await store.events.partial(key)).toEqual({ source: undefined, thought: '', content: '' });
    await store.events.append([newPiece(key, { step: 1, attempt: 1, position: 1 }, 'next')]);
    const { event, source } = newPiece(key, { attempt: 1, position: 1 }, '');
    expect(await store.events.progress([{ ...at, step: 1 }])).toEqual([
      { ...turn, piece: { position: 1, event, source, content: 'next' } },
    ]);
    expect(await store.events.partial(key)).toEqual({ source, thought: '', content: 'next' });
    await store.turns.endWithoutReply(key, null);
  });

  test('who takes the turn over, or tries it again, goes on at the open step', async () => {
    const replyId = randomUUID();
    const key = await running({ replyId });
    await store.turns.settle(key, 0, newStep('first'));
    const over = await takeOver(key, 1);
    const goesOn = { seq: 1, replySeq: 2, replyId, agent: 'assistant', step: 1, running: true };
    expect(over.taken).toMatchObject({ ...goesOn, attempt: 2, last: false });
    expect(await store.turns.settle(key, 1, newStep('late'))).toBeUndefined();
    expect(await store.turns.settle(over.key, 1, newStep('second'))).toBeDefined();
    const half = { source: 'helper', thought: '', content: 'half' };
    expect(await store.turns.endWithoutReply(over.key, { code: 'internal' }, half)).toBe(true);
    expect(await store.events.partial(key)).toEqual(half);
    expect(await store.turns.find(key)).toMatchObject({
      status: 'failed',
      step: 2,
      settled: [
        { content: 'first', step: 0, attempt: 1 },
        { content: 'second', step: 1, attempt: 2 },
      ],
      reply: null,
    });
    const again = { ...key, lease: randomUUID() };
    expect(await store.turns.retry(again, agents, randomUUID())).toMatchObject({
      ...goesOn,
      step: 2,
      attempt: 3,
    });
    expect((await stored(key)).pieces).toEqual([]);
    await store.turns.complete(again, 'completed', newStep('third', { id: replyId }), true);
    const { messages } = await stored(key);
    expect(messages.map(({ content, attempt }) => [content, attempt])).toEqual([
      ['hi', null],
      ['first', 1],
      ['second', 2],
      ['third', 3],
    ]);
  });

  test('a turn of the last version gets an id for its reply when it is run again, and keeps it', async () => {
    const key = await running();
    await database.db.update(chatTurns).set({ replyId: null }).where(isTurn(key));
    const first = await takeOver(key, 1);
    expect(first.taken?.replyId).toEqual(expect.any(String));
    const second = await takeOver(first.key, 2);
    expect(second.taken?.replyId).toBe(first.taken?.replyId ?? '');
    await store.turns.endWithoutReply(second.key, { code: 'internal' });
    await database.db.update(chatTurns).set({ replyId: null }).where(isTurn(key));
    const replyId = randomUUID();
    const again = { ...key, lease: randomUUID() };
    expect(await store.turns.retry(again, agents, replyId)).toMatchObject({ replyId });
    await store.turns.endWithoutReply(again, null);
  });

  test('each step may be interrupted as often as another', async () => {
    let key = await running();
    let attempt = 0;
    const interrupt = async () => {
      const over = await takeOver(key, ++attempt);
      key = over.key;
      return over.taken?.last;
    };
    for (let n = 1; n < mostInterruptions; n++) expect(await interrupt()).toBe(false);
    await store.turns.settle(key, 0, newStep('after all'));
    for (let n = 1; n < mostInterruptions; n++) expect(await interrupt()).toBe(false);
    expect(await interrupt()).toBe(true);
    await store.turns.endWithoutReply(key, { code: 'interrupted' });
  });

  test('the reply stands behind the settled steps, at one place with them', async () => {
    const replyId = randomUUID();
    const key = await running({ replyId });
    await store.turns.settle(key, 0, newStep('first'));
    await store.turns.settle(key, 1, newStep('second'));
    // One alone and one among others go different ways.
    const others = await Promise.all([0, 1, 2].map(() => running()));
    await Promise.all([
      ...others.map((other) => store.turns.complete(other, 'completed', newStep('x'), false)),
      store.turns.complete(key, 'completed', newStep('third', { id: replyId }), true),
    ]);
    for (const other of others)
      expect((await stored(other)).messages[1]).toMatchObject({ seq: 2, step: 0, content: 'x' });
    const after = await stored(key);
    expect(after.session).toMatchObject({ messageCount: 4, lastSeq: 2, runningLease: null });
    expect(after.messages[3]).toMatchObject({ id: replyId, seq: 2, step: 2, attempt: 1 });
    expect(await store.turns.find(key)).toMatchObject({
      status: 'completed',
      step: 2,
      settled: [{ content: 'first' }, { content: 'second' }],
      reply: { id: replyId, content: 'third' },
    });
    const listed = await store.turns.list(key, { limit: 10 });
    expect(listed.rows).toMatchObject([{ userMessage: { content: 'hi' }, reply: { content: 'third' } }]);

    // In their order for all who read.
    const order = ['hi', 'first', 'second', 'third'];
    const texts = (rows: { content: string }[]) => rows.map(({ content }) => content);
    expect(texts((await store.messages.page(key, 10, 0)).rows)).toEqual(order);
    expect(texts((await store.messages.page(key, 2, 1)).rows)).toEqual(['first', 'second']);
    expect(texts((await store.messages.page(key, 1, 1)).rows)).toEqual(['first']);
    const place = await store.messages.placeOf(key, replyId);
    expect(place).toEqual({ seq: 2, step: 2 });
    if (place)
      expect(texts((await store.messages.pageBefore(key, place, 2)).rows)).toEqual(['first', 'second']);
    const next = newKey(key);
    const { tail } = await begin(store, next, 'and?', { before: 3 });
    expect(texts(tail ?? [])).toEqual(['first', 'second', 'third', 'and?']);
    await store.turns.endWithoutReply(next, null);
  });

  test('a turn that waits keeps the queue closed, is given to nobody and can be cancelled', async () => {
    const key = await running();
    await store.turns.settle(key, 0, newStep('may I?'));
    const { db } = database;
    await wait(key);

    const second = newKey(key);
    expect(await begin(store, second, 'then?')).toMatchObject({ running: false, seq: 3 });
    expect(await store.turns.begin(newTurn(newKey(key), 'no', { mayWait: false }))).toBe('not begun');
    expect(await store.turns.claim(second, 3)).toBe(false);
    expect(await store.leases.next([key.lease, second.lease])).toEqual([]);
    expect(await store.leases.hold([key.lease])).toEqual(new Map());
    await expire(second);
    const abandoned = await store.leases.abandoned(agents, true);
    const ofSession = abandoned.filter(({ session }) => session === key.session);
    expect(ofSession.map(({ turn }) => turn)).toEqual([second.turn]);
    expect((await takeOver(key, 1)).taken).toBeUndefined();

    // Its run holds it no more.
    expect(await store.turns.settle(key, 1, newStep('late'))).toBeUndefined();
    expect(await store.turns.complete(key, 'completed', newStep('late'), false)).toBeUndefined();
    expect(await store.turns.endWithoutReply(key, null)).toBe(false);

    for (const status of [sql`'running'`, sql`'waiting'`]) {
      const another = db.update(chatTurns).set({ status }).where(isTurn(second));
      await expect(another.execute()).rejects.toMatchObject({ cause: { code: '23505' } });
    }
    const seen = { ...key, step: 1, attempt: 1, position: 0 };
    expect(await store.events.progress([{ ...seen, waits: true }])).toEqual([]);
    expect(await store.events.progress([{ ...seen, waits: false }])).toMatchObject([
      { status: 'waiting', step: 1 },
    ]);
    expect(await store.turns.find(key)).toMatchObject({ status: 'waiting', settled: [{}], reply: null });

    expect((await stored(key)).turn.cancelRequestedAt).toBeNull();
    expect(await store.turns.requestCancel(key)).toBe(true);
    expect((await stored(key)).turn.cancelRequestedAt).toBeInstanceOf(Date);
    await store.sessions.delete(key, nobody);
  });

  test('a failed turn that is tried again queues behind one that waits', async () => {
    const failed = await running();
    await store.turns.endWithoutReply(failed, { code: 'internal' });
    const key = newKey(failed);
    await begin(store, key);
    await wait(key);
    const again = { ...failed, lease: randomUUID() };
    expect(await store.turns.retry(again, agents, randomUUID())).toMatchObject({ running: false });
    expect(await store.turns.claim(again, 1)).toBe(false);
    await store.sessions.delete(key, nobody);
  });

  test('turns of agents that are not known here are neither taken over nor tried again', async () => {
    const key = await running({ agent: 'other' });
    await expire(key);
    const found = async (known: string[], all: boolean) =>
      (await store.leases.abandoned(known, all)).filter(({ turn }) => turn === key.turn).length;
    for (const all of [false, true]) {
      expect(await found(agents, all)).toBe(0);
      expect(await found([], all)).toBe(0);
      expect(await found([...agents, 'other'], all)).toBe(1);
    }
    await store.turns.endWithoutReply(key, { code: 'internal' });
    const again = { ...key, lease: randomUUID() };
    expect(await store.turns.retry(again, agents, randomUUID())).toBeUndefined();
    expect(await store.turns.find(key)).toMatchObject({ status: 'failed', attempt: 1 });
    expect(await store.turns.retry(again, ['other'], randomUUID())).toMatchObject({ agent: 'other' });
    await store.turns.endWithoutReply(again, null);
  });
});
