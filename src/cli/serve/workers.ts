// WORKERS=n: processes that share the port on one machine. They start together; one that dies later is replaced.
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Set in a worker's environment: it tells its parent how it fares, and prints no banner. */
export const workerVariable = 'AGENTCHAT_WORKER';

/** What a worker tells its parent, each at most once. */
const workerReport = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('serving') }),
  z.object({ kind: z.literal('drained') }),
  z.object({ kind: z.literal('failed'), sentence: z.string() }),
]);
type WorkerReport = z.infer<typeof workerReport>;

export const isWorker = (): boolean => process.env[workerVariable] !== undefined && !!process.send;

/** Resolves when the parent has it, or is gone. */
export const reportToParent = (report: WorkerReport): Promise<void> =>
  new Promise((resolve) => {
    if (process.send?.(report, undefined, undefined, () => resolve()) !== true) resolve();
  });

/**
 * For a worker whose turns have ended: resolves when those of all others have. Until then it goes on listening,
 * since a caller on the shared port who met a closing process would be cut off instead of told to come back.
 */
export async function drainedWithOthers(): Promise<void> {
  const close = new Promise<void>((resolve) => {
    process.on('message', () => resolve());
    process.on('disconnect', () => resolve());
    if (!process.connected) resolve();
  });
  await reportToParent({ kind: 'drained' });
  await close;
}

export type Workers = {
  /** Resolves when each of them serves. Rejects with why, when none is left running, if one ended before. */
  started: Promise<void>;
  /** Ends them gracefully. */
  stop: () => Promise<void>;
  /** Ends them at once. */
  kill: () => void;
};

type Worker = { process: Bun.Subprocess; served: boolean; drained: boolean; failure?: string };

// One that dies at once would otherwise be restarted in a busy loop.
const restartMs = 1000;

/** Starts `count` workers and, once all serve, keeps as many running. `say` hears what becomes of them then. */
export function startWorkers(count: number, { command = ownCommand(), say = toStandardError } = {}): Workers {
  const workers = new Map<number, Worker>();
  const started = Promise.withResolvers<void>();
  let serving = false;
  let stopping = false;
  let closing = false;
  let lastSaid = '';

  const start = (number: number) => {
    const worker: Worker = {
      process: Bun.spawn(command, {
        env: { ...process.env, [workerVariable]: String(number) },
        stdio: ['ignore', 'inherit', 'inherit'],
        // The channel's end is also how a worker learns that its parent is gone, however it went.
        ipc: (message) => {
          const report = workerReport.parse(message);
          if (report.kind === 'failed') worker.failure = report.sentence;
          else if (report.kind === 'drained') hasDrained(worker);
          else hasServed(worker);
        },
        onExit: (_, code, signal) => hasEnded(number, worker, signal ?? `code ${code}`),
      }),
      served: false,
      drained: false,
    };
    workers.set(number, worker);
  };

  const hasServed = (worker: Worker) => {
    worker.served = true;
    lastSaid = '';
    if ([...workers.values()].filter(({ served }) => served).length < count) return;
    serving = true;
    started.resolve();
  };

  const hasDrained = (worker: Worker) => {
    worker.drained = true;
    // Told to stop by somebody else than this process: it is not to wait for the others.
    if (!stopping) return worker.process.send({ kind: 'close' });
    closeIfDrained();
  };

  const closeIfDrained = () => {
    const left = [...workers.values()];
    if (closing || !left.every(({ drained }) => drained)) return;
    closing = true;
    for (const { process } of left) process.send({ kind: 'close' });
  };

  const hasEnded = (number: number, worker: Worker, how: string | number) => {
    workers.delete(number);
    if (stopping) return closeIfDrained();
    if (!serving) {
      started.reject(new Error(worker.failure ?? `A worker ended with ${how} before it served.`));
      return;
    }
    const line = worker.failure
      ? `Worker ${number} cannot serve: ${worker.failure}`
      : `Worker ${number} ended with ${how}; it is started again.`;
    if (line !== lastSaid) say(line);
    lastSaid = line;
    setTimeout(() => stopping || start(number), restartMs);
  };

  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    stopping = true;
    const running = [...workers.values()].map(({ process }) => process);
    for (const worker of running) worker.kill(signal);
    return Promise.all(running.map((worker) => worker.exited));
  };

  for (let number = 1; number <= count; number++) start(number);
  return {
    started: started.promise.catch(async (error) => {
      await end('SIGKILL');
      throw error;
    }),
    stop: async () => {
      await end('SIGTERM');
    },
    kill: () => {
      end('SIGKILL');
    },
  };
}

const ownCommand = () => [process.execPath, fileURLToPath(new URL('../../main.ts', import.meta.url))];

const toStandardError = (line: string): unknown => process.stderr.write(`${line}\n`);
