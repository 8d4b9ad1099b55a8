// What a process does again and again for its turns: it holds them, and takes over those that nobody holds.
import { sleep } from '../../sleep.ts';
import { leaseSeconds } from '../../words/turn-limits.ts';
import { Failure } from '../failure.ts';
import { Leaving, type TurnParts } from './running-turn.ts';
import type { Runs } from './runs.ts';
import { takeOver } from './take-over.ts';

// How long a beat waits for turns to be taken over.
const takeOverMs = 500;
/** How often files are let go that nobody came for. */
const sweepEveryMs = 600_000;
/** How late it may be seen that nobody answered in time. */
const expireEveryMs = 5000;
// When a database answers this late it stood still, and leases may have run out meanwhile. None does sooner.
const stoodStillMs = (leaseSeconds * 1000) / 2;

export type BeatParts = { runs: Runs; isDraining(): boolean };

/** Gives `Turns.beat`. */
export function createBeat(parts: TurnParts, { runs, isDraining }: BeatParts) {
  const { store, agents } = parts;
  let mayTakeOverAt = 0;
  let takingOver: Promise<void> | undefined;
  let mayExpireAt = 0;
  let maySweepAt = 0;

  /** While the database is away, or stands still, nobody can renew a lease: whoever lives gets the time to do it. */
  function waitBeforeTakingOver(): void {
    mayTakeOverAt = performance.now() + leaseSeconds * 1000;
  }

  /** What a person did not answer in time is denied; its turns are abandoned ones then. */
  async function expire(): Promise<void> {
    if (performance.now() < mayExpireAt) return;
    mayExpireAt = performance.now() + expireEveryMs;
    await store.calls.expire();
  }

  async function sweepFiles(): Promise<void> {
    if (performance.now() < maySweepAt) return;
    maySweepAt = performance.now() + sweepEveryMs;
    await store.files.sweep();
  }

  async function takeOverAbandoned(began: number, regardless: boolean): Promise<void> {
    try {
      await expire();
      await sweepFiles();
      const abandoned = await store.leases.abandoned(agents.names, regardless);
      if (isDraining()) return;
      if (performance.now() - began > stoodStillMs) return waitBeforeTakingOver();
      for await (const taken of takeOver(parts, abandoned, regardless)) {
        runs.start(taken);
        if (isDraining()) return;
      }
    } catch (error) {
      // Also where no beat waits for it any more.
      waitBeforeTakingOver();
      throw error;
    }
  }

  async function holdRuns(): Promise<void> {
    const mine = runs.all();
    if (mine.length === 0) return;
    const held = await store.leases.hold(mine.map(({ key }) => key.lease));
    for (const run of mine) {
      const { key, abort } = run;
      const lease = held.get(key.lease);
      if (lease?.cancel) abort.abort(new Failure('cancelled'));
      if (lease || abort.signal.aborted || !runs.isHere(run)) continue;
      // Another process has the turn, or deleted the session. (If it has just ended here, nobody heeds this.)
      abort.abort(new Leaving());
    }
  }

  return async ({ atStart = false } = {}): Promise<void> => {
    const began = performance.now();
    try {
      await holdRuns();
      if (isDraining() || performance.now() < mayTakeOverAt) return;
      takingOver ??= runs
        .counted(() => takeOverAbandoned(began, atStart && store.exclusive))
        .finally(() => {
          takingOver = undefined;
        });
      // It may wait for others, and this process's own leases have to be renewed meanwhile.
      await Promise.race(atStart ? [takingOver] : [takingOver, sleep(takeOverMs)]);
    } catch (error) {
      waitBeforeTakingOver();
      throw error;
    }
  };
}
