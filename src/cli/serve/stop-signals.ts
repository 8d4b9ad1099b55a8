// When a process stops: whose signals it heeds, and how often.
import { constants } from 'node:os';
import { outlivesTerminal } from '../outlives-terminal.ts';
import { whenStarterEnds } from './starter.ts';

/** `kill` ends at once what would outlive this process. */
export type Running = { stop: () => Promise<void>; kill?: () => void };

type Stopping = {
  /** What runs by now; before that the process simply ends. */
  running: () => Running | undefined;
  fail: (error: unknown) => unknown;
};

// One Ctrl-C arrives twice: from the terminal, and passed on by `bun run`.
const echoMs = 1000;

/**
 * Stops on SIGTERM and SIGINT, when its terminal is closed, and when what began this process is gone. Told again after a
 * second, it ends at once: a person wants it now.
 */
export function stopOnSignals({ running, fail }: Stopping): void {
  let since: number | undefined;
  const stop = (codeBefore: number) => {
    since = performance.now();
    end(running(), codeBefore, fail);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (since === undefined) stop(128 + constants.signals[signal]);
      else if (performance.now() - since > echoMs) {
        running()?.kill?.();
        process.exit(1);
      }
    });
  }
  const outlives = outlivesTerminal();
  // Nobody insists by closing a terminal, however often that is told.
  process.on('SIGHUP', () => {
    if (since === undefined && !outlives) stop(128 + constants.signals.SIGHUP);
  });
  whenStarterEnds(() => {
    if (since === undefined) stop(1);
  });
}

/** Stops when the parent says so, or is gone. A terminal's Ctrl-C, and its end, are the parent's business. */
export function stopWithParent({ running, fail }: Stopping): void {
  let stopping = false;
  const stop = () => {
    if (!stopping) end(running(), 0, fail);
    stopping = true;
  };
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('SIGTERM', stop);
  process.on('disconnect', stop);
  // Gone before anybody listened.
  if (!process.connected) stop();
}

function end(running: Running | undefined, codeBefore: number, fail: (error: unknown) => unknown): void {
  if (!running) process.exit(codeBefore);
  running.stop().then(() => process.exit(0), fail);
}
