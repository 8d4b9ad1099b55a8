// The stop of a process: no new turns, time for those that run, and the rest is handed over.
import { sleep } from '../../sleep.ts';
import { Failure } from '../failure.ts';
import type { Mirrors } from '../log/mirrors.ts';
import type { TurnParts } from './running-turn.ts';
import { handedOver, type Runs } from './runs.ts';

const pollMs = 100;
// How long turns that are handed over at a stop may take to let go.
const letGoMs = 2000;

export function createDrain({ store, log }: TurnParts, runs: Runs, mirrors: Mirrors) {
  let draining = false;

  async function allOver(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (runs.isBusy()) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      await Promise.race([...runs.all().map(({ over }) => over), sleep(Math.min(left, pollMs))]);
    }
  }

  return {
    isDraining: (): boolean => draining,

    /** Throws a Failure while the process stops and begins no more turns. */
    refuseWhileDraining(): void {
      if (draining) throw new Failure('draining', { retry_after: 5 });
    },

    /** No new turns from now on. Resolves when the running ones have ended; what is left after `graceMs` is handed over. */
    async drain(graceMs: number): Promise<void> {
      draining = true;
      await allOver(graceMs);
      const leases = runs.handOverAll();
      await allOver(letGoMs);
      mirrors.leaveAll(handedOver());
      if (leases.length === 0) return;
      try {
        await store.leases.release(leases);
        log.info('unfinished turns were handed over to whoever looks next', { turns: leases.length });
      } catch (error) {
        log.warn('unfinished turns could not be handed over; they go on when their leases have run out', {
          error,
        });
      }
    },
  };
}
