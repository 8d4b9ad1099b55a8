import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { onEachDatabase } from '../../testing/databases.ts';
import {
  agents,
  begin as beginIn,
  newKey as newKeyIn,
  newPiece,
  newSession as newSessionOf,
  newStep,
  newTurn,
  nobody,
  openStore,
  type TurnOptions,
} from '../../testing/new-turns.ts';
import { newOwner } from '../../testing/owners.ts';
import { leaseSeconds, longestQueue, mostInterruptions } from '../../words/turn-limits.ts';
import type { Database } from '../database.ts';
import type { Owner } from '../owner.ts';
import { chatSessions, chatTurnEvents, chatTurns } from '../schema.ts';
import { createStore, type Store } from '../store.ts';
import type { TurnKey } from './turn-name.ts';

const reply = (content: string) =>
  newStep(content, { modelsUsage: { prompt_tokens: 1, completion_tokens: 2 } });

const reason = { 'zh-CN': '原因', en: 'reason' };

onEachDatabase('turns', (open, onServer) => {
  let database: Database;
  let store: Store;
  let owner: Owner;
  beforeAll(async () => {
    ({ database, store, owner } = await openStore(open));
  });

  const newSession = async () => (await newSessionOf(store, owner)).session;
  const mine = (session: string) => ({ owner, session });
  const newKey = (session: string) => newKeyIn(mine(session));
  const begin = (key: TurnKey, content = 'hi', options: TurnOptions = {}) =>
    beginIn(store, key, content, options);

  async function counters(session: string) {
    const [row] = await database.db
      .select({ lease: chatSessions.runningLease, queued: chatSessions.queuedTurns })
      .from(chatSessions)
      .where(eq(chatSessions.id, session));
    return row;
  }

  for (const order of ['claim first', 'end first'] as const) {
    // One connection cannot wait for itself.
    onServer(`a queued turn that is claimed and ended at once is one or the other (${order})`, async () => {
      const session = await newSession();
      const [first, second] = [newKey(session), newKey(session)];
      await begin(first);
      await begin(second);
      await store.turns.complete(first, 'completed', reply('one'), true);
      const claim = () => store.turns.claim(second, 3);
      const end = () => store.turns.endWithoutReply(second, { code: 'interrupted' });
      let both: Promise<boolean[]> | undefined;
      await database.db.transaction(async (tx) => {
        await tx.select().from(chatSessions).where(eq(chatSessions.id, session)).for('update');
        const one = order === 'claim first' ? claim() : end();
        await waiting(1);
        const other = order === 'claim first' ? end() : claim();
        await waiting(2);
        both = Promise.all([one, other]);
      });
      await both;
      const row = await store.turns.find(second);
      const lease = row?.status === 'running' ? second.lease : null;
      expect(['running', 'failed']).toContain(row?.status ?? '');
      expect(await counters(session)).toEqual({ lease, queued: 0 });
    });
  }

  /** Until so many statements wait for the row that a test holds. */
  async function waiting(count: number) {
    const blocked = () =>
      database.db.$count(
        sql`pg_stat_activity`,
        sql`wait_event_type = 'Lock' and datname = current_database() and query like '%chat_sessions%'`,
      );
    while ((await blocked()) < count) await Bun.sleep(5);
  }

  test('the first turn runs, the next are queued, and each claims its place in order', async () => {
    const session = await newSession();
    const [first, second, third] = [newKey(session), newKey(session), newKey(session)];
    expect(await begin(first)).toMatchObject({ seq: 1, replySeq: 2, step: 0, running: true });
    expect(await begin(second)).toMatchObject({ seq: 3, replySeq: 4, running: false });
    expect(await begin(third)).toMatchObject({ seq: 5, running: false });
    expect(await store.turns.claim(second, 3)).toBe(false);
    expect(await store.turns.complete(first, 'completed', reply('one'), true)).toBeDefined();
    expect(await store.turns.claim(third, 5)).toBe(false);
    expect(await store.turns.claim(second, 3)).toBe(true);
    // Asked again after a connection broke behind the commit, it is still so, and counted once.
    expect(await store.turns.claim(second, 3)).toBe(true);
    expect(await counters(session)).toEqual({ lease: second.lease, queued: 1 });
    expect(await store.turns.complete(second, 'completed', reply('two'), true)).toBeDefined();
    expect(await store.turns.claim(third, 5)).toBe(true);
    expect(await store.turns.endWithoutReply(third, { code: 'internal' })).toBe(true);
    const { rows } = await store.messages.page(mine(session), 100, 0);
    expect(rows.map((row) => row.content)).toEqual(['hi', 'one', 'hi', 'two', 'hi']);
    expect(rows.map(({ seq, step }) => [seq, step])).toEqual([1, 2, 3, 4, 5].map((seq) => [seq, 0]));
    expect(await store.sessions.find(mine(session))).toMatchObject({ messageCount: 5, name: 'hi' });
  });

  test('a turn that comes while others still wait in line does not jump the queue', async () => {
    const session = await newSession();
    const [first, second, third] = [newKey(session), newKey(session), newKey(session)];
    await begin(first);
    await begin(second);
    await store.turns.complete(first, 'completed', reply('one'), true);
    expect(await begin(third)).toMatchObject({ running: false });
    expect(await store.turns.claim(second, 3)).toBe(true);
  });

  test('who lost the lease can write no more', async () => {
    const session = await newSession();
    const key = newKey(session);
    await begin(key);
    const late = { ...key, lease: randomUUID() };
    expect(await store.turns.complete(late, 'completed', reply('late'), true)).toBeUndefined();
    expect(await store.turns.endWithoutReply(late, { code: 'internal' })).toBe(false);
    expect(await store.turns.complete(key, 'completed', reply('right'), true)).toBeDefined();
    expect(await store.turns.complete(key, 'completed', reply('twice'), true)).toBeUndefined();
    const { rows } = await store.messages.page(mine(session), 100, 0);
    expect(rows.map((row) => row.content)).toEqual(['hi', 'right']);
  });

  test('twenty messages at once get twenty places, one of them running', async () => {
    const session = await newSession();
    const begun = await Promise.all(Array.from({ length: 20 }, () => begin(newKey(session))));
    expect(begun.map((turn) => turn?.seq ?? 0).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => 2 * n + 1),
    );
    expect(begun.filter((turn) => turn?.running)).toHaveLength(1);
  });

  test('a failed turn keeps what was streamed; one that was queued gives its place up', async () => {
    const session = await newSession();
    const [first, second] = [newKey(session), newKey(session)];
    await begin(first);
    await begin(second);
    expect(await store.turns.endWithoutReply(second, { code: 'interrupted' })).toBe(true);
    expect(await store.turns.endWithoutReply(second, { code: 'interrupted' })).toBe(false);
    await store.turns.endWithoutReply(
      first,
      { code: 'model_failed', reason },
      { source: 'helper', thought: 'th', content: 'half' },
    );
    expect(await store.events.partial(first)).toEqual({ source: 'helper', thought: 'th', content: 'half' });
    expect(await store.turns.find(first)).toMatchObject({
      status: 'failed',
      error: { code: 'model_failed', reason },
      reply: null,
    });
    expect(await begin(newKey(session))).toMatchObject({ running: true });
  });

  const expire = (key: TurnKey) =>
    database.db
      .update(chatTurns)
      .set({ leaseUntil: sql`now() - interval '1 second'` })
      .where(eq(chatTurns.id, key.turn));
  const abandoned = () => store.leases.abandoned(agents, false);
  const piece = (key: TurnKey, attempt: number, position: number, content: string) =>
    newPiece(key, { attempt, position }, content);

  test('abandoned turns are those whose lease ran out, and a renewed one is not', async () => {
    const key = newKey(await newSession());
    await begin(key);
    expect(await abandoned()).toEqual([]);
    await expire(key);
    expect(await abandoned()).toEqual([{ ...key, attempt: 1 }]);
    expect(await store.leases.hold([key.lease, randomUUID()])).toEqual(
      new Map([[key.lease, { cancel: false }]]),
    );
    expect(await abandoned()).toEqual([]);
    await store.leases.release([key.lease]);
    expect(await abandoned()).toEqual([{ ...key, attempt: 1 }]);
    await store.turns.endWithoutReply(key, null);
  });

  test('a lease is renewed only when it is no longer fresh', async () => {
    const key = newKey(await newSession());
    await begin(key);
    const until = async () => {
      const [row] = await database.db
        .select({ left: sql<number>`extract(epoch from lease_until - now())::float8`, xmin: sql`xmin::text` })
        .from(chatTurns)
        .where(eq(chatTurns.id, key.turn));
      return row;
    };
    const before = await until();
    await store.leases.hold([key.lease]);
    expect((await until())?.xmin).toBe(before?.xmin);
    await database.db
      .update(chatTurns)
      .set({ leaseUntil: sql`now() + interval '1 second'` })
      .where(eq(chatTurns.id, key.turn));
    await store.leases.hold([key.lease]);
    expect((await until())?.left).toBeGreaterThan(leaseSeconds - 2);
    await store.turns.endWithoutReply(key, null);
  });

  test('a turn is taken over once, and the slow run can write neither its end nor its pieces', async () => {
    const session = await newSession();
    const slow = newKey(session);
    await begin(slow);
    await store.events.append([piece(slow, 1, 1, 'old')]);
    await expire(slow);
    const [from] = await abandoned();
    if (!from) throw new Error('not abandoned');
    const leases = Array.from({ length: 5 }, () => randomUUID());
    const taken = await Promise.all(
      leases.map((lease) => store.leases.takeOver(from, { lease, replyId: randomUUID() }, false)),
    );
    const winner = taken.findIndex((one) => one !== undefined);
    expect(taken.filter((one) => one !== undefined)).toEqual([
      expect.objectContaining({ running: true, seq: 1, attempt: 2, cancel: false, last: false }),
    ]);
    await store.events.append([piece(slow, 1, 2, 'late')]);
    expect(await store.turns.complete(slow, 'completed', reply('late'), true)).toBeUndefined();
    expect(await store.turns.endWithoutReply(slow, null)).toBe(false);
    const again = { ...slow, lease: leases[winner] ?? '' };
    await store.events.append([piece(again, 2, 1, 'new ')]);
    await store.events.append([piece(again, 2, 1, 'new '), piece(again, 2, 2, 'text')]);
    expect(await store.events.partial(slow)).toEqual({
      source: 'assistant',
      thought: '',
      content: 'new text',
    });
    expect(await store.turns.complete(again, 'completed', reply('right'), true)).toBeDefined();
    expect((await store.turns.find(slow))?.reply).toMatchObject({ seq: 2, attempt: 2, content: 'right' });
    expect(await store.events.partial(slow)).toEqual({ source: undefined, thought: '', content: '' });
  });

  test('a turn that was interrupted too often, or is to be cancelled, is taken over for its end', async () => {
    const session = await newSession();
    const key = newKey(session);
    await begin(key);
    let { lease } = key;
    const takeOver = async (attempt: number) => {
      const from = { ...key, lease, attempt };
      lease = randomUUID();
      return store.leases.takeOver(from, { lease, replyId: randomUUID() }, false);
    };
    for (let attempt = 1; attempt < mostInterruptions; attempt++) {
      await expire(key);
      expect(await takeOver(attempt)).toMatchObject({ attempt: attempt + 1, last: false, cancel: false });
    }
    // Let go by a process that stops: nobody was interrupted.
    await store.leases.release([lease]);
    expect(await takeOver(mostInterruptions)).toMatchObject({ attempt: mostInterruptions + 1, last: false });
    await expire(key);
    expect(await takeOver(mostInterruptions + 1)).toMatchObject({ last: true, cancel: false });
    await store.turns.endWithoutReply({ ...key, lease }, { code: 'interrupted' });
    // Asked for again, it may be interrupted as often again.
    lease = randomUUID();
    await store.turns.retry({ ...key, lease }, agents, randomUUID());
    await expire(key);
    expect(await takeOver(mostInterruptions + 3)).toMatchObject({ last: false });
    await store.turns.requestCancel(key);
    await expire(key);
    expect(await takeOver(mostInterruptions + 4)).toMatchObject({ last: true, cancel: true });
    await store.turns.endWithoutReply({ ...key, lease }, null);
  });

  test('a queued turn changes hands in its place, without another attempt', async () => {
    const session = await newSession();
    const [first, second] = [newKey(session), newKey(session)];
    await begin(first);
    await begin(second);
    expect(await store.leases.next([first.lease, second.lease])).toEqual([]);
    await expire(second);
    const lease = randomUUID();
    expect(
      await store.leases.takeOver({ ...second, attempt: 1 }, { lease, replyId: randomUUID() }, false),
    ).toMatchObject({
      running: false,
      attempt: 1,
      last: false,
    });
    await store.turns.complete(first, 'completed', reply('one'), true);
    expect(await store.leases.next([second.lease, lease])).toEqual([lease]);
    expect(await store.turns.claim(second, 3)).toBe(false);
    expect(await store.turns.claim({ ...second, lease }, 3)).toBe(true);
    await store.turns.endWithoutReply({ ...second, lease }, null);
  });

  test('one key begins one turn, however many ask at once, and nothing else changes', async () => {
    const session = await newSession();
    const idempotency = { key: 'k', requestHash: 'h' };
    const begun = await Promise.all(
      Array.from({ length: 8 }, () => store.turns.begin(newTurn(newKey(session), 'hi', { idempotency }))),
    );
    expect(begun.filter((one) => one !== 'not begun')).toHaveLength(1);
    expect(await store.turns.findByKey(mine(session), 'k')).toMatchObject({ requestHash: 'h' });
    expect(await store.turns.findByKey(mine(session), 'other')).toBeUndefined();
    expect(await counters(session)).toMatchObject({ queued: 0 });
    expect(await store.sessions.find(mine(session))).toMatchObject({ messageCount: 1 });
  });

  test('an interrupting turn cancels what ran before it, and never itself', async () => {
    const session = await newSession();
    const [first, second] = [newKey(session), newKey(session)];
    await begin(first);
    await begin(second);
    await store.turns.complete(first, 'completed', reply('one'), true);
    await store.turns.claim(second, 3);
    expect(await store.turns.requestCancelBefore(mine(session), 3)).toBeUndefined();
    expect(await store.turns.requestCancelBefore(mine(session), 5)).toBe(second.turn);
    await store.turns.endWithoutReply(second, { code: 'internal' });
    // Tried again, it is not cancelled for what was asked of the first try.
    const again = { ...second, lease: randomUUID() };
    await store.turns.retry(again, agents, randomUUID());
    expect(await store.leases.hold([again.lease])).toEqual(new Map([[again.lease, { cancel: false }]]));
    await store.turns.endWithoutReply(again, { code: 'internal' });
    // And it finds the line as full as a new turn would.
    await begin(newKey(session));
    for (let n = 0; n < longestQueue; n++) await begin(newKey(session));
    expect(await store.turns.retry({ ...second, lease: randomUUID() }, agents, randomUUID())).toBeUndefined();
  });

  test('a turn brings the messages before it, as many as are asked for', async () => {
    const session = await newSession();
    const [first, second, third, queued] = [0, 1, 2, 3].map(() => newKey(session)) as [
      TurnKey,
      TurnKey,
      TurnKey,
      TurnKey,
    ];
    expect(await begin(first, 'one', { before: 9 })).toMatchObject({ tail: [{ seq: 1, content: 'one' }] });
    await store.turns.complete(first, 'completed', { ...reply('1'), thought: 'why' }, false);
    const text = { step: 0, type: 'TextMessage', data: null };
    expect((await begin(second, 'two', { before: 9 })).tail).toEqual([
      { ...text, seq: 1, role: 'user', source: 'user', content: 'one', thought: null },
      { ...text, seq: 2, role: 'assistant', source: 'assistant', content: '1', thought: 'why' },
      { ...text, seq: 3, role: 'user', source: 'user', content: 'two', thought: null },
    ]);
    expect((await begin(queued, 'too early', { before: 9 })).tail).toBeUndefined();
    await store.turns.endWithoutReply(queued, null);
    await store.turns.endWithoutReply(second, { code: 'internal' });
    const { tail } = await begin(third, 'three', { before: 2 });
    expect(tail?.map(({ content }) => content)).toEqual(['two', 'too early', 'three']);
    await database.db.update(chatSessions).set({ agentStateSeq: 3 }).where(eq(chatSessions.id, session));
    await store.turns.complete(third, 'completed', reply('3'), false);
    const after = await begin(newKey(session), 'four', { before: 9 });
    expect(after.tail?.map(({ content }) => content)).toEqual(['too early', 'three', '3', 'four']);
  });

  onServer(
    'messages that were added while the session was waited for are not missing: the turn brings none',
    async () => {
      const session = await newSession();
      const first = newKey(session);
      await begin(first, 'one');
      let second: ReturnType<typeof begin> | undefined;
      await database.db.transaction(async (tx) => {
        await tx.select().from(chatSessions).where(eq(chatSessions.id, session)).for('update');
        second = begin(newKey(session), 'two', { before: 9 });
        await waiting(1);
        const inside = createStore({ ...database, db: tx } as Database);
        await inside.turns.complete(first, 'completed', reply('1'), false);
      });
      expect(await second).toMatchObject({ running: true, tail: undefined });
    },
  );

  test('a turn that may not wait is not begun in a busy session, and the line has an end', async () => {
    const session = await newSession();
    await begin(newKey(session));
    expect(await store.turns.begin(newTurn(newKey(session), 'no', { mayWait: false }))).toBe('not begun');
    for (let n = 0; n < longestQueue; n++) await begin(newKey(session));
    expect(await store.turns.begin(newTurn(newKey(session), 'too many'))).toBe('not begun');
    expect(await store.sessions.find(mine(session))).toMatchObject({ messageCount: 1 + longestQueue });
  });

  test('a piece that is stored beside the end of its turn is not told twice', async () => {
    const key = newKey(await newSession());
    await begin(key);
    await store.events.append([piece(key, 1, 1, 'ha')]);
    await store.turns.endWithoutReply(
      key,
      { code: 'internal' },
      { source: 'assistant', thought: '', content: 'half' },
    );
    // Its statement saw the turn as it was before.
    await database.db.insert(chatTurnEvents).values({
      ownerId: owner,
      sessionId: key.session,
      turnId: key.turn,
      attempt: 1,
      position: 2,
      event: 'ModelClientStreamingChunkEvent',
      content: 'lf',
    });
    expect(await store.events.partial(key)).toEqual({ source: 'assistant', thought: '', content: 'half' });
  });

  test('pieces of a session that is deleted meanwhile are left out, and the others are stored', async () => {
    const [gone, kept] = [newKey(await newSession()), newKey(await newSession())];
    await begin(gone);
    await begin(kept);
    await store.sessions.delete(gone, nobody);
    await store.events.append([piece(gone, 1, 1, 'x'), piece(kept, 1, 1, 'y')]);
    expect(await store.events.partial(kept)).toEqual({ source: 'assistant', thought: '', content: 'y' });
    const followed = [gone, kept].map((key) => ({ ...key, step: 0, attempt: 1, position: 0 }));
    const nameOnly = ({ lease: _, ...name }: TurnKey) => name;
    expect(await store.events.progress(followed)).toEqual(
      expect.arrayContaining([
        { name: nameOnly(gone), status: null, step: null, attempt: null, piece: undefined },
        {
          name: nameOnly(kept),
          status: 'running',
          step: 0,
          attempt: 1,
          piece: { position: 1, event: 'ModelClientStreamingChunkEvent', source: 'assistant', content: 'y' },
        },
      ]),
    );
    expect(await store.events.progress([{ ...kept, step: 0, attempt: 1, position: 1 }])).toEqual([]);
  });

  test('another owner sees nothing of it', async () => {
    const session = await newSession();
    await begin(newKey(session));
    const other = await newOwner(database);
    const theirs = { owner: other, session };
    const { sessions, turns, messages } = store;
    expect(await sessions.find(theirs)).toBeUndefined();
    expect(await sessions.list(other, { limit: 10, offset: 0 })).toEqual({ sessions: [], next: undefined });
    expect(await turns.begin({ ...newTurn(newKey(session), 'x'), owner: other })).toBeUndefined();
    expect(await sessions.update(theirs, { name: 'theirs' })).toBeUndefined();
    expect(await sessions.delete(theirs, nobody)).toBe(false);
    expect(await messages.sessionExists(theirs)).toBe(false);
    expect((await turns.list(theirs, { limit: 10 })).rows).toEqual([]);
    expect((await messages.page(theirs, 10, 0)).rows).toEqual([]);
  });

  test('two callers who need a first session make only one', async () => {
    const nobody = await newOwner(database);
    const empty = () => ({
      id: randomUUID(),
      name: undefined,
      defaultName: 'New',
      metadata: {},
      agentState: null,
    });
    const all = await Promise.all(
      Array.from({ length: 8 }, () => store.sessions.newestOrCreate(nobody, empty())),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
  });
});
