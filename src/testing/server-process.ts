/**
 * The real server as a process of its own, for tests that need its start, its signals or its death.
 * Its environment is clean and its working directory empty, so that no developer's settings reach it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServerOptions {
  /** Settings on top of PATH, HOME (empty), HOST and a free PORT. */
  env?: Record<string, string>;
  /** Where relative settings and `.env`-less files are looked up. Default: an empty temporary folder. */
  cwd?: string;
  /** The entry to run. Default: `src/main.ts`. */
  entry?: string;
  /** Instead of an entry: what runs something else that reads PORT. */
  command?: string[];
  /** Told the process's id as soon as it has one, long before it is healthy. */
  onSpawn?: (pid: number) => void;
}

export interface Exit {
  code: number | null;
  signal: string | null;
}

export interface ServerProcess {
  /** Without a slash at the end. */
  url: string;
  port: number;
  pid: number;
  /** All that it wrote so far, standard output and error in the order they came. */
  output(): string;
  /** Sends the signal (default SIGTERM) and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
  /** Resolves when the process has ended, whoever ended it. */
  exited: Promise<Exit>;
}

const HEALTHY_MS = 120_000;

/** Starts a server and waits until `/healthz` answers 200; rejects with its output when it ends before that. */
export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const home = await mkdtemp(join(tmpdir(), 'agentchat-server-'));
  const port = Number(options.env?.PORT ?? (await freePort()));
  const url = `http://127.0.0.1:${port}`;
  const entry = options.entry ?? join(import.meta.dir, '..', 'main.ts');
  const child = Bun.spawn(options.command ?? [process.execPath, '--no-env-file', entry], {
    cwd: options.cwd ?? home,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: home,
      TMPDIR: tmpdir(),
      HOST: '127.0.0.1',
      PORT: String(port),
      ...options.env,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });

  options.onSpawn?.(child.pid);
  let output = '';
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) output += decoder.decode(chunk, { stream: true });
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const exited = child.exited.then(async (): Promise<Exit> => {
    // A grandchild may keep the pipes open after the end.
    await Promise.race([collected, Bun.sleep(500)]);
    await rm(home, { recursive: true, force: true });
    // Bun gives a killed process an exit code of 128 and more besides its signal.
    return child.signalCode
      ? { code: null, signal: String(child.signalCode) }
      : { code: child.exitCode, signal: null };
  });
  const kill = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return exited;
  };

  if (await becomesHealthy(`${url}/healthz`, child))
    return { url, port, pid: child.pid, output: () => output, kill, exited };
  const ended = child.exitCode !== null || child.signalCode !== null;
  const early = ended ? await exited : undefined;
  if (!ended) await kill('SIGKILL');
  const what = early
    ? `ended with ${early.signal ?? `code ${early.code}`}`
    : `was not healthy in ${HEALTHY_MS} ms`;
  throw new Error(`The server ${what}. It wrote:\n${output}`);
}

/** True once it answers 200, false when the time is up or the process has ended. */
async function becomesHealthy(url: string, child: Bun.Subprocess): Promise<boolean> {
  const deadline = Date.now() + HEALTHY_MS;
  while (Date.now() < deadline && !child.killed && child.exitCode === null) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    if (answer?.status === 200) return true;
    await Bun.sleep(25);
  }
  return false;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
