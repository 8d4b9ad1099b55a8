import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { eq, getTableName, sql } from 'drizzle-orm';
import { onEachDatabase } from '../../testing/databases.ts';
import { newPiece, openStore, newStep as reply, runningTurn } from '../../testing/new-turns.ts';
import type { Database } from '../database.ts';
import type { Owner } from '../owner.ts';
import { chatMessages, chatSessions, chatTurnEvents, chatTurns } from '../schema.ts';
import type { Store } from '../store.ts';
import type { TurnKey } from './turn-name.ts';

onEachDatabase('completing turns', (open, onServer) => {
  let database: Database;
  let store: Store;
  let owner: Owner;
  beforeAll(async () => {
    ({ database, store, owner } = await openStore(open));
  });

  const begun = () => runningTurn(store, owner);
  const many = (count: number) => Promise.all(Array.from({ length: count }, begun));
  const storedReply = async ({ session }: TurnKey) =>
    (await database.db.select().from(chatMessages).where(eq(chatMessages.sessionId, session))).find(
      ({ role }) => role === 'assistant',
    );
  const statusOf = async ({ turn }: TurnKey) =>
    (await database.db.select().from(chatTurns).where(eq(chatTurns.id, turn)))[0]?.status;

  test('turns that end at once each get their own reply, whole', async () => {
    const keys = await many(50);
    const usage = { prompt_tokens: 3, completion_tokens: 4 };
    const summary = { type: 'ToolCallSummaryMessage', data: { results: [{ content: '"4\\2"' }] } };
    const replies = keys.map((_, n) =>
      n % 2 === 0
        ? reply(`reply "${n}" \\ 你好 😀`, n % 4 === 0 ? summary : {})
        : reply(`reply ${n}`, { thought: `thought ${n}`, modelsUsage: usage, metadata: { n } }),
    );
    const stored = await Promise.all(
      keys.map((key, n) =>
        store.turns.complete(key, n === 7 ? 'cancelled' : 'completed', replies[n] ?? reply(''), false),
      ),
    );
    for (const [n, key] of keys.entries()) {
      expect(await storedReply(key)).toEqual({
        type: 'TextMessage',
        data: null,
        ...replies[n],
        ownerId: owner,
        sessionId: key.session,
        seq: 2,
        step: 0,
        attempt: 1,
        role: 'assistant',
        createdAt: stored[n]?.createdAt,
      } as never);
      expect(await statusOf(key)).toBe(n === 7 ? 'cancelled' : 'completed');
      const [session] = await database.db.select().from(chatSessions).where(eq(chatSessions.id, key.session));
      expect(session).toMatchObject({ messageCount: 2, runningLease: null });
    }
    const bare = await database.db.execute(
      sql`select count(*)::int as n from chat_messages where models_usage = 'null'::jsonb or data = 'null'::jsonb`,
    );
    expect(JSON.stringify(bare)).toContain('"n":0');
  });

  test('pieces go with those that may have some', async () => {
    const keys = await many(4);
    await store.events.append(keys.map((key) => newPiece(key, { attempt: 1, position: 1 }, 'x')));
    await Promise.all(keys.map((key) => store.turns.complete(key, 'completed', reply('x'), true)));
    for (const { turn } of keys) {
      expect(await database.db.select().from(chatTurnEvents).where(eq(chatTurnEvents.turnId, turn))).toEqual(
        [],
      );
    }
  });

  test('one that is not this run’s any more is told so, and the others are completed', async () => {
    const keys = await many(10);
    const lost = keys.map((key, n) => (n % 3 === 0 ? { ...key, lease: randomUUID() } : key));
    const stored = await Promise.all(
      lost.map((key) => store.turns.complete(key, 'completed', reply('x'), false)),
    );
    for (const [n, key] of keys.entries()) {
      expect(stored[n] === undefined).toBe(n % 3 === 0);
      expect((await storedReply(key))?.seq).toBe(n % 3 === 0 ? undefined : 2);
      expect(await statusOf(key)).toBe(n % 3 === 0 ? 'running' : 'completed');
    }
  });

  test('of two runs of one turn only the one that holds it is told that its reply is stored', async () => {
    const keys = await many(3);
    const [held, ...others] = keys;
    if (!held) throw new Error('nothing was begun');
    const id = randomUUID();
    const both = [{ ...held, lease: randomUUID() }, held].map((key, n) =>
      store.turns.complete(key, 'completed', reply(n === 0 ? 'late' : 'good', { id }), false),
    );
    const rest = others.map((key) => store.turns.complete(key, 'completed', reply('x'), false));
    const [late, good] = await Promise.all(both);
    await Promise.all(rest);
    expect(late).toBeUndefined();
    expect(good).toBeDefined();
    expect((await storedReply(held))?.content).toBe('good');
  });

  test('one that the database refuses does not take the others with it', async () => {
    const keys = await many(10);
    const results = await Promise.allSettled(
      keys.map((key, n) => store.turns.complete(key, 'completed', reply(n === 5 ? 'a\u0000b' : 'x'), false)),
    );
    expect(results.map(({ status }) => status)).toEqual(
      keys.map((_, n) => (n === 5 ? 'rejected' : 'fulfilled')),
    );
    for (const [n, key] of keys.entries())
      expect(await statusOf(key)).toBe(n === 5 ? 'running' : 'completed');
  });

  test('a turn that is completed twice at once has one reply, and the others are completed with it', async () => {
    const keys = await many(6);
    const twice = keys[2] ?? (await begun());
    const same = reply('same');
    const stored = await Promise.all([
      ...keys.map((key) => store.turns.complete(key, 'completed', key === twice ? same : reply('x'), false)),
      store.turns.complete(twice, 'completed', same, false),
    ]);
    for (const one of stored) expect(one).toBeDefined();
    for (const key of keys) expect((await storedReply(key))?.seq).toBe(2);
    for (const key of keys) expect(await statusOf(key)).toBe('completed');
    expect((await storedReply(twice))?.content).toBe('same');
  });

  for (const table of [chatSessions, chatTurns])
    onServer(
      `what somebody has locked in ${getTableName(table)} holds up none but its own turn`,
      async () => {
        const keys = await many(12);
        const locked = keys.filter((_, n) => n % 4 === 0);
        const done: TurnKey[] = [];
        let completing: Promise<unknown> | undefined;
        await database.db.transaction(async (transaction) => {
          for (const { session, turn } of locked)
            await transaction
              .select()
              .from(table)
              .where(eq(table.id, table === chatTurns ? turn : session))
              .for('update');
          completing = Promise.all(
            keys.map((key) =>
              store.turns.complete(key, 'completed', reply('x'), false).then(() => done.push(key)),
            ),
          );
          const deadline = performance.now() + 10_000;
          while (done.length < keys.length - locked.length && performance.now() < deadline)
            await Bun.sleep(5);
          expect(new Set(done)).toEqual(new Set(keys.filter((key) => !locked.includes(key))));
          // And whoever comes while they wait.
          const next = await begun();
          expect(await store.turns.complete(next, 'completed', reply('x'), false)).toBeDefined();
        });
        await completing;
        for (const key of keys) expect(await statusOf(key)).toBe('completed');
      },
    );
});
