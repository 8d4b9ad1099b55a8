// One turn followed to its end, through lost connections and restarts of the server.
import { followTurn } from './api.js';
import { readEvents } from './event-stream.js';
import { untilReady } from './server-health.js';

/**
 * `start` opens the first stream, and again when that broke before the turn was known: it must be safe to repeat.
 * What it throws means that the turn did not begin; null, that it did and only the history tells more.
 * `onEvent(name, data)` gets each event but `done`; `onLost()` is called when a stream ends early.
 * Resolves with the turn's status, or 'unknown' when only the history can tell.
 */
export async function runTurn({ sessionId, turnId, cursor = null, start, onEvent, onLost, signal }) {
  let turn = turnId;
  let last = cursor;
  let response = await start(signal);
  while (response !== null) {
    try {
      for await (const { event, data, id } of readEvents(response)) {
        signal.throwIfAborted();
        last = id ?? last;
        const value = parse(data);
        if (value === null) continue;
        if (event === 'done') return { status: value.status, cursor: last };
        if (event === 'turn') turn = value.turn_id;
        onEvent(event, value);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      console.warn('the stream broke:', error);
    }
    onLost();
    if (turn) response = await reopen(sessionId, turn, last, signal);
    else {
      await untilReady(signal);
      response = await start(signal);
    }
  }
  return { status: 'unknown', cursor: last };
}

/** The rest of a turn's events, once the server is back; null when it no longer knows the turn. */
async function reopen(sessionId, turnId, cursor, signal) {
  while (true) {
    await untilReady(signal);
    try {
      return await followTurn(sessionId, turnId, cursor, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) return null;
    }
  }
}

/** A bad event is skipped, not fatal: the stored message follows anyway. */
function parse(data) {
  try {
    const value = JSON.parse(data);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
