// One run: everything started, faults and clients let loose, everything over, looked at and removed.
import { type PostgresServer, startPostgres } from '../postgres-server.ts';
import { startTcpProxy } from '../tcp-proxy.ts';
import { createApi } from './api.ts';
import { startChaosModel } from './chaos-model.ts';
import { checkLimits, readSums, setLimits, watchUnfinished } from './check-limits.ts';
import { checkMessages } from './check-messages.ts';
import { checkSteps } from './check-steps.ts';
import { checkStreams } from './check-streams.ts';
import { checkTurns } from './check-turns.ts';
import { createTalks, runClient } from './client.ts';
import { createClock, TooLate } from './clock.ts';
import { runFaults } from './faults.ts';
import type { Finding } from './findings.ts';
import { followToEnd } from './follow.ts';
import { runFollower } from './follower.ts';
import type { ChaosOptions } from './options.ts';
import { createRandom } from './random.ts';
import { type ChaosRecord, createRecord } from './record.ts';
import { heard } from './say.ts';
import { createFleet, type Fleet } from './servers.ts';
import { readStored, readTiming, type Timing, waitForEnds } from './stored.ts';
import { createTriggers } from './triggers.ts';
import { watchTurns } from './watch-turns.ts';
import type { World } from './world.ts';

export type Report = {
  options: ChaosOptions;
  tookSeconds: number;
  record: ChaosRecord;
  timing: Timing;
  /** Each must have no case. */
  findings: Finding[];
  logs: { name: string; output: () => string }[];
};

const finishMs = 60_000;

/** Undefined where there is no PostgreSQL. `cleanUps` are done at the end, or by whoever must end earlier. */
export async function runChaos(
  options: ChaosOptions,
  cleanUps: (() => unknown)[] = [],
): Promise<Report | undefined> {
  const started = performance.now();
  const database = await startPostgres();
  if (!database) return undefined;
  cleanUps.push(() => database.stop());
  const network = await startTcpProxy(database.url);
  cleanUps.push(() => network.stop());
  const clock = createClock();
  let end: ReturnType<typeof setTimeout> | undefined;
  try {
    const record = createRecord();
    const triggers = createTriggers();
    const random = (name: string) => createRandom(`${options.seed} ${name}`);
    const cuts = () => options.faults && clock.sending();
    const model = startChaosModel({ record, triggers, random: random('model'), cuts });
    cleanUps.push(() => model.stop());
    const fleet = createFleet({
      count: options.servers,
      databaseUrl: network.url,
      modelUrl: model.url,
      record,
      random: random('servers'),
    });
    cleanUps.push(() => fleet.stop());
    await fleet.allUp();

    const runningTurns = Math.ceil(options.clients * 0.7);
    await setLimits(database.url, runningTurns);
    const api = createApi({ fleet, triggers, record, clock, random: random('api') });
    const world: World = { options, record, api, clock, leftForLater: [] };
    const faults = {
      fleet,
      database,
      network,
      triggers,
      record,
      random: random('faults'),
      everyMs: options.faultEveryMs,
    };
    let watching = true;
    cleanUps.push(() => {
      watching = false;
    });
    // Its connection ends with the run.
    watchTurns(database.url, record.watched, () => watching);
    const unfinished = watchUnfinished(database.url, () => watching);
    const talks = createTalks(options.clients, random('talks'));
    const everybody = [
      ...talks.map((talk, index) => runClient(world, `c${index + 1}`, talk)),
      ...Array.from({ length: Math.max(2, Math.floor(options.clients / 10)) }, (_, index) =>
        runFollower(world, `follower ${index + 1}`, talks),
      ),
      ...(options.faults ? [runFaults({ ...faults, going: clock.sending })] : []),
    ];
    end = setTimeout(() => clock.stopSending(finishMs), options.seconds * 1000);
    await Promise.all(everybody);
    const limit = async () => {
      watching = false;
      return { runningTurns, mostUnfinished: await unfinished };
    };
    return await finish(world, clock, fleet, database, started, limit);
  } finally {
    clearTimeout(end);
    clock.stopSending(0);
    while (cleanUps.length > 0) await cleanUps.pop()?.();
  }
}

/** Lets everything come to its end, and holds it against what is stored. */
async function finish(
  world: World,
  clock: ReturnType<typeof createClock>,
  fleet: Fleet,
  database: PostgresServer,
  started: number,
  limit: () => Promise<{ runningTurns: number; mostUnfinished: number }>,
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

  clock.stopSending(10 * finishMs);
  const stored = await readStored(world, database.url);
  const findings = [
    ...checkMessages(record.sent, stored),
    ...checkTurns(record, stored, open),
    ...checkSteps(record, stored),
    ...(await checkStreams(world, stored, random)),
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
    findings,
    logs: fleet.logs,
  };
}
