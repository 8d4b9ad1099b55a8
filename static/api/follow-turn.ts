// One turn followed to its end, through lost connections, restarts of the server and times in which nobody looks,
// without doubling a character.
import { readEvents } from './event-stream.ts';
import { isAway, Problem, unreachable } from './problem.ts';
import { type TurnEvent, turnEvent } from './turn-events.ts';
import { turnEvents } from './turns.ts';
import type { TurnStatus } from './wire.ts';

/** Whether something is wanted now; `subscribe` tells at once, and whenever it changes. */
export type Wanted = {
  readonly value: boolean;
  subscribe: (look: (isWanted: boolean) => void) => () => void;
};

export type Following = {
  sessionId: string;
  /** Where it is not known yet, the stream's first event tells it. */
  turnId: string | null;
  /** The last event that was seen, or null. */
  cursor: string | null;
  /**
   * What makes the turn run, and opens its first stream; null where it runs already. It is called again when that
   * stream broke before the turn was known: it must be safe to repeat. What it throws means that the turn did not
   * begin.
   */
  begin: ((signal: AbortSignal) => Promise<Response>) | null;
  /** Whether a stream may be open; while not, only `begin` calls, and leaves as soon as the turn is known. */
  wanted: Wanted;
  onEvent: (event: TurnEvent) => void;
  /** The stream ended early, or could not be opened for this reason; it goes on when the server is back. */
  onLost: (why?: Problem) => void;
  /** It goes on. */
  onResumed: () => void;
  untilReady: (signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
};

/** `unknown`: only the history can tell how it ended. */
export type FollowedEnd = { status: TurnStatus | 'unknown'; cursor: string | null };

export async function followTurn(following: Following): Promise<FollowedEnd> {
  const { sessionId, wanted, onEvent, onLost, onResumed, untilReady, signal } = following;
  let { turnId, cursor, begin } = following;
  let isLost = false;
  let why: Problem | undefined;

  while (true) {
    if (begin === null) await untilWanted(wanted, signal);
    const leaving = new AbortController();
    const stopLooking = wanted.subscribe(() => leaveIfUnwanted(leaving));
    try {
      const end = await readOn(leaving);
      if (end) return end;
    } finally {
      stopLooking();
    }
    if (leaving.signal.aborted) continue;
    isLost = true;
    onLost(why);
    await untilReady(signal);
  }

  function leaveIfUnwanted(leaving: AbortController): void {
    if (begin === null && !wanted.value) leaving.abort();
  }

  /** Reads the events from where it was; undefined when the stream ended before the turn. */
  async function readOn(leaving: AbortController): Promise<FollowedEnd | undefined> {
    const until = AbortSignal.any([signal, leaving.signal]);
    const response = await opened(until);
    if (response === 'gone') return { status: 'unknown', cursor };
    why = response instanceof Problem ? response : undefined;
    if (response instanceof Problem) return undefined;
    if (turnId !== null) begin = null;
    leaveIfUnwanted(leaving);
    if (isLost) onResumed();
    isLost = false;
    try {
      for await (const { event, data, id } of readEvents(response)) {
        until.throwIfAborted();
        const value = turnEvent(event, data);
        cursor = id ?? cursor;
        if (value === null) continue;
        if (value.kind === 'done') return { status: value.status, cursor };
        if (value.kind === 'begun') {
          turnId = value.turnId;
          begin = null;
          leaveIfUnwanted(leaving);
        }
        onEvent(value);
      }
    } catch {
      signal.throwIfAborted();
    }
    return undefined;
  }

  /** A Problem that will pass; `gone`: the server no longer knows the turn. */
  async function opened(until: AbortSignal): Promise<Response | Problem | 'gone'> {
    if (begin !== null) return begin(until);
    if (turnId === null) return 'gone';
    try {
      return await turnEvents(sessionId, turnId, cursor, until);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Problem)) return unreachable();
      const isFinal = !isAway(error) && error.status < 500 && error.status !== 429;
      return isFinal ? 'gone' : error;
    }
  }
}

async function untilWanted(wanted: Wanted, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = () => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  const stopLooking = wanted.subscribe((isWanted) => {
    if (isWanted) resolve();
  });
  try {
    await promise;
  } finally {
    stopLooking();
    signal.removeEventListener('abort', leave);
  }
}
