// The end of a run: everything comes to its own, and is held against what is stored and what the tools did.
import type { PostgresServer } from '../postgres-server.ts';
import { checkCalls } from './check-calls.ts';
import { checkDecisions } from './check-decisions.ts';
import { checkLimits, readSums } from './check-limits.ts';
import { checkMessages } from './check-messages.ts';
import { checkSteps } from './check-steps.ts';
import { checkStreams } from './check-streams.ts';
import { checkTold } from './check-told.ts';
import { checkTurns } from './check-turns.ts';
import { type createClock, TooLate } from './clock.ts';
import type { EffectLine, Effects } from './effects.ts';
import type { Finding } from './findings.ts';
import { followToEnd } from './follow.ts';
import type { ChaosOptions } from './options.ts';
import { createRandom } from './random.ts';
import type { ChaosRecord } from './record.ts';
import { heard } from './say.ts';
import type { Fleet } from './servers.ts';
import { readStored, readTiming, type Timing, waitForEnds } from './stored.ts';
import { type CallRow, readCalls, readTold } from './stored-calls.ts';
import type { World } from './world.ts';

export type Report = {
  options: ChaosOptions;
  tookSeconds: number;
  record: ChaosRecord;
  timing: Timing;
  calls: CallRow[];
  effects: EffectLine[];
  /** Each must have no case. */
  findings: Finding[];
  logs: { name: string; output: () => string }[];
};

/** How long turns may take to their ends once nobody sends any more. */
export const finishMs = 60_000;

type Finishing = {
  clock: ReturnType<typeof createClock>;
  fleet: Fleet;
  database: PostgresServer;
  effects: Effects;
  started: number;
  limit: () => Promise<{ runningTurns: number; mostUnfinished: number }>;
  /** People are asked until no turn is open. */
  ended: () => Promise<void>;
};

/** Lets everything come to its end, and holds it against what is stored. */
export async function finish(
  world: World,
  { clock, fleet, database, effects, started, limit, ended }: Finishing,
): Promise<Report> {
  const { options, record } = world;
  await fleet.allUp();
  const random = createRandom(`${options.seed} finish`);
  clock.stopSending(finishMs);
  for (const { reader, sent } of world.leftForLater) {
    try {
      await followToEnd(world, reader, random);
      if (sent) heard(sent, reader);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      record.unfinished.push(`${reader.name} came back to turn ${reader.turnId} and got no end of it`);
    }
  }
  const open = await waitForEnds(database.url, finishMs);
  await ended();

  clock.stopSending(10 * finishMs);
  const stored = await readStored(world, database.url);
  const calls = await readCalls(database.url);
  const lines = effects.read();
  const told = await Promise.all(stored.map(({ id }) => readTold(world, id)));
  const findings = [
    ...checkMessages(record.sent, stored),
    ...checkTurns(record, stored, open),
    ...checkSteps(record, stored),
    ...(await checkStreams(world, stored, random)),
    ...checkCalls(calls, lines, record.decisions),
    ...checkDecisions(calls, lines, record.decisions),
    ...checkTold(stored, told, calls),
    ...checkLimits(record, await readSums(database.url), await limit()),
    { what: 'models shown a wrong conversation', cases: record.wrongContexts },
    { what: 'answers nobody should get', cases: record.unexpectedAnswers },
    { what: 'servers that ended by themselves', cases: record.unexpectedEnds },
  ];
  return {
    options,
    tookSeconds: (performance.now() - started) / 1000,
    record,
    timing: await readTiming(database.url, stored, record.killedInEachStep),
    calls,
    effects: lines,
    findings,
    logs: fleet.logs,
  };
}
