// Real servers and model servers for the tests of one file; all are gone after each test.
import { afterEach, expect } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withMigratedDatabase } from './embedded-folder.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { eventually } from './processes.ts';
import { serverData } from './server-data.ts';
import { freePort, type ServerProcess, startServer } from './server-process.ts';

/** Call it at the top of a file; what its functions start ends after the test that started it. */
export function testServers() {
  const started: (() => unknown)[] = [];
  afterEach(async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  });
  const tempFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'agentchat-test-'));
    started.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  };
  return {
    /** Resolves when the server has said that it runs: one of several workers may answer before. */
    start: async (env: Record<string, string>): Promise<ServerProcess> => {
      const server = await startServer({ env });
      started.push(() => server.kill('SIGKILL'));
      if (!(await eventually(() => /\n(Next|下一步) /.test(server.output()))))
        throw new Error(server.output());
      return server;
    },
    modelServer: (script?: Parameters<typeof startModelServer>[0]): ModelServer => {
      const server = startModelServer(script);
      started.push(() => server.stop());
      return server;
    },
    tempFolder,
    /** A data folder whose embedded database has all tables: a start that need not wait for them to be made. */
    dataFolder: async (): Promise<string> => withMigratedDatabase(await tempFolder()),
    /** The settings of a server whose database has all tables, of whatever kind: the embedded one takes longer. */
    database: async (): Promise<Record<string, string>> => (await serverData(await tempFolder())).env,
    afterThisTest: (stop: () => unknown) => {
      started.push(stop);
    },
  };
}

/** The settings that make a server use this model. */
export const modelEnv = (model: ModelServer) => ({ OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'test-model' });

export function call(
  server: ServerProcess,
  method: string,
  path: string,
  body?: unknown,
  headers = {},
): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

export const json = async (response: Promise<Response>) => (await response).json();

/** All that a server wrote which must not start. It ends with exit code 1, also where another has its port. */
export async function refusal(env: Record<string, string>): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'agentchat-refused-'));
  const server = Bun.spawn([process.execPath, '--no-env-file', join(import.meta.dir, '..', 'main.ts')], {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd, PORT: String(await freePort()), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 90_000,
  });
  const said = await Promise.all([new Response(server.stdout).text(), new Response(server.stderr).text()]);
  const code = await server.exited;
  await rm(cwd, { recursive: true, force: true });
  expect({ code, said }).toMatchObject({ code: 1 });
  return said.join('').trim();
}
