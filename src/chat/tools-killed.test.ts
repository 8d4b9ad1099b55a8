// A process that runs a turn with tools is killed at every move of it. Another goes on: nothing takes effect twice that may
// not, whoever follows sees all of it, and the model is told what nobody knows.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { createAgents } from '../agent/agent.ts';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import type { Database } from '../db/database.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { chatTurns } from '../db/schema.ts';
import { makeEffects } from '../testing/calls-loop.ts';
import { createTestDatabase, testServerUrl } from '../testing/databases.ts';
import {
  eachEvent,
  joinPieces,
  type ReceivedEvent,
  readEvents,
  withoutVoid,
} from '../testing/event-stream.ts';
import { fourCallsBy, fourTools, fourToolsAgent, fourToolsName } from '../testing/four-tools.ts';
import { newOwner } from '../testing/owners.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { startServer } from '../testing/server-process.ts';
import { testApp } from '../testing/test-app.ts';
import { expireLeases } from '../testing/two-apps.ts';

const stream = { accept: 'text/event-stream' };
const lanes = 3;
const sides = ['before', 'after'] as const;
const moves = ['begin', 'settle calls', 'start', 'finish', 'wait', 'takeOver', 'settle', 'complete'];
const makes = fourTools.map((name) => `making ${name}`);
const points = [...moves, ...makes].flatMap((move) => sides.map((side) => `${side} ${move}`));

let url = '';
let database: Database;
beforeAll(async () => {
  if (testServerUrl === undefined) return;
  url = await createTestDatabase();
  database = openPostgres({ url, poolMax: 10, prepare: true });
  await migrate(database, await readMigrations());
  await makeEffects(database);
});
afterAll(() => database?.close());

