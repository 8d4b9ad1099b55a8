// A process that runs a turn of three steps is killed at every point of it. Another goes on behind what is settled.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { createAgents } from '../../agent/agent.ts';
import type { Database } from '../../db/database.ts';
import { openPostgres } from '../../db/postgres/open-postgres.ts';
import { chatTurns } from '../../db/schema.ts';
import { migratedTestDatabase, testServerUrl } from '../../testing/databases.ts';
import {
  eachEvent,
  joinPieces,
  type ReceivedEvent,
  readEvents,
  withoutVoid,
} from '../../testing/event-stream.ts';
import { begin, newKey, newStep } from '../../testing/new-turns.ts';
import { newOwner } from '../../testing/owners.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { startServer } from '../../testing/server-process.ts';
import { testApp } from '../../testing/test-app.ts';
import { threeSources, threeSteps, threeStepsName } from '../../testing/three-steps.ts';
import { shownSteps, toldBy } from '../../testing/told-by.ts';
import { expireLeases } from '../../testing/two-apps.ts';

const stream = { accept: 'text/event-stream' };
const lanes = 3;
/** More than there are. */
const mostPoints = 120;

let url = '';
let database: Database;
beforeAll(async () => {
  if (testServerUrl === undefined) return;
  url = await migratedTestDatabase();
  database = openPostgres({ url, poolMax: 10, prepare: true });
});
afterAll(() => database?.close());

test.skipIf(testServerUrl === undefined)(
  'a turn whose process is killed at any point goes on behind its last settled step, and is told once',
  async () => {
    let next = 1;
    let survived: number | undefined;
    const settledAtDeath = new Set<number>();
    const lane = async () => {
      while (survived === undefined) {
        const dieAt = next++;
        if (dieAt > mostPoints) throw new Error('the turn has no end');
        const settled = await killedAt(dieAt);
        if (settled === undefined) survived = dieAt;
        else settledAtDeath.add(settled);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    // How many points there are differs: this one may be none of those.
    settledAtDeath.add((await killedAt('after complete')) ?? 0);
    // It died in each of the steps, and behind the last one too.
    expect([...settledAtDeath].sort()).toEqual([0, 1, 2, 3]);
    expect(survived).toBeGreaterThan(30);
  },
  300_000,
);

test.skipIf(testServerUrl === undefined)(
  'a process that is killed while it takes a turn over leaves it to the next',
  async () => {
    await Promise.all(
      ['before takeOver', 'after takeOver', 'before find', 'after find'].map(killedTakingOverAt),
    );
  },
  120_000,
);

/** A process that lives, with a session, and one that dies. */
async function twoProcesses(dieAt: number | string) {
  const owner = await newOwner(database);
  const asked: number[] = [];
  const script = toldBy('alive');
  const model = scriptedModel((messages) => {
    asked.push(shownSteps(messages).length);
    return script(messages);
  });
  const alive = await testApp(database, { owner, agents: createAgents(threeSteps(model)) });
  const id = await alive.newSession();
  const dying = await startServer({
    entry: join(import.meta.dir, '../../testing/dying-server.ts'),
    env: { DATABASE_URL: url, DIE_AT: String(dieAt), OWNER: String(owner) },
  });
  const row = async () => (await database.db.select().from(chatTurns).where(eq(chatTurns.sessionId, id)))[0];
  /** Lets the living end what the dead has left under this lease, or began nothing of. */
  const goOn = async (left: string | null | undefined) => {
    while ((await row())?.status === 'running') {
      // Once it is held by the living, it is left alone.
      if (left && (await row())?.lease === left) await expireLeases(database, id);
      await alive.turns.beat();
      await Bun.sleep(20);
    }
  };
  return { owner, asked, alive, id, dying, row, goOn };
}

/** How many steps were settled when it died, the reply counted; undefined where it did not. */
async function killedAt(dieAt: number | string): Promise<number | undefined> {
  const { asked, alive, id, dying, row, goOn } = await twoProcesses(dieAt);
  const chat = `/api/sessions/${id}/chat`;
  const headers = { ...stream, 'idempotency-key': 'k' };
  const answer = fetch(dying.url + chat, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ content: 'hi' }),
  });
  const there: ReceivedEvent[] = [];
  const readThere = async () => {
    for await (const event of eachEvent(await answer)) there.push(event);
  };
  const reading = readThere().catch(() => {});
  let hasDied = false;
  dying.exited.then(() => {
    hasDied = true;
  });
  let turn = await row();
  for (; !turn && !hasDied; turn = await row()) await Bun.sleep(5);
  turn ??= await row();
  const wasBegun = turn !== undefined;
  // Who has no answer says it again, under the same key.
  if (!turn) await alive.send('POST', chat, { content: 'hi' }, headers);
  turn ??= await row();
  if (!turn) throw new Error('the turn is lost');
  const path = `/api/sessions/${id}/turns/${turn.id}`;
  const elsewhere = readEvents(await alive.get(path, stream));
  await reading;
  const died = there.at(-1)?.event !== 'done';
  // It may die when all is told.
  const { signal } = died ? await dying.exited : await dying.kill('SIGKILL');
  expect(signal).toBe('SIGKILL');
  const atDeath = wasBegun ? await row() : undefined;
  const isOver = atDeath?.status === 'completed';
  const settled = (atDeath?.step ?? 0) + (isOver ? 1 : 0);
  await goOn(atDeath?.lease);

  // What another process did is known here a moment later.
  const stored = withoutVoid(await readEvents(await alive.get(path, stream)));
  const messages = stored.flatMap(({ event, data }) => (event === 'TextMessage' ? [data] : []));
  expect(messages.map(({ source }) => source)).toEqual([...threeSources]);
  expect(messages.map(({ content }) => content)).toEqual(
    threeSources.map((_, step) => `${step < settled ? 'dead' : 'alive'} says step ${step}`),
  );
  // Nothing that is settled is asked of a model again.
  expect(asked).toEqual(threeSources.map((_, step) => step).slice(settled));
  expect(await row()).toMatchObject({ status: 'completed', step: 2, replyId: messages[2].id });

  const last = there.at(-1)?.id;
  const goesOn = died
    ? await readEvents(await alive.get(path, { ...stream, ...(last ? { 'last-event-id': last } : {}) }))
    : [];
  for (const follower of [[...there, ...goesOn], await elsewhere])
    expect(joinPieces(withoutVoid(follower))).toEqual(joinPieces(stored));
  return died ? settled : undefined;
}

