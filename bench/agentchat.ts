// AgentChat as its users run it: what `bun run start` starts, a process of its own, default settings.
import { openSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../src/testing/server-process.ts';

export type AgentChat = { url: string; port: number; pid: number; startMs: number; end(): Promise<void> };

const startedWithinMs = 60_000;

/** Starts that of a checkout in an empty folder below `parent` and waits for its first answer; `startMs` is how long that took. */
export async function startAgentChat(
  parent: string,
  env: Record<string, string>,
  flags: string[] = [],
  checkout = join(import.meta.dir, '..'),
): Promise<AgentChat> {
  const cwd = await mkdtemp(join(parent, 'agentchat-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(cwd, 'agentchat.log');
  const log = openSync(logFile, 'w');
  const began = performance.now();
  // It ends with this process, however that ends.
  const child = Bun.spawn(
    [process.execPath, '--no-orphans', '--no-env-file', ...flags, join(checkout, 'src', 'cli', 'start.ts')],
    {
      cwd,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: cwd,
        PORT: String(port),
        DEFAULT_LOCALE: 'en',
        BUN_CONFIG_MAX_HTTP_REQUESTS: '16384',
        ...env,
      },
      stdio: ['ignore', log, log],
    },
  );
  while (!(await answers(`${url}/readyz`))) {
    const late = performance.now() - began > startedWithinMs;
    if (late) child.kill('SIGKILL');
    if (late || child.exitCode !== null || child.signalCode !== null)
      throw new Error(`AgentChat did not start. It wrote:\n${await readFile(logFile, 'utf8')}`);
    await Bun.sleep(2);
  }
  return {
    url,
    port,
    pid: child.pid,
    startMs: performance.now() - began,
    async end() {
      child.kill('SIGTERM');
      await child.exited;
    },
  };
}

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};