test.skipIf(testServerUrl === undefined)(
  'a turn with tools whose process is killed at any move ends, and its calls are made as often as they may be',
  async () => {
    const left = [...points];
    const ends = new Set<string>();
    const lane = async () => {
      for (let point = left.shift(); point; point = left.shift())
        for (const end of await killedAt(point)) ends.add(end);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    for (const end of ['once finished', 'once unknown', 'write finished', 'write unknown'])
      expect([...ends]).toContain(end);
    for (const tool of ['keyed', 'reads'])
      expect([...ends].filter((end) => end.startsWith(tool))).toEqual([`${tool} finished`]);
  },
  150_000,
);

/** What became of the calls, as `tool status`. */
async function killedAt(dieAt: string): Promise<string[]> {
  const owner = await newOwner(database);
  const model = scriptedModel(fourCallsBy('alive'));
  const agents = createAgents(fourToolsAgent(database, { model, by: 'alive' }));
  const alive = await testApp(database, { owner, agents });
  // It has no such agent, so that what it allows goes on in the one that dies, as long as that lives.
  const decider = await testApp(database, { owner });
  const id = await alive.newSession();
  const entry = join(import.meta.dir, '../testing/dying-server.ts');
  const env = { DATABASE_URL: url, DIE_AT: dieAt, OWNER: String(owner), AGENT: fourToolsName };
  const dying = await startServer({ entry, env });
  let hasDied = false;
  dying.exited.then(() => {
    hasDied = true;
  });
  const row = async () => (await database.db.select().from(chatTurns).where(eq(chatTurns.sessionId, id)))[0];

  const chat = `/api/sessions/${id}/chat`;
  const headers = { ...stream, 'idempotency-key': 'k' };
  const there: ReceivedEvent[] = [];
  const readThere = async () => {
    const init = { method: 'POST', body: JSON.stringify({ content: 'hi' }) };
    const asked = { 'content-type': 'application/json', ...headers };
    for await (const event of eachEvent(await fetch(dying.url + chat, { ...init, headers: asked })))
      there.push(event);
  };
  const reading = readThere().catch(() => {});
  while (!(await row()) && !hasDied) await Bun.sleep(5);
  if (!(await row())) await alive.send('POST', chat, { content: 'hi' }, headers);
  const turn = await row();
  if (!turn) throw new Error('the turn is lost');
  const path = `/api/sessions/${id}/turns/${turn.id}`;
  const elsewhere = readEvents(await alive.get(path, stream));
  const decided: string[] = [];
  const decide = async () => {
    const pending = (await (await decider.get('/api/approvals')).json()) as { id: string }[];
    for (const { id } of pending) {
      const answer = await decider.send('POST', `${path}/approvals/${id}`, { decision: 'approve' });
      expect(answer.status).toBe(200);
      decided.push(id);
    }
  };
  const isFinal = async () => ['completed', 'failed', 'cancelled'].includes((await row())?.status ?? '');
  while (!hasDied && !(await isFinal())) {
    await decide();
    await Bun.sleep(10);
  }
  // It may not be dead yet when all is stored.
  const { signal } = await Promise.race([dying.exited, Bun.sleep(5000).then(() => dying.kill())]);
  expect({ dieAt, signal, row: hasDied || (await row()) }).toMatchObject({ dieAt, signal: 'SIGKILL' });
  await reading;
  const dead = (await row())?.lease;
  while (!(await isFinal())) {
    await decide();
    const now = await row();
    // Once it is held by the living, it is left alone.
    if (now?.status === 'running' && now.lease === dead) await expireLeases(database, id);
    await alive.turns.beat();
    await Bun.sleep(20);
  }

  const said = { dieAt };
  expect({ ...said, status: (await row())?.status, decided: decided.length }).toEqual({
    ...said,
    status: 'completed',
    decided: 1,
  });
  const stored = withoutVoid(await readEvents(await alive.get(path, stream)));
  expect({
    ...said,
    events: stored.map(({ event }) => event).filter((one) => !one.includes('Chunk')),
  }).toEqual({
    ...said,
    events: [
      'turn',
      'ToolCallRequestEvent',
      'ApprovalRequestEvent',
      'ToolCallExecutionEvent',
      'TextMessage',
      'done',
    ],
  });
  const last = there.at(-1);
  const cursor = last ? { 'last-event-id': last.id } : {};
  const goesOn =
    last?.event === 'done' ? [] : await readEvents(await alive.get(path, { ...stream, ...cursor }));
  for (const follower of [await elsewhere, [...there, ...goesOn]])
    expect({ ...said, told: joinPieces(withoutVoid(follower)) }).toEqual({
      ...said,
      told: joinPieces(stored),
    });

  const calls = await alive.store.calls.ofTurn({ owner, session: id, turn: turn.id }, 0);
  const told = stored.find(({ event }) => event === 'ToolCallExecutionEvent')?.data.content;
  expect(calls.map(({ name }) => name)).toEqual([...fourTools]);
  for (const [n, { id: call, name, status }] of calls.entries()) {
    const effects = await effectsOf(name, call);
    const made = { ...said, name, status, effects };
    if (name === 'reads') expect(made).toEqual({ ...made, status: 'finished', effects: 0 });
    else if (status === 'finished') expect(made).toEqual({ ...made, effects: 1 });
    else expect(made).toEqual({ ...made, status: 'unknown', effects: effects === 0 ? 0 : 1 });
    if (status === 'finished') expect(told[n].content).toStartWith(`${name} by `);
    else
      expect(told[n]).toMatchObject({
        is_error: true,
        content: expect.stringContaining('It is unknown whether'),
      });
  }
  // Whoever asks the model last shows it just what was told.
  const shown = model.calls.at(-1)?.at(-1);
  if (shown?.type === 'FunctionExecutionResultMessage') expect(shown.content).toEqual(told);
  return calls.map(({ name, status }) => `${name} ${status}`);
}

async function effectsOf(tool: string, call: string): Promise<number> {
  const [counted] = await database.db
    .select({ n: sql`count(*)`.mapWith(Number) })
    .from(sql.raw(tool === 'keyed' ? 'keyed_effects' : 'effects'))
    .where(sql`call = ${call}`);
  return counted?.n ?? 0;
}
