// The turns of this process. A turn is begun in the database and runs here; callers only look at it, so one
// that goes away stops nothing, and one whose turn goes on in another process goes on with it there.
import type { SessionKey } from '../../db/owner.ts';
import type { TurnName } from '../../db/turns/turn-name.ts';
import { sleep } from '../../sleep.ts';
import { isFinal } from '../../words/turn-status.ts';
import { Failure } from '../failure.ts';
import { createMirrors } from '../log/mirrors.ts';
import { createTurnReader, type TurnReader } from '../log/turn-reader.ts';
import { findTurn } from '../turn-view.ts';
import { createBeat } from './beat.ts';
import { createBeginning } from './begin-turns.ts';
import { createDrain } from './drain.ts';
import type { TurnParts } from './running-turn.ts';
import { createRuns } from './runs.ts';

// How long a caller who cancels waits to see the end of it, and how often it looks in another process's turn.
const cancelWaitMs = 2000;
const pollMs = 100;

export type Turns = ReturnType<typeof createTurns>;

export function createTurns(parts: TurnParts) {
  const { store } = parts;
  const runs = createRuns(parts);
  const mirrors = createMirrors(parts);
  const reader = createTurnReader((name) => runs.of(name)?.events, mirrors);
  const { drain, isDraining, refuseWhileDraining } = createDrain(parts, runs, mirrors);
  const beat = createBeat(parts, { runs, isDraining });
  const { begin, regenerate, retry } = createBeginning(parts, {
    runs,
    reader,
    isDraining,
    refuseWhileDraining,
  });

  return {
    begin,
    regenerate,
    retry,

    /** Cancels a turn, whichever process runs it, and waits a little for its end. One that has ended stays. */
    cancel: async (name: TurnName): Promise<void> => {
      const here = runs.of(name);
      here?.abort.abort(new Failure('cancelled'));
      // Also where it runs here: this process may die before its end is stored.
      if (!(await store.turns.requestCancel(name))) return;
      // Nobody holds one that waits for a person, also where its run here does not know yet that it does.
      if (await store.calls.cancelWaiting(name)) return;
      const deadline = performance.now() + cancelWaitMs;
      let over = here?.over;
      while (performance.now() < deadline && !isFinal((await findTurn(store, name)).status)) {
        await Promise.race([over ?? sleep(pollMs), sleep(pollMs)]);
        over = undefined;
      }
    },

    /** Looks at a turn that exists, wherever it runs or ran. */
    read: (name: TurnName): TurnReader => reader(name),

    /** Whether the turn runs in this process. */
    isHere: (name: TurnName): boolean => runs.of(name) !== undefined,

    /** Ends what runs in a session that was deleted. */
    abandonSession: ({ owner, session }: SessionKey): void => {
      for (const { key, abort } of runs.all()) {
        if (key.owner === owner && key.session === session) abort.abort(new Failure('session_deleted'));
      }
    },

    /**
     * Holds this process's turns, stops those that are to be cancelled, and takes over turns that nobody holds;
     * call it twice a second. With `atStart` on a database that only this process uses, nobody holds any.
     */
    beat,

    /** Whether any turn runs, waits or is being begun here. */
    busy: runs.isBusy,

    drain,

    refuseWhileDraining,
  };
}
