// Looking at a turn, wherever it runs: here, in another process, in one after the other, or long ago.
import type { Cursor, EventLog, Outcome, TurnEvent } from './event-log.ts';
import type { Failure } from './failure.ts';
import type { TextMessage } from './messages.ts';
import type { Mirrors } from './mirrors.ts';
import { sleep } from './patience.ts';

export type TurnReader = {
  /**
   * The events after `seen` (all, without it), and those to come, to `done` or until `signal`. Ends early where the
   * process stops or cannot know the end: the turn goes on, and the last cursor gets the rest elsewhere.
   */
  follow(seen: Cursor | undefined, signal: AbortSignal): AsyncGenerator<TurnEvent, void>;
  /** Waits for the stored reply, or why there is none. */
  result(): Promise<TextMessage | Failure>;
};

// A process that was frozen, or has not looked yet, may still have the log of an earlier attempt than a reader has
// seen. It hears of the later one within this time; a reader who names an attempt that never was gets what there is.
const hearsWithinMs = 1500;
const againMs = 100;

type OpenLog = { log: EventLog; close: () => void };

/** `here` finds the log of a turn that runs in this process. */
export function createTurnReader(here: (turn: string) => EventLog | undefined, mirrors: Mirrors) {
  /** The log that tells of the turn now, of this attempt or a later one. */
  async function open(session: string, turn: string, attempt = 0): Promise<OpenLog> {
    for (const deadline = performance.now() + hearsWithinMs; ; await sleep(againMs)) {
      const local = here(turn);
      if (local && local.attempt >= attempt) return { log: local, close: () => {} };
      const mirror = mirrors.open(session, turn);
      try {
        const log = await mirror.log;
        if (log.attempt >= attempt || performance.now() > deadline) return { log, close: mirror.close };
      } catch (error) {
        mirror.close();
        throw error;
      }
      mirror.close();
    }
  }

  /** `known`: the log in which it begins. */
  return (session: string, turn: string, known?: EventLog): TurnReader => ({
    async *follow(seen, signal) {
      let cursor = seen;
      let now: OpenLog | undefined = known && { log: known, close: () => {} };
      while (!signal.aborted) {
        const { log, close } = now ?? (await open(session, turn, cursor?.attempt));
        now = undefined;
        try {
          for await (const event of log.follow(cursor, signal)) {
            cursor = event.cursor;
            yield event;
          }
          if (signal.aborted || (await log.outcome) !== 'elsewhere') return;
        } finally {
          close();
        }
      }
    },

    async result() {
      let outcome: Outcome = known ? await known.outcome : 'elsewhere';
      while (outcome === 'elsewhere') {
        const { log, close } = await open(session, turn);
        outcome = await log.outcome.finally(close);
      }
      return outcome;
    },
  });
}
