// Looking at a turn, wherever it runs: here, in another process, in one after the other, or long ago.
import type { Cursor, EventLog, Outcome, TurnEvent } from './event-log.ts';
import type { Failure } from './failure.ts';
import type { TextMessage } from './messages.ts';
import type { Mirror, Mirrors } from './mirrors.ts';

export type TurnReader = {
  /**
   * The events after `seen` (all, without it), and those to come, those together that there are at once; to `done`
   * or until `signal`. Ends early where the process stops or cannot know the end: the turn goes on, and the last
   * cursor gets the rest elsewhere.
   */
  follow(seen: Cursor | undefined, signal: AbortSignal): AsyncIterableIterator<TurnEvent[], void>;
  /** Waits for the stored reply, or why there is none; undefined when `signal` was aborted before. */
  result(signal: AbortSignal): Promise<TextMessage | Failure | undefined>;
};

/** `here` finds the log of a turn that runs in this process. */
export function createTurnReader(here: (turn: string) => EventLog | undefined, mirrors: Mirrors) {
  /** The log that tells of the turn now, of this attempt or a later one. */
  async function open(session: string, turn: string, attempt = 0): Promise<Mirror> {
    const local = here(turn);
    // A process that was frozen may have an earlier attempt than the reader has seen.
    if (local && local.attempt >= attempt) return { log: local, close: () => {} };
    return mirrors.open(session, turn, attempt);
  }

  /** `known`: the log in which it begins. */
  return (session: string, turn: string, known?: EventLog): TurnReader => ({
    follow(seen, signal) {
      let cursor = seen;
      let now: Mirror | undefined = known && { log: known, close: () => {} };
      let events: ReturnType<EventLog['follow']> | undefined;
      function leave(): void {
        events?.return?.();
        now?.close();
        events = undefined;
        now = undefined;
      }
      async function next(): Promise<IteratorResult<TurnEvent[], void>> {
        while (!signal.aborted) {
          now ??= await open(session, turn, cursor?.attempt);
          // Who left meanwhile found nothing to close.
          if (signal.aborted) break;
          events ??= now.log.follow(cursor, signal);
          const { log } = now;
          const result = await events.next();
          if (!result.done) {
            cursor = result.value.at(-1)?.cursor;
            return result;
          }
          leave();
          if (signal.aborted || (await log.outcome) !== 'elsewhere') break;
        }
        leave();
        return { done: true, value: undefined };
      }
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        next,
        return: async () => {
          leave();
          return { done: true, value: undefined };
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
        const { log, close } = await open(session, turn);
        outcome = await Promise.race([log.outcome, left]).finally(close);
      }
      return outcome;
    },
  });
}
