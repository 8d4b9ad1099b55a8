// Makes the calls of one session's turns by the ledger, as a process does that takes turns over, for tests that kill it: each
// thing it does to the database or by a tool is a move. It is the person too who is asked.
import { sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import type { SessionKey } from '../db/owner.ts';
import type { Store } from '../db/store.ts';
import type { CallOfTurn, CallRow } from '../db/turns/call-parts.ts';
import type { TurnKey } from '../db/turns/turn-name.ts';
import { isOver } from '../words/tool-calls.ts';
import { isFinal } from '../words/turn-status.ts';
import { decidedEntry, idsOf, newCall } from './new-calls.ts';
import { newStep } from './new-turns.ts';

/**
 * `once` may not be repeated, `keyed` keeps the key, `write` is `once` and has to be approved, and of `asks` a person is
 * asked where its run was lost.
 */
export const tools = ['once', 'keyed', 'asks', 'write'] as const;

const spent = { model: 'm', prompt_tokens: 3, completion_tokens: 2, estimated: false, cost: 0 };

/** Where the tools' effects are counted. */
export async function makeEffects({ db }: Database): Promise<void> {
  await db.execute(sql`create table effects (call uuid, by text)`);
  await db.execute(sql`create table keyed_effects (call uuid primary key, by text)`);
}

/** What becomes of what waits: it is decided, nobody decides in time, or its turn is cancelled. */
export type Person = 'decide' | 'expire' | 'cancel';

type Loop = {
  database: Database;
  store: Store;
  session: SessionKey;
  /** Who makes them. */
  by: string;
  person: Person;
  move<T>(name: string, done: () => Promise<T>): Promise<T>;
};

/** Until the session's turn has ended. */
export async function serveCalls(loop: Loop): Promise<void> {
  const { store, session, move } = loop;
  for (;;) {
    const [turn] = (await store.turns.list(session, { limit: 1 })).rows;
    if (turn && isFinal(turn.status)) return;
    for (const call of (await store.calls.waiting(session.owner, { limit: 10 })).calls)
      await answer(loop, call);
    const abandoned = await store.leases.abandoned(['assistant'], false);
    const from = abandoned.find((one) => one.session === session.session);
    if (from) {
      const lease = crypto.randomUUID();
      const to = { lease, replyId: crypto.randomUUID() };
      const taken = await move('take over', () => store.leases.takeOver(from, to, false));
      if (taken) await run(loop, { ...session, turn: from.turn, lease }, taken.step);
    } else await Bun.sleep(5);
  }
}

/** Whoever is asked a second time, says no. */
async function answer({ store, person, move }: Loop, { approvalId, id, ...name }: CallOfTurn): Promise<void> {
  if (person === 'expire') return void (await move(person, () => store.calls.expire()));
  if (person === 'cancel') return void (await move(person, () => store.calls.cancelWaiting(name)));
  const by = 'ann';
  const deciding =
    approvalId === id ? ({ decision: 'approve', by } as const) : ({ decision: 'deny', by } as const);
  const audit = { ...decidedEntry(name.owner), target: approvalId };
  await move('decide', () => store.calls.decide(name, approvalId, deciding, audit));
}

async function run(loop: Loop, key: TurnKey, step: number): Promise<void> {
  const { store, move } = loop;
  if (step === 0) {
    const calls = tools.map((name) => newCall(name, { needsApproval: name === 'write' }));
    const said = newStep('', { type: 'ToolCallRequestEvent', data: { calls: [...tools] } });
    if (!(await move('settle calls', () => store.calls.settle(key, 0, said, calls)))) return;
  }
  if (step <= 1) {
    const results = await makeCalls(loop, key);
    const said = newStep('', { type: 'ToolCallExecutionEvent', data: { results } });
    if (!results || !(await move('settle results', () => store.turns.settle(key, 1, said)))) return;
  }
  await move('complete', () => store.turns.complete(key, 'completed', newStep('done'), true, spent, true));
}

/** Undefined where the turn waits, or is another's. */
async function makeCalls(loop: Loop, key: TurnKey) {
  const { store, person, move } = loop;
  const seconds = person === 'expire' ? 0 : 3600;
  const ofStep = () => store.calls.ofTurn(key, 0);
  const lost = (await ofStep()).filter(({ status, lease }) => status === 'started' && lease !== key.lease);
  const fates = lost.flatMap(({ id, name }) =>
    name === 'asks' ? [] : [name === 'keyed' ? { id } : { id, unknown: 'nobody knows' }],
  );
  if (fates.length > 0 && !(await move('after lost run', () => store.calls.afterLostRun(key, 0, fates))))
    return;
  const isAsked = ({ status, needsApproval }: CallRow) =>
    status === 'started' || (status === 'requested' && needsApproval);
  const calls = await ofStep();
  const asks = calls.filter(isAsked);
  const makes = calls.filter((call) => !isAsked(call) && !isOver(call.status));
  const started = await move('start', () => store.calls.start(key, 0, idsOf(makes)));
  if (started.length < makes.length) return;
  for (const call of started) {
    await makeCall(loop, call);
    const result = { result: `${call.name} by ${loop.by}`, isError: false };
    if (!(await move('finish', () => store.calls.finish(key, 0, call.id, result)))) return;
  }
  if (asks.length > 0) {
    await move('wait', () => store.calls.wait(key, 0, idsOf(asks), { seconds, spent }));
    return;
  }
  return (await ofStep()).map(({ result }) => result);
}

async function makeCall({ database: { db }, by, move }: Loop, { id, name }: CallRow): Promise<void> {
  const effect = async () => {
    if (name === 'keyed')
      await db.execute(sql`insert into keyed_effects values (${id}, ${by}) on conflict do nothing`);
    else await db.execute(sql`insert into effects values (${id}, ${by})`);
  };
  await move(`make ${name}`, effect);
}
