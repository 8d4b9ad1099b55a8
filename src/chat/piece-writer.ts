// Writes what turns stream to the database: the new pieces of all turns of this process, in one statement.
import { isDatabaseAway } from '../db/errors.ts';
import type { Store } from '../db/store.ts';
import type { NewPiece, PieceEvent } from '../db/turn-events.ts';
import type { TurnKey } from '../db/turns.ts';
import type { Log } from '../log.ts';
import { sleep } from './patience.ts';
import { pollWhile } from './poll.ts';

/**
 * How long a piece waits for others, while that is quickly done. Long enough to be one statement for a thousand turns,
 * and too short to notice.
 */
const flushMs = 75;

// A statement that takes long is followed by a pause three times as long, so that writing pieces leaves most of a busy
// machine to all else; the longer the pause, the fewer and larger the rows.
const pauseAfter = (tookMs: number): number => Math.min(3 * tookMs, 500);

/** The pieces of one run. */
export type PieceSink = {
  /** Will be stored soon. */
  add(event: PieceEvent, content: string): void;
  /** Stores no more; resolves when nothing of this run is being written, with whether anything may have been. */
  close(): Promise<boolean>;
};

export type PieceWriter = ReturnType<typeof createPieceWriter>;

// `tried`: up to this position pieces may be stored already, whatever became of the statement; they do not change.
// `closed`: no more is written, because the run is over, or because a piece is missing, and what followed it would mislead.
type Run = { pieces: NewPiece[]; position: number; tried: number; closed: boolean };

export function createPieceWriter({ store, log }: { store: Store; log: Log }) {
  const pending = new Set<Run>();
  let writing: { runs: Set<Run>; done: Promise<void> } | undefined;
  const wake = pollWhile(() => pending.size > 0, flush, flushMs, log);

  async function flush(): Promise<void> {
    const batch = [...pending].map((run) => ({ run, pieces: run.pieces.splice(0) }));
    pending.clear();
    for (const { run } of batch) run.tried = run.position;
    const began = performance.now();
    writing = { runs: new Set(batch.map(({ run }) => run)), done: write(batch) };
    await writing.done;
    writing = undefined;
    await sleep(pauseAfter(performance.now() - began));
  }

  async function write(batch: { run: Run; pieces: NewPiece[] }[]): Promise<void> {
    try {
      await store.events.append(batch.flatMap(({ pieces }) => pieces));
    } catch (error) {
      const isAway = isDatabaseAway(error);
      // The turn's end stores all of it once more.
      if (!isAway) log.error('pieces of turns could not be stored', { error });
      for (const { run, pieces } of batch) {
        if (!isAway) run.closed = true;
        if (run.closed) continue;
        run.pieces.unshift(...pieces);
        pending.add(run);
      }
    }
  }

  return {
    /** The sink of a run that begins. */
    open({ session, turn, lease }: TurnKey, attempt: number): PieceSink {
      const run: Run = { pieces: [], position: 0, tried: 0, closed: false };
      return {
        add(event, content) {
          if (run.closed) return;
          const last = run.pieces.at(-1);
          if (last?.event === event && last.position > run.tried) last.content += content;
          else run.pieces.push({ session, turn, lease, attempt, position: ++run.position, event, content });
          pending.add(run);
          wake();
        },
        async close() {
          run.closed = true;
          pending.delete(run);
          if (writing?.runs.has(run)) await writing.done;
          return run.tried > 0;
        },
      };
    },
  };
}
