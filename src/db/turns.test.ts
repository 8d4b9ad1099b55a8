import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { onEachDatabase } from '../testing/databases.ts';
import type { Database } from './database.ts';
import { chatSessions, chatTurns } from './schema.ts';
import { createStore, type Store } from './store.ts';
import type { TurnKey } from './turns.ts';

const message = (content: string) => ({
  id: randomUUID(),
  source: 'user',
  type: 'TextMessage',
  content,
  modelsUsage: null,
  metadata: { n: 1 },
});
const reply = (content: string) => ({
  id: randomUUID(),
  source: 'assistant',
  content,
  thought: null,
  modelsUsage: { prompt_tokens: 1, completion_tokens: 2 },
  metadata: {},
});

const reason = { 'zh-CN': '原因', en: 'reason' };

onEachDatabase('turns', (open) => {
  let database: Database;
  let store: Store;
  beforeAll(async () => {
    database = await open();
    store = createStore(database, randomUUID());
  });

  async function newSession(): Promise<string> {
    const id = randomUUID();
    await store.sessions.create({ id, name: undefined, defaultName: 'New', metadata: {}, agentState: null });
    return id;
  }
  const newKey = (session: string): TurnKey => ({ session, turn: randomUUID(), lease: randomUUID() });
  const begin = (key: TurnKey, content = 'hi', name = content) =>
    store.turns.begin({ ...key, message: message(content), name });

  async function counters(session: string) {
    const [row] = await database.db
      .select({ lease: chatSessions.runningLease, queued: chatSessions.queuedTurns })
      .from(chatSessions)
      .where(eq(chatSessions.id, session));
    return row;
  }

  for (const order of ['claim first', 'end first'] as const) {
    test(`a queued turn that is claimed and ended at once is one or the other (${order})`, async () => {
      // One connection cannot wait for itself.
      if (database.kind === 'embedded') return;
      const session = await newSession();
      const [first, second] = [newKey(session), newKey(session)];
      await begin(first);
      await begin(second);
      await store.turns.complete(first, 'completed', reply('one'));
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
      const row = await store.turns.find(session, second.turn);
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
    expect(await begin(first)).toMatchObject({ seq: 1, running: true });
    expect(await begin(second)).toMatchObject({ seq: 3, running: false });
    expect(await begin(third)).toMatchObject({ seq: 5, running: false });
    expect(await store.turns.claim(second, 3)).toBe(false);
    expect(await store.turns.complete(first, 'completed', reply('one'))).toMatchObject({ seq: 2 });
    expect(await store.turns.claim(third, 5)).toBe(false);
    expect(await store.turns.claim(second, 3)).toBe(true);
    // Asked again after a connection broke behind the commit, it is still so, and counted once.
    expect(await store.turns.claim(second, 3)).toBe(true);
    expect(await counters(session)).toEqual({ lease: second.lease, queued: 1 });
    expect(await store.turns.complete(second, 'completed', reply('two'))).toMatchObject({ seq: 4 });
    expect(await store.turns.claim(third, 5)).toBe(true);
    expect(await store.turns.endWithoutReply(third, { code: 'internal' })).toBe(true);
    const rows = await store.messages.page(session, 100, 0);
    expect(rows.map((row) => row.content)).toEqual(['hi', 'one', 'hi', 'two', 'hi']);
    expect(await store.sessions.find(session)).toMatchObject({ messageCount: 5, name: 'hi' });
  });

  test('a turn that comes while others still wait in line does not jump the queue', async () => {
    const session = await newSession();
    const [first, second, third] = [newKey(session), newKey(session), newKey(session)];
    await begin(first);
    await begin(second);
    await store.turns.complete(first, 'completed', reply('one'));
    expect(await begin(third)).toMatchObject({ running: false });
    expect(await store.turns.claim(second, 3)).toBe(true);
  });

  test('who lost the lease can write no more', async () => {
    const session = await newSession();
    const key = newKey(session);
    await begin(key);
    const late = { ...key, lease: randomUUID() };
    expect(await store.turns.complete(late, 'completed', reply('late'))).toBeUndefined();
    expect(await store.turns.endWithoutReply(late, { code: 'internal' })).toBe(false);
    expect(await store.turns.complete(key, 'completed', reply('right'))).toBeDefined();
    expect(await store.turns.complete(key, 'completed', reply('twice'))).toBeUndefined();
    const rows = await store.messages.page(session, 100, 0);
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
      { thought: 'th', content: 'half' },
    );
    expect(await store.turns.partial(session, first.turn)).toEqual({ thought: 'th', content: 'half' });
    expect(await store.turns.find(session, first.turn)).toMatchObject({
      status: 'failed',
      error: { code: 'model_failed', reason },
      reply: null,
    });
    expect(await begin(newKey(session))).toMatchObject({ running: true });
  });

  test('abandoned turns are those whose lease ran out, and a renewed one is not', async () => {
    const session = await newSession();
    const key = newKey(session);
    await begin(key);
    const mine = async () => (await store.turns.abandoned(false)).filter((turn) => turn.session === session);
    expect(await mine()).toEqual([]);
    await database.db
      .update(chatTurns)
      .set({ leaseUntil: sql`now() - interval '1 second'` })
      .where(sql`id = ${key.turn}`);
    expect(await mine()).toEqual([key]);
    expect(await store.turns.renew([key.lease, randomUUID()])).toEqual(
      new Map([[key.lease, { cancel: false }]]),
    );
    expect(await mine()).toEqual([]);
  });

  test('another owner sees nothing of it', async () => {
    const session = await newSession();
    await begin(newKey(session));
    const other = createStore(database, randomUUID());
    expect(await other.sessions.find(session)).toBeUndefined();
    expect(await other.sessions.list({ limit: 10, offset: 0 })).toEqual({ sessions: [], next: undefined });
    expect(await other.turns.begin({ ...newKey(session), message: message('x'), name: 'x' })).toBeUndefined();
    expect(await other.sessions.update(session, { name: 'theirs' })).toBeUndefined();
    expect(await other.sessions.delete(session)).toBe(false);
    expect(await other.messages.sessionExists(session)).toBe(false);
    expect(await other.turns.list({ sessionId: session, limit: 10 })).toEqual([]);
    expect(await other.messages.page(session, 10, 0)).toEqual([]);
  });

  test('two callers who need a first session make only one', async () => {
    const nobody = createStore(database, randomUUID());
    const empty = () => ({
      id: randomUUID(),
      name: undefined,
      defaultName: 'New',
      metadata: {},
      agentState: null,
    });
    const ids = await Promise.all(Array.from({ length: 8 }, () => nobody.sessions.newestOrCreate(empty())));
    expect(new Set(ids).size).toBe(1);
  });
});