async function killedTakingOverAt(dieAt: string): Promise<void> {
  const { owner, asked, alive, id, dying, row, goOn } = await twoProcesses(dieAt);
  const key = newKey({ owner, session: id });
  const replyId = crypto.randomUUID();
  await begin(alive.store, key, 'hi', { agent: threeStepsName, replyId });
  const [source] = threeSources;
  await alive.store.turns.settle(key, 0, newStep('settled', { source }));
  const path = `/api/sessions/${id}/turns/${key.turn}`;
  const follower = readEvents(await alive.get(path, stream));
  await expireLeases(database, id);
  expect((await dying.exited).signal).toBe('SIGKILL');
  const hadTaken = dieAt !== 'before takeOver';
  const atDeath = await row();
  expect(atDeath).toMatchObject({ status: 'running', step: 1, attempt: hadTaken ? 2 : 1 });
  await goOn(atDeath?.lease);
  const stored = withoutVoid(await readEvents(await alive.get(path, stream)));
  const said = stored.flatMap(({ event, data }) => (event === 'TextMessage' ? [data.content] : []));
  expect(said).toEqual(['settled', 'alive says step 1', 'alive says step 2']);
  expect(asked).toEqual([1, 2]);
  expect(await row()).toMatchObject({
    status: 'completed',
    step: 2,
    attempt: hadTaken ? 3 : 2,
    replyId,
  });
  expect(joinPieces(withoutVoid(await follower))).toEqual(joinPieces(stored));
}
