// A process that makes the calls of a turn is killed at every point of it, between its moves and in their midst. Another
// goes on: no tool does twice what may not be repeated, and one that keeps the key does it exactly once.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { allowanceOf, setLimits } from '../../testing/allowances.ts';
import { makeEffects, type Person, serveCalls, tools } from '../../testing/calls-loop.ts';
import { migratedTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { begin, newKey, newSession } from '../../testing/new-turns.ts';
import { newOwner } from '../../testing/owners.ts';
import { expireLeases } from '../../testing/two-apps.ts';
import type { Database } from '../database.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import { chatAudit, chatMessages } from '../schema.ts';
import { createStore } from '../store.ts';

const lanes = 3;
/** More than there are. */
const mostPoints = 120;

let url = '';
let database: Database;
beforeAll(async () => {
  if (testServerUrl === undefined) return;
  url = await migratedTestDatabase();
  database = openPostgres({ url, poolMax: 10, prepare: true });
  await makeEffects(database);
});
afterAll(() => database?.close());

test.skipIf(testServerUrl === undefined)(
  'calls whose process is killed at any point are made as often as their tools allow',
  async () => {
    let next = 1;
    let survived: number | undefined;
    const died: string[] = [];
    const ends = new Set<string>();
    const lane = async () => {
      while (survived === undefined) {
        const dieAt = next++;
        if (dieAt > mostPoints) throw new Error('the turn has no end');
        const { where, statuses } = await killedAt(dieAt);
        if (where === '') survived = dieAt;
        else died.push(where);
        for (const [tool, status] of Object.entries(statuses)) ends.add(`${tool} ${status}`);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    // It died in each of its moves, on either side of them and in their midst.
    const moves = [
      'take over',
      'settle calls',
      'start',
      'finish',
      'wait',
      'decide',
      'settle results',
      'complete',
    ];
    const makes = tools.map((tool) => `make ${tool}`);
    for (const move of [...moves, ...makes])
      for (const at of ['before', 'amidst', 'after']) expect(died).toContain(`${at} ${move}`);
    for (const end of ['once finished', 'once unknown', 'write finished', 'write unknown', 'asks denied'])
      expect(ends).toContain(end);
    expect([...ends].filter((end) => end.startsWith('keyed'))).toEqual(['keyed finished']);
  },
  300_000,
);

for (const person of ['expire', 'cancel'] as const)
  for (const at of ['before', 'amidst', 'after'])
    test.skipIf(testServerUrl === undefined)(
      `a process that is killed ${at} it ${person}s what waits leaves it done or not, and never half`,
      async () => {
        const { owner, store, session, key, where } = await killed(`${at} ${person}`, person);
        expect(where).toBe(`${at} ${person}`);
        const calls = Object.fromEntries(
          (await store.calls.ofTurn(key)).map(({ name, status }) => [name, status]),
        );
        const isCancelled = person === 'cancel';
        expect(calls).toEqual({
          once: 'finished',
          keyed: 'finished',
          asks: 'finished',
          write: isCancelled ? 'cancelled' : 'denied',
        });
        expect(await store.turns.find(key)).toMatchObject({
          status: isCancelled ? 'cancelled' : 'completed',
          step: isCancelled ? 1 : 2,
        });
        const next = newKey(session);
        expect(await begin(store, next)).toMatchObject({ running: true });
        await store.turns.endWithoutReply(next, null);
        const over = { running: 0, reservedTokens: 0, turns: 2, tokens: 5 };
        expect(await allowanceOf(database, owner)).toMatchObject(over);
      },
      60_000,
    );

/** A turn whose process dies at a point, '' where it does not, and which another ends. */
async function killed(dieAt: number | string, person: Person) {
  const owner = await newOwner(database);
  await setLimits(database, owner, { running_turns: 1 });
  const store = createStore(database, owner);
  const session = await newSession(store, owner);
  const key = newKey(session);
  await begin(store, key);
  await store.leases.release([key.lease]);
  const entry = join(import.meta.dir, '../../testing/dying-calls.ts');
  const names = { OWNER: String(owner), SESSION: session.session, PERSON: person };
  const dying = Bun.spawn([process.execPath, '--no-env-file', entry], {
    env: { DATABASE_URL: url, DIE_AT: String(dieAt), ...names },
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const where = await new Response(dying.stdout).text();
  await dying.exited;
  expect(dying.signalCode).toBe(where === '' ? null : 'SIGKILL');
  await expireLeases(database, session.session);
  await serveCalls({ database, store, session, by: 'alive', person, move: (_name, done) => done() });
  return { owner, store, session, key, where };
}

/** Where it died, '' where it did not, and what became of the calls. */
async function killedAt(dieAt: number): Promise<{ where: string; statuses: Record<string, string> }> {
  const { owner, store, session, key, where } = await killed(dieAt, 'decide');
  const calls = await store.calls.ofTurn(key);
  expect(calls.map(({ name }) => name)).toEqual([...tools]);
  const count = async (table: string, id: string) => {
    const counted = await database.db
      .select({ n: sql`count(*)`.mapWith(Number) })
      .from(sql.raw(table))
      .where(sql`call = ${id}`);
    return counted[0]?.n;
  };
  for (const { id, name, status, result, startedAt } of calls) {
    const effects = await count(name === 'keyed' ? 'keyed_effects' : 'effects', id);
    const said = { where, name, status };
    if (status === 'finished') {
      expect({ ...said, effects }).toEqual({ ...said, effects: 1 });
      expect(result).toStartWith(`${name} by `);
    } else {
      expect({ ...said, effects: effects === 0 || effects === 1 }).toEqual({ ...said, effects: true });
      expect(status).toBe(name === 'asks' ? 'denied' : 'unknown');
      expect(startedAt).toBeInstanceOf(Date);
    }
  }
  // Each step is there once, whoever stored it.
  const messages = await database.db
    .select({ type: chatMessages.type, step: chatMessages.step })
    .from(chatMessages)
    .where(eq(chatMessages.sessionId, session.session))
    .orderBy(chatMessages.seq, chatMessages.step);
  expect(messages).toEqual([
    { type: 'TextMessage', step: 0 },
    { type: 'ToolCallRequestEvent', step: 0 },
    { type: 'ToolCallExecutionEvent', step: 1 },
    { type: 'TextMessage', step: 2 },
  ]);
  // Each decision is written down once, and what limits count is given back.
  const audit = await database.db.select().from(chatAudit).where(eq(chatAudit.ownerId, owner));
  const decided = calls.filter(({ decision }) => decision !== null).map(({ approvalId }) => approvalId);
  expect(audit.map(({ target }) => target).sort()).toEqual(decided.sort());
  expect(await allowanceOf(database, owner)).toMatchObject({
    running: 0,
    reservedTokens: 0,
    turns: 1,
    tokens: 5,
  });
  return { where, statuses: Object.fromEntries(calls.map(({ name, status }) => [name, status])) };
}
