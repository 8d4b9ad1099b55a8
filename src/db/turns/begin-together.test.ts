import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { allowanceOf, setLimits } from '../../testing/allowances.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { newKey, newSession, newStep, newTurn, openStore } from '../../testing/new-turns.ts';
import type { Database } from '../database.ts';
import type { Owner, SessionKey } from '../owner.ts';
import { chatMessages, chatSessions, chatTurns } from '../schema.ts';
import type { Store } from '../store.ts';
import type { NewTurn } from './change-turns.ts';

onEachDatabase('turns that begin at once', (open, onServer) => {
  let database: Database;
  let store: Store;
  let owner: Owner;
  beforeAll(async () => {
    ({ database, store, owner } = await openStore(open));
  });

  const sessions = (count: number) =>
    Promise.all(Array.from({ length: count }, () => newSession(store, owner)));
  const messagesOf = ({ session }: SessionKey) =>
    database.db
      .select()
      .from(chatMessages)
      .where(eq(chatMessages.sessionId, session))
      .orderBy(chatMessages.seq);
  const sessionOf = async ({ session }: SessionKey) =>
    (await database.db.select().from(chatSessions).where(eq(chatSessions.id, session)))[0];
  const turnsOf = ({ session }: SessionKey) =>
    database.db.select().from(chatTurns).where(eq(chatTurns.sessionId, session)).orderBy(chatTurns.seq);
  /** Begins all of them and says what each became. */
  const beginAll = async (turns: NewTurn[]) =>
    (await Promise.all(turns.map((turn) => store.turns.begin(turn)))).map((begun) => {
      if (begun === undefined) return 'no session';
      if (begun === 'not begun') return begun;
      if ('limit' in begun) return begun.limit;
      return begun.running ? 'running' : 'queued';
    });
  const count = (results: unknown[], what: string) => results.filter((one) => one === what).length;

  test('are each stored whole, in a session of their own', async () => {
    const all = await sessions(40);
    const turns = all.map((session, n) => ({
      ...newTurn(newKey(session), `message "${n}" \\ 你好 😀`, { before: 3 }),
      agent: n % 2 ? 'assistant' : `agent ${n}`,
      ...(n % 3 ? {} : { idempotency: { key: `key ${n}`, requestHash: `hash ${n}` } }),
    }));
    const first = await Promise.all(turns.map((turn) => store.turns.begin(turn)));
    for (const [n, turn] of turns.entries()) {
      const { message } = turn;
      expect(first[n]).toMatchObject({
        seq: 1,
        replySeq: 2,
        replyId: turn.replyId,
        agent: turn.agent,
      } as never);
      expect(first[n]).toMatchObject({
        running: true,
        limited: false,
        keyId: null,
        agentState: null,
      } as never);
      expect(first[n]).toMatchObject({ tail: [{ seq: 1, content: message.content }] } as never);
      const [stored] = await messagesOf(turn);
      const { id, source, type, content, metadata, modelsUsage } = message;
      expect(stored).toMatchObject({
        ownerId: owner,
        seq: 1,
        role: 'user',
        id,
        source,
        type,
        content,
        metadata,
      } as never);
      expect(stored?.modelsUsage).toEqual(modelsUsage);
      expect(await turnsOf(turn)).toMatchObject([
        {
          id: turn.turn,
          status: 'running',
          lease: turn.lease,
          idempotencyKey: turn.idempotency?.key ?? null,
          requestHash: turn.idempotency?.requestHash ?? null,
        } as never,
      ]);
      expect(await sessionOf(turn)).toMatchObject({
        name: message.content,
        lastSeq: 2,
        messageCount: 1,
        runningLease: turn.lease,
        queuedTurns: 0,
      } as never);
    }
    await Promise.all(
      turns.map((turn) => store.turns.complete(turn, 'completed', newStep(`reply to ${turn.turn}`), false)),
    );
    const second = await Promise.all(
      turns.map((turn) => store.turns.begin(newTurn(newKey(turn), `again ${turn.turn}`, { before: 1 }))),
    );
    for (const [n, turn] of turns.entries()) {
      const tail = [`reply to ${turn.turn}`, `again ${turn.turn}`].map((content) => ({ content }));
      expect(second[n]).toMatchObject({ seq: 3, replySeq: 4, tail } as never);
      expect((await sessionOf(turn))?.name).toBe(turn.message.content);
    }
  });

  test('in one session run one after the other, and under one key there is one', async () => {
    const [same, keyed, ...others] = await sessions(10);
    if (!same || !keyed) throw new Error('there are ten');
    const idempotency = { key: 'once', requestHash: 'x' };
    const results = await beginAll([
      ...Array.from({ length: 4 }, () => newTurn(newKey(same), 'hi')),
      ...Array.from({ length: 3 }, () => newTurn(newKey(keyed), 'hi', { idempotency })),
      ...others.map((session) => newTurn(newKey(session), 'hi')),
    ]);
    const ofSame = results.slice(0, 4);
    expect([count(ofSame, 'running'), count(ofSame, 'queued')]).toEqual([1, 3]);
    const ofKeyed = results.slice(4, 7);
    expect([count(ofKeyed, 'running'), count(ofKeyed, 'not begun')]).toEqual([1, 2]);
    expect(results.slice(7)).toEqual(others.map(() => 'running'));
    expect((await messagesOf(same)).map(({ seq }) => seq)).toEqual([1, 3, 5, 7]);
    expect((await messagesOf(keyed)).map(({ seq }) => seq)).toEqual([1]);
    expect(await sessionOf(same)).toMatchObject({ lastSeq: 8, messageCount: 4, queuedTurns: 3 });
  });

  test('what cannot begin does not take the others with it', async () => {
    const all = await sessions(9);
    const turns = all.map((session) => newTurn(newKey(session), 'hi'));
    const results = await Promise.allSettled(
      turns.map((turn, n) => {
        if (n === 3) return store.turns.begin({ ...turn, session: randomUUID() });
        if (n === 4) return store.turns.begin({ ...turn, owner: owner + 1_000_000 });
        if (n === 5) return store.turns.begin({ ...turn, message: { ...turn.message, content: 'a\u0000b' } });
        return store.turns.begin(turn);
      }),
    );
    for (const [n, result] of results.entries()) {
      expect([n, result.status]).toEqual([n, n === 5 ? 'rejected' : 'fulfilled']);
      if (result.status === 'fulfilled')
        expect([n, result.value === undefined]).toEqual([n, n === 3 || n === 4]);
    }
    for (const [n, session] of all.entries())
      expect([n, (await turnsOf(session)).length]).toEqual([n, n >= 3 && n <= 5 ? 0 : 1]);
  });

  onServer('a session that somebody has locked holds up none but its own turn', async () => {
    const all = await sessions(12);
    const locked = all.filter((_, n) => n % 4 === 0);
    const begun: SessionKey[] = [];
    let beginning: Promise<unknown> | undefined;
    await database.db.transaction(async (transaction) => {
      for (const { session } of locked)
        await transaction.select().from(chatSessions).where(eq(chatSessions.id, session)).for('update');
      beginning = Promise.all(
        all.map((session) =>
          store.turns.begin(newTurn(newKey(session), 'hi')).then(() => begun.push(session)),
        ),
      );
      const deadline = performance.now() + 10_000;
      while (begun.length < all.length - locked.length && performance.now() < deadline) await Bun.sleep(5);
      expect(new Set(begun)).toEqual(new Set(all.filter((session) => !locked.includes(session))));
      const [next] = await sessions(1);
      if (next) expect(await beginAll([newTurn(newKey(next), 'hi')])).toEqual(['running']);
    });
    await beginning;
    for (const session of all) expect(await turnsOf(session)).toMatchObject([{ status: 'running' }]);
  });

  for (const [limits, most] of [
    [{ running_turns: 20 }, 20],
    [{ turns_per_day: 21 }, 20],
    [{ turns_per_day: 1000, running_turns: 1000 }, 50],
    // A turn of which nothing is known holds 100 tokens; the first one has used none.
    [{ tokens_per_day: 1950 }, 20],
    // And 100 millionths of its price.
    [{ cost_per_month: 0.00195 }, 20],
  ] as const)
    test(`are let in up to ${JSON.stringify(limits)}`, async () => {
      const theirs = await openStore(async () => database);
      await setLimits(database, theirs.owner, limits);
      const turn = async () => ({
        ...newTurn(newKey(await newSession(theirs.store, theirs.owner)), 'hi'),
        expected: {
          promptTokens: 0,
          contextMessages: 0,
          contextTokens: 0,
          replyTokens: 100,
          promptPrice: 1,
          completionPrice: 1,
        },
      });
      // What applies is found out by the first one.
      const first = await turn();
      await theirs.store.turns.begin(first);
      await theirs.store.turns.complete(first, 'completed', newStep('x'), false);
      const turns = await Promise.all(Array.from({ length: 50 }, turn));
      const results = await Promise.all(turns.map((one) => theirs.store.turns.begin(one)));
      const begun = turns.filter((_, n) => {
        const result = results[n];
        return result && result !== 'not begun' && !('limit' in result);
      });
      expect(begun).toHaveLength(most);
      for (const result of results)
        if (result && result !== 'not begun' && 'limit' in result)
          expect(Object.keys(limits)).toContain(result.limit);
      const counted = await allowanceOf(database, theirs.owner);
      expect(counted).toMatchObject({ running: most, turns: most + 1, reservedTokens: most * 100 });
      await Promise.all(
        begun.map((one) => theirs.store.turns.complete(one, 'completed', newStep('x'), false)),
      );
      expect(await allowanceOf(database, theirs.owner)).toMatchObject({
        running: 0,
        reservedTokens: 0,
        reservedCost: 0,
      });
    });
});
