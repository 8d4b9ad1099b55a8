import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { onEachDatabase } from '../../testing/databases.ts';
import { askingTurn, idsOf, newCall, takeOverIn } from '../../testing/new-calls.ts';
import { newKey, newStep, nobody, openStore, runningTurn } from '../../testing/new-turns.ts';
import { expireLeases } from '../../testing/two-apps.ts';
import type { Database } from '../database.ts';
import type { Owner } from '../owner.ts';
import { chatMessages, chatToolCalls } from '../schema.ts';
import type { Store } from '../store.ts';
import type { NewCall } from './call-parts.ts';
import type { TurnKey } from './turn-name.ts';

onEachDatabase('the ledger of calls', (open) => {
  let database: Database;
  let store: Store;
  let owner: Owner;
  beforeAll(async () => {
    ({ database, store, owner } = await openStore(open));
  });

  const asking = (...calls: NewCall[]) => askingTurn(store, owner, calls);
  const statuses = async (key: TurnKey) => (await store.calls.ofTurn(key)).map(({ status }) => status);
  const result = (text: string) => ({ result: text, isError: false });
  /** Another run of the turn, because this one's process is gone. */
  async function lost(key: TurnKey): Promise<TurnKey> {
    await expireLeases(database, key.session);
    const next = await takeOverIn(store, key);
    if (!next) throw new Error('not taken over');
    return next;
  }

  test('a step is settled with the calls that it asks for, once', async () => {
    const key = await runningTurn(store, owner);
    const calls = [
      newCall('search'),
      newCall('write', { needsApproval: true, arguments: '{"你好":"\\\\😀"}' }),
    ];
    const said = newStep('', {
      type: 'ToolCallRequestEvent',
      data: { calls: [{ id: 'call_search' }] },
      thought: 'let me look',
    });
    const settled = await store.calls.settle(key, 0, said, calls);
    expect(settled?.createdAt).toBeInstanceOf(Date);
    const [, message] = await database.db
      .select()
      .from(chatMessages)
      .where(eq(chatMessages.sessionId, key.session))
      .orderBy(chatMessages.seq);
    expect(message).toMatchObject({ ...said, step: 0, attempt: 1 });
    expect(await store.turns.find(key)).toMatchObject({ step: 1, settled: [said], status: 'running' });
    const stored = await store.calls.ofTurn(key);
    expect(stored).toMatchObject(
      calls.map((call, position) => ({
        ...call,
        step: 0,
        position,
        approvalId: call.id,
        status: 'requested',
        lease: null,
        result: null,
        decision: null,
        startedAt: null,
      })),
    );
    expect(await store.calls.ofTurn(key, 0)).toEqual(stored);
    expect(await store.calls.ofTurn(key, 1)).toEqual([]);
    expect(await store.calls.settle(key, 0, said, calls)).toBeUndefined();
    expect(await store.calls.settle({ ...key, lease: randomUUID() }, 1, newStep('x'), [newCall('x')])).toBe(
      undefined,
    );
    expect(await store.calls.ofTurn(key)).toEqual(stored);
    await store.turns.endWithoutReply(key, null);
  });

  test('a call is started before it is made, finished by the run that started it, and both may be asked for again', async () => {
    const calls = [newCall('a'), newCall('b')];
    const [a, b] = idsOf(calls) as [string, string];
    const key = await asking(...calls);
    const started = await store.calls.start(key, 0, [b, a]);
    expect(started).toMatchObject([
      { id: a, status: 'started', lease: key.lease },
      { id: b, status: 'started', lease: key.lease },
    ]);
    expect(await store.calls.start(key, 0, [a, b])).toEqual(started);
    expect(await store.calls.finish(key, 0, a, result('42'))).toBe(true);
    // The first result stays.
    expect(await store.calls.finish(key, 0, a, result('43'))).toBe(true);
    expect(await store.calls.finish(key, 0, b, { result: '', isError: true })).toBe(true);
    expect(await store.calls.start(key, 0, [a, b])).toEqual([]);
    expect(await store.calls.ofTurn(key)).toMatchObject([
      { status: 'finished', result: '42', isError: false, finishedAt: expect.any(Date) },
      { status: 'finished', result: '', isError: true },
    ]);
    const results = newStep('42', { type: 'ToolCallExecutionEvent', data: { results: [{ content: '42' }] } });
    expect(await store.turns.settle(key, 1, results)).toBeDefined();
    expect(await store.turns.find(key)).toMatchObject({ step: 2, settled: [{}, results] });
    await store.turns.endWithoutReply(key, null);
  });

  test('none is started or finished by a run that does not hold the turn, nor finished that was not started', async () => {
    const call = newCall('a');
    const key = await asking(call);
    expect(await store.calls.finish(key, 0, call.id, result('early'))).toBe(false);
    const late = { ...key, lease: randomUUID() };
    expect(await store.calls.start(late, 0, [call.id])).toEqual([]);
    // Of another turn, or another step, there is no such call.
    expect(await store.calls.start(await asking(newCall('b')), 0, [call.id])).toEqual([]);
    expect(await store.calls.start(key, 1, [call.id])).toEqual([]);
    await store.calls.start(key, 0, [call.id]);
    expect(await store.calls.finish(late, 0, call.id, result('late'))).toBe(false);
    const next = await lost(key);
    expect(await store.calls.finish(key, 0, call.id, result('late'))).toBe(false);
    // Who took the turn over did not start it.
    expect(await store.calls.finish(next, 0, call.id, result('not mine'))).toBe(false);
    expect(await store.calls.start(next, 0, [call.id])).toEqual([]);
    expect(await store.calls.ofTurn(next)).toMatchObject([
      { status: 'started', lease: key.lease, result: null },
    ]);
    await store.turns.endWithoutReply(next, null);
  });

  test('of many who start a call at once one run gets it', async () => {
    const call = newCall('a');
    const key = await asking(call);
    const others = Array.from({ length: 8 }, () => ({ ...key, lease: randomUUID() }));
    const all = [...others, key];
    const started = await Promise.all(all.map((run) => store.calls.start(run, 0, [call.id])));
    expect(started.map((got) => got.length)).toEqual([...others.map(() => 0), 1]);
    await store.turns.endWithoutReply(key, null);
  });

  test('one that has to be approved is never started without', async () => {
    const call = newCall('write', { needsApproval: true });
    const key = await asking(call);
    expect(await store.calls.start(key, 0, [call.id])).toEqual([]);
    expect(await statuses(key)).toEqual(['requested']);
    await store.turns.endWithoutReply(key, null);
  });

  test('of those that a lost run had started it is said what they are to be', async () => {
    const calls = [newCall('again'), newCall('tell'), newCall('done'), newCall('not begun')];
    const [again, tell, done] = idsOf(calls) as [string, string, string];
    const key = await asking(...calls);
    await store.calls.start(key, 0, [again, tell, done]);
    await store.calls.finish(key, 0, done, result('done'));
    const fates = idsOf(calls).map((id) => (id === again ? { id } : { id, unknown: 'nobody knows' }));
    // Its own are not lost.
    expect(await store.calls.afterLostRun(key, 0, fates)).toBe(true);
    expect(await statuses(key)).toEqual(['started', 'started', 'finished', 'requested']);
    const next = await lost(key);
    expect(await store.calls.afterLostRun(key, 0, fates)).toBe(false);
    expect(await store.calls.afterLostRun(next, 0, fates)).toBe(true);
    const after = await store.calls.ofTurn(next);
    expect(after).toMatchObject([
      { status: 'requested', lease: null, result: null, startedAt: expect.any(Date) },
      { status: 'unknown', result: 'nobody knows', isError: true, finishedAt: expect.any(Date) },
      { status: 'finished', result: 'done', isError: false },
      { status: 'requested', startedAt: null },
    ]);
    expect(await store.calls.afterLostRun(next, 0, fates)).toBe(true);
    expect(await store.calls.ofTurn(next)).toEqual(after);
    const started = await store.calls.start(next, 0, idsOf(calls));
    expect(started.map(({ name, id }) => [name, id])).toEqual([
      ['again', again],
      ['not begun', calls[3]?.id ?? ''],
    ]);
    await store.turns.endWithoutReply(next, null);
  });

  test('a turn that is cancelled takes its calls along, and one that failed goes on with them', async () => {
    const cancelled = await asking(newCall('a'), newCall('b'));
    const [a] = await store.calls.ofTurn(cancelled);
    await store.calls.start(cancelled, 0, [a?.id ?? '']);
    await store.turns.endWithoutReply(cancelled, null);
    expect(await statuses(cancelled)).toEqual(['unknown', 'cancelled']);
    const failed = await asking(newCall('a'));
    await store.turns.endWithoutReply(failed, { code: 'internal' });
    expect(await statuses(failed)).toEqual(['requested']);
    const again = { ...failed, lease: randomUUID() };
    expect(await store.turns.retry(again, ['assistant'], randomUUID())).toMatchObject({ step: 1 });
    expect(await store.calls.start(again, 0, idsOf(await store.calls.ofTurn(again)))).toHaveLength(1);
    await store.turns.endWithoutReply(again, null);
  });

  test('calls go with their session', async () => {
    const key = await asking(newCall('a'));
    await store.sessions.delete(key, nobody);
    expect(
      await database.db.select().from(chatToolCalls).where(eq(chatToolCalls.sessionId, key.session)),
    ).toEqual([]);
  });

  test('another owner’s turn of the same name is another', async () => {
    const call = newCall('a');
    const key = await asking(call);
    const other = { ...newKey(key), owner: owner + 1_000_000 };
    expect(await store.calls.ofTurn({ ...key, owner: other.owner })).toEqual([]);
    expect(await store.calls.start({ ...key, owner: other.owner }, 0, [call.id])).toEqual([]);
    await store.turns.endWithoutReply(key, null);
  });

  test('what a step has beside its text is read with it, and counts for the size of a page', async () => {
    const key = await asking(newCall('a'));
    const large = { results: ['x'.repeat(5 * 1024 ** 2)] };
    for (const step of [1, 2])
      await store.turns.settle(key, step, newStep('', { type: 'ToolCallExecutionEvent', data: large }));
    const page = await store.messages.page(key, 10, 0, { events: true });
    expect(page.rows.map(({ type }) => type)).toEqual([
      'TextMessage',
      'ToolCallRequestEvent',
      'ToolCallExecutionEvent',
      'ToolCallExecutionEvent',
    ]);
    const [last] = page.rows.slice(-1);
    if (!last) throw new Error('there is one');
    const before = await store.messages.pageBefore(key, { ...last, step: 3 }, 10, { events: true });
    expect(before.rows.at(-1)?.data).toEqual(large);
    const bounded = await store.messages.page(key, 10, 0, { bytes: 6 * 1024 ** 2, events: true });
    expect({ count: bounded.rows.length, more: bounded.more }).toEqual({ count: 4, more: false });
    const tight = await store.messages.page(key, 10, 0, { bytes: 4 * 1024 ** 2, events: true });
    expect({ count: tight.rows.length, more: tight.more }).toEqual({ count: 3, more: true });
    const context = await store.messages.tail(key, { after: 0, upTo: 100, limit: 3 });
    expect(context.map(({ type }) => type)).toEqual(page.rows.slice(1).map(({ type }) => type));
    expect(context[1]?.data).toEqual(large);
    expect(await store.messages.head(key, { after: 0, upTo: 100, limit: 1 })).toMatchObject([
      { type: 'TextMessage', data: null },
    ]);
    await store.turns.endWithoutReply(key, null);
  });
});
