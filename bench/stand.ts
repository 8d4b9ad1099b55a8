// What every benchmark stands on: a PostgreSQL server, a model server and a load generator, which all share, and
// what a benchmark starts for itself. Everything is ended by its id, the last one first.
import { chmodSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { heapGrowthOptions } from '../src/cli/serve/heap-growth.ts';
import { withDatabaseName } from '../src/db/postgres/database-url.ts';
import { startPostgres } from '../src/testing/postgres-server.ts';
import { type AgentChat, startAgentChat } from './agentchat.ts';
import { startChild } from './child.ts';
import type { ClosedJob, ClosedResult, StreamsJob, StreamsResult } from './processes/protocol.ts';

export type RunOptions = {
  seconds: number;
  rounds: number;
  messages: number;
  /** The folder for processor profiles; undefined: none are made. */
  profiles: string | undefined;
};

export type Stand = Awaited<ReturnType<typeof createStand>>;

type Ending = () => Promise<unknown>;

export async function createStand(options: RunOptions, say: (line: string) => void) {
  const shared: Ending[] = [];
  const own: Ending[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-bench-'));
  chmodSync(folder, 0o755);
  shared.push(() => rm(folder, { recursive: true, force: true }));

  async function endAll(endings: Ending[]): Promise<void> {
    for (const end of endings.splice(0).reverse()) await end();
  }

  async function until<T extends { end: Ending }>(endings: Ending[], starting: Promise<T>): Promise<T> {
    const started = await starting;
    endings.push(started.end);
    return started;
  }

  const server = once(async () => {
    // As in production: what is committed is on the disk.
    const started = await startPostgres({ durable: true });
    if (!started)
      throw new Error('There is no PostgreSQL here. Install it (on Debian: apt install postgresql).');
    shared.push(started.stop);
    return started;
  });
  const model = once(() => until(shared, startChild('model')));
  const load = once(() => until(shared, startChild('load')));

  const profile = (name: string) =>
    options.profiles === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${options.profiles}`, `--cpu-prof-name=${name}.cpuprofile`];

  return {
    options,
    say,
    folder,
    postgresServer: server,

    /** A new, empty database on the private server. */
    async database(name: string): Promise<string> {
      const { url } = await server();
      await onDatabase(url, (client) => client.unsafe(`create database "${name}"`));
      return withDatabaseName(url, name);
    },

    /** The model server in this mode: what to give AgentChat, and where to ask it directly. */
    async model(mode: 'at-once' | 'silent' | `paced/${number}/${number}`) {
      const { port } = (await model()).ready as { port: number };
      const url = `http://127.0.0.1:${port}/${mode}/v1`;
      return { url, port, path: `/${mode}/v1/chat/completions` };
    },

    /** AgentChat with these settings on top of its defaults. `name` is that of its profile. */
    agentchat: (env: Record<string, string>, name = 'agentchat'): Promise<AgentChat> =>
      until(own, startAgentChat(folder, env, profile(name))),

    /** The bare handler. Its heap grows as AgentChat's does. */
    async bare(env: Record<string, string>, name = 'bare') {
      const child = await until(own, startChild('bare', { ...heapGrowthOptions, ...env }, profile(name)));
      return { ...child, port: (child.ready as { port: number }).port };
    },

    /** The steps of a turn, in a process of their own. */
    steps: (env: Record<string, string>, name: string) => until(own, startChild('steps', env, profile(name))),

    closed: async (job: ClosedJob) => (await (await load()).ask(job)) as ClosedResult,
    streams: async (job: StreamsJob) => (await (await load()).ask(job)) as StreamsResult,

    /** Ends what a benchmark has started for itself. */
    endOwn: () => endAll(own),

    async close(): Promise<void> {
      await endAll(own);
      await endAll(shared);
    },
  };
}

/** Uses one connection to a database. */
export async function onDatabase<T>(url: string, use: (client: postgres.Sql) => Promise<T>): Promise<T> {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
