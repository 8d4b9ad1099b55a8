// One turn followed to its end, through lost connections and restarts of the server, without doubling a character.
import { readEvents } from './event-stream.ts';
import { isAway, Problem } from './problem.ts';
import { type TurnEvent, turnEvent } from './turn-events.ts';
import { turnEvents } from './turns.ts';
import type { TurnStatus } from './wire.ts';

export type Following = {
  sessionId: string;
  /** Where it is not known yet, the stream's first event tells it. */
  turnId: string | null;
  /** The last event that was seen, or null. */
  cursor: string | null;
  /**
   * Opens the first stream, and again when that broke before the turn was known: it must be safe to repeat.
   * What it throws means that the turn did not begin.
   */
  open: (signal: AbortSignal) => Promise<Response>;
  onEvent: (event: TurnEvent) => void;
  /** The stream ended early; it goes on when the server is back. */
  onLost: () => void;
  /** It goes on. */
  onResumed: () => void;
  untilReady: (signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
};

/** `unknown`: only the history can tell how it ended. */
export type FollowedEnd = { status: TurnStatus | 'unknown'; cursor: string | null };

export async function followTurn(following: Following): Promise<FollowedEnd> {
  const { sessionId, open, onEvent, onLost, onResumed, untilReady, signal } = following;
  let { turnId, cursor } = following;
  let response: Response | null = await open(signal);
  while (response !== null) {
    try {
      for await (const { event, data, id } of readEvents(response)) {
        signal.throwIfAborted();
        const value = turnEvent(event, data);
        cursor = id ?? cursor;
        if (value === null) continue;
        if (value.kind === 'done') return { status: value.status, cursor };
        if (value.kind === 'begun') turnId = value.turnId;
        onEvent(value);
      }
    } catch {
      signal.throwIfAborted();
    }
    onLost();
    response = await reopened();
    onResumed();
  }
  return { status: 'unknown', cursor };

  /** The rest of the events, once the server is back; null when it no longer knows the turn. */
  async function reopened(): Promise<Response | null> {
    while (true) {
      await untilReady(signal);
      try {
        return turnId === null ? await open(signal) : await turnEvents(sessionId, turnId, cursor, signal);
      } catch (error) {
        if (isAway(error)) continue;
        if (turnId === null || !(error instanceof Problem)) throw error;
        if (error.status >= 400 && error.status < 500 && error.status !== 429) return null;
      }
    }
  }
}
