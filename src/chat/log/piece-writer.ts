// Writes what turns stream to the database: the new pieces of all turns of this process, in one statement.
import { isDatabaseAway, isDatabaseClosed } from '../../db/errors.ts';
import type { Store } from '../../db/store.ts';
import type { NewPiece } from '../../db/turns/turn-events.ts';
import type { TurnKey } from '../../db/turns/turn-name.ts';
import type { Log } from '../../log.ts';
import { sleep } from '../../sleep.ts';
import { pollWhile } from '../poll.ts';
import type { EventLog } from './event-log.ts';

/**
 * How long a piece waits for others, while that is quickly done. Long enough to be one statement for a thousand turns,
 * and too short to notice.
 */
const flushMs = 75;

// A statement that takes long is followed by a pause three times as long, so that writing pieces leaves most of a busy
// machine to all else; the longer the pause, the fewer and larger the rows.
const pauseAfter = (tookMs: number): number => Math.min(3 * tookMs, 500);

/** The storing of what one step streams. */
export type PieceSink = {
  /** Ends it; resolves when nothing of this run is being written, with whether anything may have been. */
  close(): Promise<boolean>;
};

export type PieceWriter = ReturnType<typeof createPieceWriter>;

// `unstored`: taken from the log, and perhaps stored already, whatever became of the statement: they do not change, and
// nothing more is taken before they are.
// `closed`: no more is written, because the run is over, or because a piece is missing, and what followed it would
// mislead.
type Run = { take(): NewPiece[]; unstored: NewPiece[]; closed: boolean };

export function createPieceWriter({ store, log }: { store: Store; log: Log }) {
  const pending = new Set<Run>();
  let writing: { runs: Set<Run>; done: Promise<void> } | undefined;
  const wake = pollWhile({
    hasWork: () => pending.size > 0,
    work: flush,
    everyMs: flushMs,
    log,
  });

  async function flush(): Promise<void> {
    const runs = new Set(pending);
    pending.clear();
    const late = [...runs].filter(({ unstored }) => unstored.length > 0);
    for (const run of runs) if (run.unstored.length === 0) run.unstored = run.take();
    const began = performance.now();
    writing = { runs, done: write(runs) };
    await writing.done;
    writing = undefined;
    // More may have come since they were taken.
    for (const run of late) if (!run.closed) pending.add(run);
    await sleep(pauseAfter(performance.now() - began));
  }

  async function write(runs: Set<Run>): Promise<void> {
    const pieces = [...runs].flatMap(({ unstored }) => unstored);
    if (pieces.length === 0) return;
    try {
      await store.events.append(pieces);
      for (const run of runs) run.unstored = [];
    } catch (error) {
      const isAway = isDatabaseAway(error);
      // The turn's end stores all of it once more.
      if (!isAway && !isDatabaseClosed(error)) log.error('pieces of turns could not be stored', { error });
      for (const run of runs) {
        if (!isAway) run.closed = true;
        if (run.closed) run.unstored = [];
        else pending.add(run);
      }
    }
  }

  return {
    /** Stores what the open step of `events` streams. */
    open({ owner, session, turn, lease }: TurnKey, events: EventLog): PieceSink {
      const { attempt, step } = events;
      let position = 0;
      const reading = events.readPieces(() => {
        if (run.closed) return;
        pending.add(run);
        wake();
      });
      const run: Run = {
        unstored: [],
        closed: false,
        take: () =>
          reading.next().map((piece) => ({
            owner,
            session,
            turn,
            lease,
            step,
            attempt,
            position: ++position,
            ...piece,
          })),
      };
      return {
        async close() {
          run.closed = true;
          reading.end();
          pending.delete(run);
          if (writing?.runs.has(run)) await writing.done;
          return position > 0;
        },
      };
    },
  };
}
