// One run: everything started, faults and clients let loose, and at the end all of it removed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../postgres-server.ts';
import { startTcpProxy } from '../tcp-proxy.ts';
import { createApi } from './api.ts';
import { startChaosModel } from './chaos-model.ts';
import { setLimits, watchUnfinished } from './check-limits.ts';
import { createTalks, runClient } from './client.ts';
import { createClock } from './clock.ts';
import { openEffects } from './effects.ts';
import { runFaults } from './faults.ts';
import { finish, finishMs, type Report } from './finish.ts';
import { runFollower } from './follower.ts';
import type { ChaosOptions } from './options.ts';
import { runPerson } from './person.ts';
import { createRandom } from './random.ts';
import { createRecord } from './record.ts';
import { createFleet } from './servers.ts';
import { startToolHook } from './tool-hook.ts';
import { createTriggers } from './triggers.ts';
import { watchTurns } from './watch-turns.ts';
import type { World } from './world.ts';

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
    const folder = await mkdtemp(join(tmpdir(), 'agentchat-chaos-tools-'));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    const effects = openEffects(folder);
    const hook = startToolHook(effects, triggers);
    cleanUps.push(() => hook.stop());
    const fleet = createFleet({
      count: options.servers,
      databaseUrl: network.url,
      modelUrl: model.url,
      effects: folder,
      hookUrl: hook.url,
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
      hook,
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
    let asking = true;
    const people = Array.from({ length: Math.max(2, Math.floor(options.clients / 10)) }, (_, index) =>
      runPerson(world, `person ${index + 1}`, () => asking),
    );
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
    const ended = async () => {
      asking = false;
      await Promise.all(people);
    };
    const limit = async () => {
      watching = false;
      return { runningTurns, mostUnfinished: await unfinished };
    };
    return await finish(world, { clock, fleet, database, effects, started, limit, ended });
  } finally {
    clearTimeout(end);
    clock.stopSending(0);
    while (cleanUps.length > 0) await cleanUps.pop()?.();
  }
}
