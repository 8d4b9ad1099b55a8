import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import { onEachDatabase } from '../../testing/databases.ts';
import {
  askingTurn,
  decidedEntry,
  idsOf,
  newCall,
  outwait,
  takeOverIn,
  waitingTurn,
} from '../../testing/new-calls.ts';
import { agents, begin, newKey, newStep, nobody, openStore, runningTurn } from '../../testing/new-turns.ts';
import { expireLeases } from '../../testing/two-apps.ts';
import type { Database } from '../database.ts';
import type { Owner } from '../owner.ts';
import { chatAudit, chatSessions, chatTurns } from '../schema.ts';
import type { Store } from '../store.ts';
import type { NewCall } from './call-parts.ts';
import type { Deciding } from './calls.ts';
import type { TurnKey } from './turn-name.ts';

onEachDatabase('turns that wait for a person', (open, onServer) => {
  let database: Database;
  let store: Store;
  let owner: Owner;
  beforeAll(async () => {
    ({ database, store, owner } = await openStore(open));
  });

  const hour = { seconds: 3600, spent: null };
  const write = (more: Partial<NewCall> = {}) => newCall('write', { needsApproval: true, ...more });
  const waiting = (...calls: NewCall[]) => waitingTurn(store, owner, calls);
  const approve: Deciding = { decision: 'approve', by: 'ann' };
  const decide = (key: TurnKey, { id }: { id: string }, deciding: Deciding = approve) =>
    store.calls.decide(key, id, deciding, { ...decidedEntry(owner), target: id });
  const callsOf = (key: TurnKey) => store.calls.ofTurn(key);
  async function rows({ session, turn }: TurnKey) {
    const { db } = database;
    const [ofSession] = await db.select().from(chatSessions).where(eq(chatSessions.id, session));
    const [ofTurn] = await db
      .select()
      .from(chatTurns)
      .where(and(eq(chatTurns.ownerId, owner), eq(chatTurns.id, turn)));
    return { session: ofSession, turn: ofTurn };
  }
  const held = { session: { runningLease: null, waitingTurn: expect.any(String) } };

  test('a turn waits with its calls and is held by nobody, while the queue stays closed behind it', async () => {
    const call = write();
    const key = await askingTurn(store, owner, [newCall('read'), call]);
    const waits = await store.calls.wait(key, 0, [call.id], hour);
    expect(waits).toMatchObject([{ id: call.id, approvalId: call.id, status: 'waiting', position: 1 }]);
    const [asked] = Array.isArray(waits) ? waits : [];
    const { expiresAt, requestedAt } = asked ?? {};
    expect(Number(expiresAt) - Number(requestedAt)).toBeGreaterThanOrEqual(3_600_000);
    expect(await rows(key)).toMatchObject({
      session: { runningLease: null, waitingTurn: key.turn },
      turn: { status: 'waiting', lease: null, leaseUntil: null, step: 1, attempt: 1, interruptions: 0 },
    });
    // Who had no answer asks again.
    expect(await store.calls.wait(key, 0, [call.id], hour)).toEqual(waits);
    expect((await callsOf(key)).map(({ status }) => status)).toEqual(['requested', 'waiting']);

    const second = newKey(key);
    expect(await begin(store, second, 'then?')).toMatchObject({ running: false });
    expect(await store.turns.claim(second, 3)).toBe(false);
    expect(await store.leases.hold([key.lease])).toEqual(new Map());
    expect((await store.leases.abandoned(agents, true)).map(({ turn }) => turn)).not.toContain(key.turn);
    expect(await store.calls.start(key, 0, idsOf(await callsOf(key)))).toEqual([]);
    expect(await store.turns.settle(key, 1, newStep('late'))).toBeUndefined();
    expect(await store.turns.complete(key, 'completed', newStep('late'), false)).toBeUndefined();
    expect(await store.turns.endWithoutReply(key, null)).toBe(false);
    await store.sessions.delete(key, nobody);
  });

  test('none waits that is to be cancelled, is lost, or has calls that do not wait', async () => {
    const call = write();
    const other = newCall('read');
    const key = await askingTurn(store, owner, [call, other]);
    const before = await rows(key);
    const unchanged = async () => {
      expect(await rows(key)).toMatchObject({
        session: before.session,
        turn: { status: 'running' },
      } as object);
      expect((await callsOf(key))[0]?.status).toBe('requested');
    };
    expect(await store.calls.wait({ ...key, lease: randomUUID() }, 0, [call.id], hour)).toBeUndefined();
    await expect(store.calls.wait(key, 0, [], hour)).rejects.toThrow('cannot wait');
    await expect(store.calls.wait(key, 0, [call.id, randomUUID()], hour)).rejects.toThrow('cannot wait');
    await expect(store.calls.wait(key, 1, [call.id], hour)).rejects.toThrow('cannot wait');
    await unchanged();
    // What is being made would have nobody to tell its result.
    await store.calls.start(key, 0, [other.id]);
    await expect(store.calls.wait(key, 0, [call.id], hour)).rejects.toThrow('cannot wait');
    await store.calls.finish(key, 0, other.id, { result: '', isError: false });
    await expect(store.calls.wait(key, 0, [call.id, other.id], hour)).rejects.toThrow('cannot wait');
    await unchanged();
    await store.turns.requestCancel(key);
    expect(await store.calls.wait(key, 0, [call.id], hour)).toBe('cancel');
    await unchanged();
    await store.turns.endWithoutReply(key, null);
    expect(await store.calls.wait(key, 0, [call.id], hour)).toBeUndefined();
  });

  test('the last decision lets the turn go on, in whichever process, without a loss', async () => {
    const [yes, no, answered] = [write(), write(), write()];
    const key = await waiting(yes, no, answered);
    await database.db.update(chatTurns).set({ interruptions: 2 }).where(eq(chatTurns.id, key.turn));
    const given = '{"q":"y"}';
    expect(await decide(key, yes, { ...approve, arguments: given })).toMatchObject({
      was: 'decided',
      goesOn: false,
      call: { status: 'approved', givenArguments: given, decision: 'approve', decidedBy: 'ann', said: null },
    });
    expect(await decide(key, no, { decision: 'deny', reason: 'not now', by: 'bob' })).toMatchObject({
      was: 'decided',
      goesOn: false,
      call: { status: 'denied', said: 'not now', result: null, finishedAt: expect.any(Date) },
    });
    expect(await rows(key)).toMatchObject(held);
    expect(await takeOverIn(store, key)).toBeUndefined();
    expect(await decide(key, answered, { decision: 'answer', answer: '42', by: 'ann' })).toMatchObject({
      was: 'decided',
      goesOn: true,
      call: { status: 'finished', said: '42', result: '42', isError: false },
    });
    const released = await rows(key);
    expect(released).toMatchObject({
      session: { waitingTurn: null, runningLease: released.turn?.lease },
      turn: { status: 'running', lease: expect.any(String), leaseUntil: null },
    });
    expect(released.turn?.lease).not.toBe(key.lease);
    const second = newKey(key);
    await begin(store, second);
    expect(await store.turns.claim(second, 3)).toBe(false);
    const next = await takeOverIn(store, key);
    if (!next) throw new Error('not taken over');
    // To wait is no interruption.
    expect((await rows(key)).turn).toMatchObject({
      status: 'running',
      attempt: 1,
      interruptions: 2,
      step: 1,
    });
    expect(await store.calls.start(next, 0, idsOf([yes, no, answered]))).toMatchObject([
      { id: yes.id, givenArguments: given },
    ]);
    await store.calls.finish(next, 0, yes.id, { result: 'done', isError: false });
    expect(await store.turns.settle(next, 1, newStep('results'))).toBeDefined();
    expect(await store.turns.complete(next, 'completed', newStep('all done'), true)).toBeDefined();
    expect(await store.turns.claim(second, 3)).toBe(true);
    await store.turns.endWithoutReply(second, null);
  });

  test('a decision is made once, and told as it was to whoever decides again', async () => {
    const [call, other] = [write(), write()];
    const key = await waiting(call, other);
    const given: Deciding = { ...approve, arguments: '{}' };
    await decide(key, call, given);
    const first = (await callsOf(key))[0];
    if (!first) throw new Error('there is one');
    expect(await decide(key, call, { ...given, by: 'bob' })).toEqual({
      call: first,
      was: 'again',
      goesOn: false,
    });
    const others: Deciding[] = [
      approve,
      { ...approve, arguments: '{"q":1}' },
      { decision: 'deny', by: 'ann' },
      { decision: 'answer', answer: '', by: 'ann' },
    ];
    for (const another of others)
      expect(await decide(key, call, another)).toEqual({ call: first, was: 'conflict', goesOn: false });
    expect(await callsOf(key)).toMatchObject([first, { status: 'waiting' }] as object);
    const audit = await database.db.select().from(chatAudit).where(eq(chatAudit.target, call.id));
    expect(audit).toMatchObject([{ ownerId: owner, actor: 'ann', action: 'approval.decided' }]);

    await decide(key, other, { decision: 'deny', reason: 'no', by: 'ann' });
    expect(await decide(key, other, { decision: 'deny', reason: 'no', by: 'ann' })).toMatchObject({
      was: 'again',
    });
    expect(await decide(key, other, { decision: 'deny', by: 'ann' })).toMatchObject({ was: 'conflict' });
    await store.sessions.delete(key, nobody);
  });

  test('nothing is decided of what does not wait, or is another’s', async () => {
    const [asked, other] = [write(), newCall('read')];
    const key = await askingTurn(store, owner, [asked, other]);
    expect(await decide(key, asked)).toBeUndefined();
    await store.calls.wait(key, 0, [asked.id], hour);
    expect(await decide(key, other)).toBeUndefined();
    expect(await decide(key, { id: randomUUID() })).toBeUndefined();
    expect(await decide({ ...key, owner: owner + 1_000_000 }, asked)).toBeUndefined();
    expect(await decide({ ...key, session: randomUUID() }, asked)).toBeUndefined();
    expect(await decide({ ...key, turn: (await waiting(write())).turn }, asked)).toBeUndefined();
    expect((await callsOf(key))[0]).toMatchObject({ status: 'waiting' });
    await store.sessions.delete(key, nobody);
  });

  test('of decisions that are made at once, each counts once, and the turn goes on with the last', async () => {
    for (let round = 0; round < 10; round++) {
      const calls = [write(), write(), write()];
      const key = await waiting(...calls);
      const ends = await Promise.all([
        ...calls.map((call) => decide(key, call)),
        ...calls.map((call) => decide(key, call, { decision: 'deny', by: 'bob' })),
      ]);
      const was = ends.map((end) => end?.was).sort();
      expect(was).toEqual(['conflict', 'conflict', 'conflict', 'decided', 'decided', 'decided']);
      expect(ends.filter((end) => end?.goesOn)).toHaveLength(1);
      expect((await rows(key)).turn).toMatchObject({ status: 'running', leaseUntil: null });
      const next = await takeOverIn(store, key);
      expect(next).toBeDefined();
      if (next) await store.turns.endWithoutReply(next, null);
    }
  });

  test('what waited too long is denied, and its turn goes on', async () => {
    const [late, early, alone] = [write(), write(), write()];
    const both = await waiting(late, early);
    const single = await waiting(alone);
    const still = await waiting(write());
    await database.db.execute(
      sql`update chat_tool_calls set expires_at = now() - interval '1 second' where id = ${late.id}`,
    );
    await outwait(database, single);
    const { lease: _, ...name } = single;
    expect(await store.calls.expire()).toEqual([name]);
    expect(await store.calls.expire()).toEqual([]);
    expect(await callsOf(single)).toMatchObject([
      { status: 'denied', decision: 'deny', decidedBy: null, finishedAt: expect.any(Date) },
    ]);
    expect((await callsOf(both)).map(({ status }) => status)).toEqual(['denied', 'waiting']);
    for (const key of [both, still]) expect(await rows(key)).toMatchObject(held);
    expect(await decide(single, alone)).toMatchObject({ was: 'conflict', call: { decidedBy: null } });
    expect(await decide(single, alone, { decision: 'deny', by: 'ann' })).toMatchObject({ was: 'again' });
    expect(await decide(both, early)).toMatchObject({ was: 'decided', goesOn: true });
    for (const key of [both, single]) {
      const next = await takeOverIn(store, key);
      expect((await rows(key)).turn).toMatchObject({ attempt: 1, interruptions: 0 });
      if (next) await store.turns.endWithoutReply(next, null);
    }
    await store.sessions.delete(still, nobody);
  });

  test('a decision comes too late once the time is over, though nobody has looked', async () => {
    const call = write();
    const key = await waiting(call);
    await outwait(database, key);
    expect(await decide(key, call)).toMatchObject({
      was: 'conflict',
      call: { status: 'denied', decision: 'deny', decidedBy: null },
    });
    expect((await rows(key)).turn).toMatchObject({ status: 'running', leaseUntil: null });
    expect(await database.db.select().from(chatAudit).where(eq(chatAudit.target, call.id))).toEqual([]);
    await store.sessions.delete(key, nobody);
  });

  onServer('a session that somebody has locked holds up no expiry but its own', async () => {
    const [locked, free] = [await waiting(write()), await waiting(write())];
    for (const key of [locked, free]) await outwait(database, key);
    await database.db.transaction(async (tx) => {
      await tx.execute(sql`select 1 from chat_sessions where id = ${locked.session} for update`);
      expect((await store.calls.expire()).map(({ turn }) => turn)).toEqual([free.turn]);
    });
    expect((await store.calls.expire()).map(({ turn }) => turn)).toEqual([locked.turn]);
    for (const key of [locked, free]) await store.sessions.delete(key, nobody);
  });

  test('of a call that a lost run had started a person is asked, under another id each time', async () => {
    const call = write();
    const key = await waiting(call);
    await decide(key, call, { ...approve, arguments: '{"q":2}' });
    let run = await takeOverIn(store, key);
    if (!run) throw new Error('not taken over');
    expect(await store.calls.start(run, 0, [call.id])).toHaveLength(1);
    await expireLeases(database, key.session);
    run = await takeOverIn(store, key);
    if (!run) throw new Error('not taken over');
    const waits = await store.calls.wait(run, 0, [call.id], hour);
    const [again] = Array.isArray(waits) ? waits : [];
    expect(again).toMatchObject({
      id: call.id,
      status: 'waiting',
      // What may have been made is what is asked about.
      arguments: '{"q":2}',
      givenArguments: null,
      decision: null,
      decidedBy: null,
      startedAt: expect.any(Date),
    });
    expect(again?.approvalId).not.toBe(call.id);
    // What was said of the first time, and comes once more, is not said of this.
    expect(await decide(key, call, { ...approve, arguments: '{"q":2}' })).toBeUndefined();
    const second = { id: again?.approvalId ?? '' };
    expect(await decide(key, second)).toMatchObject({
      was: 'decided',
      goesOn: true,
      call: { status: 'approved', arguments: '{"q":2}', givenArguments: null },
    });
    expect(await decide(key, second)).toMatchObject({ was: 'again' });
    expect(await decide(key, second, { ...approve, arguments: '{"q":2}' })).toMatchObject({
      was: 'conflict',
    });
    const last = await takeOverIn(store, key);
    if (!last) throw new Error('not taken over');
    expect(await store.calls.start(last, 0, [call.id])).toMatchObject([{ id: call.id }]);
    await store.turns.endWithoutReply(last, null);
  });

  test('two that answer otherwise are not both heard, also where it is asked again', async () => {
    const call = write();
    const key = await waiting(call);
    await decide(key, call, { ...approve, arguments: '{"q":2}' });
    const run = await takeOverIn(store, key);
    if (!run) throw new Error('not taken over');
    await store.calls.start(run, 0, [call.id]);
    await expireLeases(database, key.session);
    const next = await takeOverIn(store, key);
    const waits = next && (await store.calls.wait(next, 0, [call.id], hour));
    const second = { id: Array.isArray(waits) ? (waits[0]?.approvalId ?? '') : '' };
    expect(await decide(key, second, { ...approve, arguments: '{"q":3}' })).toMatchObject({ was: 'decided' });
    expect(await decide(key, second)).toMatchObject({ was: 'conflict' });
    expect(await decide(key, second, { ...approve, arguments: '{"q":3}' })).toMatchObject({ was: 'again' });
    await store.sessions.delete(key, nobody);
  });

  test('one that is cancelled ends at once with what it has settled, and the queue goes on', async () => {
    const [call, approved] = [write(), write()];
    const key = await waiting(call, approved);
    await decide(key, approved);
    const second = newKey(key);
    await begin(store, second);
    expect(await store.calls.cancelWaiting({ ...key, owner: owner + 1_000_000 })).toBe(false);
    expect(await store.calls.cancelWaiting(second)).toBe(false);
    expect(await store.calls.cancelWaiting(key)).toBe(true);
    expect(await store.calls.cancelWaiting(key)).toBe(false);
    expect(await rows(key)).toMatchObject({
      session: { waitingTurn: null, runningLease: null, queuedTurns: 1 },
      turn: { status: 'cancelled', finishedAt: expect.any(Date), countedSteps: 1, error: null },
    });
    expect(await store.turns.find(key)).toMatchObject({ status: 'cancelled', settled: [{}], reply: null });
    expect((await callsOf(key)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(await decide(key, call)).toMatchObject({ was: 'conflict', call: { status: 'cancelled' } });
    expect(await store.leases.next([second.lease])).toEqual([second.lease]);
    expect(await store.turns.claim(second, 3)).toBe(true);
    await store.turns.endWithoutReply(second, null);
    const running = await runningTurn(store, owner);
    expect(await store.calls.cancelWaiting(running)).toBe(false);
    await store.turns.endWithoutReply(running, null);
  });

  test('of a decision, an expiry and a cancel that come at once, one is done', async () => {
    for (let round = 0; round < 10; round++) {
      const call = write();
      const key = await waiting(call);
      if (round % 2 === 0) await outwait(database, key);
      const [decided, , cancelled] = await Promise.all([
        decide(key, call),
        store.calls.expire(),
        store.calls.cancelWaiting(key),
      ]);
      const { turn, session } = await rows(key);
      const [row] = await callsOf(key);
      expect(session?.waitingTurn).toBeNull();
      expect(decided?.was).toBe(row?.status === 'approved' ? 'decided' : 'conflict');
      expect(cancelled).toBe(turn?.status === 'cancelled');
      if (cancelled) expect(row?.status).toBe('cancelled');
      else {
        expect(turn).toMatchObject({ status: 'running', lease: session?.runningLease });
        expect(row?.status).toBe(round % 2 === 0 ? 'denied' : 'approved');
      }
      await store.sessions.delete(key, nobody);
    }
  });
});
