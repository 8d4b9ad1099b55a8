// A process that answers again is killed. Another goes on with that answer, which sees nothing of the one before it.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { and, eq, isNotNull } from 'drizzle-orm';
import { createAgents } from '../../agent/agent.ts';
import type { Database } from '../../db/database.ts';
import { openPostgres } from '../../db/postgres/open-postgres.ts';
import { chatTurns } from '../../db/schema.ts';
import { migratedTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { startServer } from '../../testing/server-process.ts';
import { testApp } from '../../testing/test-app.ts';
import { threeSources, threeSteps } from '../../testing/three-steps.ts';
import { shownSteps, toldBy } from '../../testing/told-by.ts';
import { expireLeases } from '../../testing/two-apps.ts';

let url = '';
let database: Database;
beforeAll(async () => {
  if (testServerUrl === undefined) return;
  url = await migratedTestDatabase();
  database = openPostgres({ url, poolMax: 10, prepare: true });
});
afterAll(() => database?.close());

const points = [
  ...['before begin', 'amidst begin', 'after begin', 'before settle', 'after settle'],
  ...['before complete', 'after complete', '9'],
];

test.skipIf(testServerUrl === undefined)(
  'an answer again whose process is killed goes on behind its last settled step, and is told once',
  async () => {
    // Two at a time: each is a process of its own.
    const waiting = [...points];
    const lane = async () => {
      for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) await killedAt(point);
    };
    await Promise.all([lane(), lane()]);
  },
  120_000,
);

async function killedAt(dieAt: string): Promise<void> {
  const owner = await newOwner(database);
  const shown: number[] = [];
  const script = toldBy('alive');
  const model = scriptedModel((messages) => {
    shown.push(shownSteps(messages).length);
    return script(messages);
  });
  const alive = await testApp(database, { owner, agents: createAgents(threeSteps(model)) });
  const id = await alive.newSession();
  await alive.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' });
  shown.length = 0;
  const [first] = (await (await alive.get(`/api/sessions/${id}/turns`)).json()) as { id: string }[];
  const path = `/api/sessions/${id}/turns/${first?.id}/regenerate`;
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };

  const dying = await startServer({
    entry: join(import.meta.dir, '../../testing/dying-server.ts'),
    env: { DATABASE_URL: url, DIE_AT: dieAt, OWNER: String(owner) },
  });
  await fetch(dying.url + path, { method: 'POST', headers }).catch(() => undefined);
  expect((await dying.exited).signal).toBe('SIGKILL');

  const again = async () =>
    (
      await database.db
        .select()
        .from(chatTurns)
        .where(and(eq(chatTurns.sessionId, id), isNotNull(chatTurns.asksSeq)))
    )[0];
  const atDeath = await again();
  // Who has no answer says it again, under the same key.
  const answer = alive.send('POST', path, '', headers);
  for (let row = await again(); row?.status !== 'completed'; row = await again()) {
    if (row?.lease && row.lease === atDeath?.lease) await expireLeases(database, id);
    await alive.turns.beat();
    await Bun.sleep(20);
  }
  const reply = (await (await answer).json()) as { id: string; content: string };
  const settled = atDeath?.status === 'completed' ? threeSources.length : (atDeath?.step ?? 0);
  // Nothing of the answer before it, and nothing that is settled is asked for again.
  expect(shown).toEqual(threeSources.map((_, step) => step).slice(settled));

  const history = (await (await alive.get(`/api/sessions/${id}/history`)).json()) as {
    id: string;
    content: string;
    versions?: { id: string }[];
  }[];
  const said = threeSources.map((_, step) => `${step < settled ? 'dead' : 'alive'} says step ${step}`);
  expect(history.map(({ content }) => content)).toEqual(['hi', ...said]);
  expect(history.at(-1)).toMatchObject({ id: reply.id, versions: [{}, { id: reply.id }] });
  expect(await database.db.$count(chatTurns, eq(chatTurns.sessionId, id))).toBe(2);
}
