// The turns that run in this process: which they are, how one starts, and how all are handed over.
import type { TurnKey, TurnName } from '../../db/turns/turn-name.ts';
import { nameOf } from '../../db/turns/turn-name.ts';
import { Failure } from '../failure.ts';
import type { EventLog } from '../log/event-log.ts';
import { createPieceWriter } from '../log/piece-writer.ts';
import { createQueue } from './queue.ts';
import { runTurn } from './run-turn.ts';
import { type BegunRun, Leaving, type TurnParts } from './running-turn.ts';
import { createSpending, type Reporting, uncountedSteps } from './spending.ts';

export type Run = {
  key: TurnKey;
  events: EventLog;
  abort: AbortController;
  /** Resolves when it has left this process, or ended and is stored. */
  over: Promise<void>;
};

export type Runs = ReturnType<typeof createRuns>;

export const handedOver = (): Failure => new Failure('handed_over', { retry_after: 5 });

export function createRuns(parts: TurnParts) {
  const queue = createQueue(parts);
  const writer = createPieceWriter(parts);
  const reporting: Reporting = new WeakSet();
  // By the whole name: who names another's turn, or another session, gets none.
  const runs = new Map<string, Run>();
  // Turns that are being begun or taken over in the database and will be here in a moment.
  let starting = 0;
  // Set when what runs, or is only just being begun, has to go on elsewhere: the leases to let go of.
  let handingOver: string[] | undefined;

  function handOver({ key, abort }: Run, leases: string[]): void {
    leases.push(key.lease);
    abort.abort(new Leaving(handedOver()));
  }

  return {
    /** The run of this turn here. */
    of: (name: TurnName): Run | undefined => runs.get(nameOf(name)),

    all: (): Run[] => [...runs.values()],

    isHere: (run: Run): boolean => runs.get(nameOf(run.key)) === run,

    start(turn: BegunRun): void {
      const { key, events, agent, begun, settled } = turn;
      const name = nameOf(key);
      const abort = new AbortController();
      const storePieces = () => writer.open(key, events);
      const spending = createSpending(agent, uncountedSteps(settled, begun), reporting);
      const letGo = parts.agents.hold(agent);
      const running = runTurn(parts, { ...turn, storePieces, queue, spending, signal: abort.signal });
      const over = running.then(async (end) => {
        const left = end === 'ended' ? undefined : end.left;
        if (left?.why) events.leave(left.why);
        await left?.recorded;
        letGo();
        if (runs.get(name) === run) runs.delete(name);
        // Only now, so that its readers do not come back to this log.
        if (left) events.leave();
        queue.moves(key);
      });
      const run: Run = { key, events, abort, over };
      // Taken over from another process that had taken it over from this one, while the first run still hangs here.
      runs.get(name)?.abort.abort(new Leaving());
      runs.set(name, run);
      if (handingOver) handOver(run, handingOver);
    },

    /** Counts what begins turns, or takes them over, while it does: a stop waits for it. */
    async counted<T>(begin: () => Promise<T>): Promise<T> {
      starting++;
      try {
        return await begin();
      } finally {
        starting--;
      }
    },

    /** Whether any turn runs, waits or is being begun here. */
    isBusy: (): boolean => runs.size > 0 || starting > 0,

    /** Lets go of all that runs here, and of what is begun from now on; gives their leases, as they come. */
    handOverAll(): string[] {
      const leases: string[] = [];
      handingOver = leases;
      for (const run of runs.values()) handOver(run, leases);
      return leases;
    },
  };
}
