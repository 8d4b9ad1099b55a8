// The server processes, each started again as soon as it dies.
import { join } from 'node:path';
import { assistantName } from '../../agent/agent-config.ts';
import { isAlive } from '../processes.ts';
import { type Exit, type ServerProcess, startServer } from '../server-process.ts';
import { threeStepsName } from '../three-steps.ts';
import type { Random } from './random.ts';
import type { ChaosRecord } from './record.ts';
import { toolsName } from './tools-agent.ts';

/** A place for one process at a time. `name` is that of the process: place and generation. */
export type Server = {
  place: number;
  name: string;
  url: string;
  pid: number | undefined;
  state: 'down' | 'up' | 'frozen' | 'ending';
};

export type Fleet = ReturnType<typeof createFleet>;

export type FleetParts = {
  count: number;
  databaseUrl: string;
  modelUrl: string;
  /** Where the tools' effects are, and whom they tell of. */
  effects: string;
  hookUrl: string;
  record: ChaosRecord;
  random: Random;
};

const graceSeconds = 2;
/** Who answers new messages of a server, in one generation of its place after the other. */
const answering = [toolsName, threeStepsName, toolsName, assistantName] as const;

export function createFleet(parts: FleetParts) {
  const { count, databaseUrl, modelUrl, record, random } = parts;
  let stopped = false;
  const logs: { name: string; output: () => string }[] = [];
  const servers = Array.from(
    { length: count },
    (_, place): Server => ({
      place,
      name: `${place}-0`,
      url: 'http://127.0.0.1:9',
      pid: undefined,
      state: 'down',
    }),
  );

  async function keepRunning(server: Server): Promise<void> {
    for (let generation = 1; !stopped; generation++) {
      server.name = `${server.place}-${generation}`;
      const process = await start(
        server,
        answering[(server.place + generation) % answering.length] ?? toolsName,
      );
      if (!process) {
        await Bun.sleep(200);
        continue;
      }
      logs.push({ name: server.name, output: process.output });
      server.url = process.url;
      server.state = 'up';
      record.count('servers started');
      const exit = await process.exited;
      const wrong = stopped ? undefined : wrongEnd(server.state, exit);
      if (wrong) record.unexpectedEnds.push(`server ${server.name} ${wrong}`);
      server.state = 'down';
      server.pid = undefined;
    }
  }

  /** `agent`: who answers new messages that it gets. */
  async function start(server: Server, agent: string): Promise<ServerProcess | undefined> {
    const env = {
      DATABASE_URL: databaseUrl,
      DATABASE_POOL_MAX: String(random.int(2, 10)),
      OPENAI_BASE_URL: modelUrl,
      OPENAI_MODEL: 'scripted',
      // Tells the model server which process asks.
      OPENAI_API_KEY: server.name,
      SHUTDOWN_GRACE_S: String(graceSeconds),
      WORKERS: '1',
      LOG_FORMAT: 'json',
      CHAOS_EFFECTS: parts.effects,
      CHAOS_HOOK: parts.hookUrl,
      // What waits here first may end unanswered.
      APPROVAL_TIMEOUT: random.pick(['6s', '1h']),
      CHAOS_AGENT: agent,
    };
    try {
      return await startServer({
        env,
        entry: join(import.meta.dir, 'steps-server.ts'),
        onSpawn: (pid) => {
          server.pid = pid;
          if (stopped) signal(server, 'SIGKILL');
        },
      });
    } catch (error) {
      logs.push({ name: `${server.name}-not-started`, output: () => String(error) });
      record.count('starts that failed');
      server.pid = undefined;
      return undefined;
    }
  }

  const running = servers.map(keepRunning);

  function signal(server: Server, name: NodeJS.Signals): void {
    if (server.pid !== undefined && isAlive(server.pid)) process.kill(server.pid, name);
  }

  return {
    servers,
    logs,
    up: (): Server[] => servers.filter(({ state }) => state === 'up'),
    kill: (server: Server): void => {
      server.state = 'down';
      signal(server, 'SIGKILL');
    },
    terminate: (server: Server): void => {
      server.state = 'ending';
      signal(server, 'SIGTERM');
    },
    freeze: (server: Server): void => {
      server.state = 'frozen';
      signal(server, 'SIGSTOP');
    },
    thaw: (server: Server): void => {
      signal(server, 'SIGCONT');
      if (server.state === 'frozen') server.state = 'up';
    },
    allUp: async (): Promise<void> => {
      while (!stopped && servers.some(({ state }) => state !== 'up')) await Bun.sleep(50);
    },
    /** Ends all of them and starts no more. */
    stop: async (): Promise<void> => {
      stopped = true;
      for (const server of servers) signal(server, 'SIGKILL');
      await Promise.all(running);
    },
  };
}

/** What is wrong with this end of a process that was in this state; undefined: it is what was done to it. */
function wrongEnd(state: Server['state'], { code, signal }: Exit): string | undefined {
  if (state === 'down' && signal === 'SIGKILL') return undefined;
  if (state === 'ending' && code === 0) return undefined;
  return `ended with code ${code}, signal ${signal}${state === 'ending' ? ' after SIGTERM' : ' by itself'}`;
}
