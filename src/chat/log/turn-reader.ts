// Looking at a turn, wherever it runs: here, in another process, in one after the other, or long ago.
import type { TurnName } from '../../db/turns/turn-name.ts';
import type { Failure } from '../failure.ts';
import type { TextMessage } from '../messages.ts';
import { type Cursor, ofNothing, type TurnEvent } from './cursor.ts';
import type { EventLog, LogReading, Outcome } from './event-log.ts';
import type { Mirrors, OpenLog } from './mirrors.ts';

export type TurnReader = {
  session: string;
  turn: string;
  /** Whether who has this began the turn, or began it again; otherwise it was there before. */
  isBegun: boolean;
  /**
   * Begins to read the events after `seen` (all, without it); `wake` is called when `read` may have something new to
   * say, after it had nothing.
   */
  follow(seen: Cursor | undefined, wake: () => void): Following;
  /** Waits for the stored reply, or why there is none; undefined when `signal` was aborted before. */
  result(signal: AbortSignal): Promise<TextMessage | Failure | undefined>;
};

/** A reader's place in a turn, which must be left. */
export type Following = {
  /**
   * The next events that there are, some at once; none while there are no more; undefined after `done`, or where the
   * process stops or cannot know the end: the turn goes on, and the last cursor gets the rest elsewhere. Throws what
   * keeps the turn from being looked up.
   */
  read(): TurnEvent[] | undefined;
  leave(): void;
};

export type ReadTurn = ReturnType<typeof createTurnReader>;

/** `here` finds the log of a turn that runs in this process. */
export function createTurnReader(here: (name: TurnName) => EventLog | undefined, mirrors: Mirrors) {
  /** The log that tells of the turn now, of this attempt or a later one. */
  async function open(name: TurnName, attempt = 0): Promise<OpenLog> {
    const local = here(name);
    // A process that was frozen may have an earlier attempt than the reader has seen.
    if (local && local.attempt >= attempt) return { log: local, close: () => {} };
    return mirrors.open(name, attempt);
  }

  /** `known`: the log in which it begins. */
  return (name: TurnName, known?: EventLog): TurnReader => ({
    session: name.session,
    turn: name.turn,
    isBegun: known !== undefined,
    follow(seen, wake) {
      let cursor = seen;
      let now: { opened: OpenLog; reading: LogReading } | undefined;
      let failure: { error: unknown } | undefined;
      let left = false;

      function use(opened: OpenLog): void {
        if (left) {
          opened.close();
          return;
        }
        // Of an attempt that there is not, which a restored database tells: what the reader has is void.
        if (cursor && opened.log.attempt < cursor.attempt) cursor = ofNothing;
        now = { opened, reading: opened.log.read(cursor, wake) };
      }
      function drop(): void {
        now?.reading.end();
        now?.opened.close();
        now = undefined;
      }
      function look(): void {
        open(name, cursor?.attempt)
          .then(use)
          .catch((error) => {
            failure = { error };
          })
          .then(wake);
      }

      if (known) use({ log: known, close: () => {} });
      else look();
      return {
        read() {
          if (failure) throw failure.error;
          if (left) return undefined;
          if (!now) return [];
          const events = now.reading.next();
          cursor = events.at(-1)?.cursor ?? cursor;
          const { ended } = now.opened.log;
          if (events.length > 0 || !ended) return events;
          drop();
          left = ended !== 'elsewhere';
          if (left) return undefined;
          look();
          return [];
        },
        leave() {
          left = true;
          drop();
        },
      };
    },

    async result(signal) {
      const left = new Promise<undefined>((resolve) => {
        if (signal.aborted) return resolve(undefined);
        signal.addEventListener('abort', () => resolve(undefined), { once: true });
      });
      let outcome: Outcome | undefined = known ? await Promise.race([known.outcome, left]) : 'elsewhere';
      while (outcome === 'elsewhere') {
        const { log, close } = await open(name);
        outcome = await Promise.race([log.outcome, left]).finally(close);
      }
      return outcome;
    },
  });
}
