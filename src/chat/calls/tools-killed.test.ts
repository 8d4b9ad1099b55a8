// A process that runs a turn with tools is killed at every move of it, in the midst of each statement too, while a person
// decides, and while it takes over a turn that another was killed in. Another goes on: nothing takes effect twice that may
// not, whoever follows sees all of it, and the model is told what nobody knows.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import { openPostgres } from '../../db/postgres/open-postgres.ts';
import { makeEffects } from '../../testing/calls-loop.ts';
import { migratedTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { joinPieces } from '../../testing/event-stream.ts';
import { fourTools } from '../../testing/four-tools.ts';
import { killTurnAt } from '../../testing/kill-turn.ts';

const lanes = 3;
const sides = ['before', 'after'] as const;
const moves = ['begin', 'settle calls', 'start', 'finish', 'wait', 'takeOver', 'settle', 'complete'];
const makes = fourTools.map((name) => `making ${name}`);
const points = [...moves, ...makes].flatMap((move) => sides.map((side) => `${side} ${move}`));
const amidst = moves.filter((move) => move !== 'begin').map((move) => `amidst ${move}`);
const decisions = ['before decide', 'amidst decide', 'after decide'];
/** Of who takes over from one that was killed with calls half made. */
const lost = ['takeOver', 'afterLostRun', 'start', 'finish', 'wait'].flatMap((move) =>
  ['before', 'amidst', 'after'].map((side) => `${side} ${move}`),
);

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
  'a turn with tools whose process is killed at any move ends, and its calls are made as often as they may be',
  async () => {
    const ends = await allKilledAt([...points, ...amidst].map((point) => [point]));
    for (const end of ['once finished', 'once unknown', 'write finished', 'write unknown'])
      expect([...ends]).toContain(end);
    for (const tool of ['keyed', 'reads'])
      expect([...ends].filter((end) => end.startsWith(tool))).toEqual([`${tool} finished`]);
  },
  300_000,
);

test.skipIf(testServerUrl === undefined)(
  'a decision is heard once, whenever the process that is told of it is killed',
  async () => {
    const ends = await allKilledAt(decisions.map((point) => [point]));
    expect([...ends]).toEqual(fourTools.map((name) => `${name} finished`));
  },
  150_000,
);

test.skipIf(testServerUrl === undefined)(
  'who takes over from a killed process, and is killed, has another go on',
  async () => {
    const ends = await allKilledAt(lost.map((point) => ['after making once', point]));
    expect([...ends]).toContain('once unknown');
    for (const tool of ['keyed', 'reads'])
      expect([...ends].filter((end) => end.startsWith(tool))).toEqual([`${tool} finished`]);
  },
  300_000,
);

async function allKilledAt(all: string[][]): Promise<Set<string>> {
  const left = [...all];
  const ends = new Set<string>();
  const lane = async () => {
    for (let points = left.shift(); points; points = left.shift())
      for (const end of await killedAt(points)) ends.add(end);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return ends;
}

/** One process after the other is killed at these points. Gives what became of the calls, as `tool status`. */
async function killedAt(points: string[]): Promise<string[]> {
  const said = { dieAt: points.join(', then ') };
  const { deaths, status, decided, stored, followers, calls, shown } = await killTurnAt(
    database,
    url,
    points,
  );
  expect({ ...said, deaths }).toEqual({ ...said, deaths: points.map(() => 'SIGKILL') });
  expect({ ...said, status, decided }).toEqual({ ...said, status: 'completed', decided: [200] });
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
  for (const follower of followers)
    expect({ ...said, told: joinPieces(follower) }).toEqual({ ...said, told: joinPieces(stored) });

  const told = stored.find(({ event }) => event === 'ToolCallExecutionEvent')?.data.content;
  expect(calls.map(({ name }) => name)).toEqual([...fourTools]);
  for (const [n, { name, status, effects }] of calls.entries()) {
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
  if (shown?.type === 'FunctionExecutionResultMessage') expect(shown.content).toEqual(told);
  return calls.map(({ name, status }) => `${name} ${status}`);
}
