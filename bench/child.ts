// A process of a benchmark, started from its file in `processes/`: asked over a channel, ended by its id.
import { join } from 'node:path';

export type Child = {
  pid: number;
  /** What it said when it was ready. */
  ready: unknown;
  /** One request at a time. Rejects with what went wrong there. */
  ask(request: unknown): Promise<unknown>;
  end(): Promise<void>;
};

type Said = { result?: unknown; error?: string };

/** Starts it with these settings and waits until it is ready. `flags` are Bun's own. */
export async function startChild(
  name: 'model' | 'bare' | 'load' | 'steps',
  env: Record<string, string> = {},
  flags: string[] = [],
): Promise<Child> {
  let settle: (said: Said) => void = () => {};
  const next = () =>
    new Promise<unknown>((resolve, reject) => {
      settle = ({ error, result }) =>
        error === undefined ? resolve(result) : reject(new Error(`${name}: ${error}`));
    });
  const ready = next();
  const child = Bun.spawn(
    [process.execPath, '--no-env-file', ...flags, join(import.meta.dir, 'processes', `${name}.ts`)],
    {
      env: { PATH: process.env.PATH ?? '', BUN_CONFIG_MAX_HTTP_REQUESTS: '16384', ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
      ipc: (message) => settle(message as Said),
      onExit: (_, code, signal) => settle({ error: `ended with ${signal ?? `code ${code}`}` }),
    },
  );
  return {
    pid: child.pid,
    ready: await ready,
    ask(request) {
      const answer = next();
      child.send(request);
      return answer;
    },
    async end() {
      child.kill('SIGTERM');
      await child.exited;
    },
  };
}
