// Server-sent events: a turn's events as a response that outlives silence and whose reader may leave.
import { formatCursor, type TurnEvent } from '../chat/log/cursor.ts';
import type { Following } from '../chat/log/turn-reader.ts';
import { type ProblemPlace, turnProblem } from './problem.ts';
import { isProblemCode } from './problem-kinds.ts';

/** Proxies and servers close what stays silent for longer. */
const heartbeatMs = 5000;

/** A comment. No blank line: some decoders make an event of one, without data, once an event has had an id. */
const heartbeatLine = ': still here\n';

export const eventStreamType = 'text/event-stream';

export const eventStreamHeaders = {
  'Content-Type': `${eventStreamType}; charset=utf-8`,
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/** Calls when the reader may read no more; gives what to call when they have left. */
export type Until = (end: () => void) => () => void;

/**
 * The body that follows a turn to its end, with a line every `everyMs` that says so. A reader who leaves ends the
 * following, not the turn; so does `until`, and whoever may comes back with the last cursor.
 */
export function eventStream(
  follow: (wake: () => void) => Following,
  place: ProblemPlace,
  { until = () => () => {}, everyMs = heartbeatMs }: { until?: Until; everyMs?: number } = {},
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  /** Set while the reader is ready for more. Who does not read gets no more: what he has not fetched stays in the log. */
  let asking: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isToLook = false;
  let close = () => {};

  const following = follow(() => {
    if (!asking || isToLook) return;
    isToLook = true;
    // What is appended together is read together.
    queueMicrotask(look);
  });
  const heartbeat = setInterval(() => send(heartbeatLine), everyMs);
  const forget = until(() => {
    leave();
    close();
  });

  function leave(): void {
    asking = undefined;
    forget();
    clearInterval(heartbeat);
    following.leave();
  }

  function send(text: string): void {
    const controller = asking;
    asking = undefined;
    controller?.enqueue(encoder.encode(text));
  }

  function look(): void {
    isToLook = false;
    const controller = asking;
    if (!controller) return;
    try {
      const events = following.read();
      if (!events) {
        leave();
        controller.close();
      } else if (events.length > 0) send(events.map((event) => frame(event, place)).join(''));
    } catch (error) {
      leave();
      controller.error(error);
    }
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        close = () => controller.close();
      },
      pull(controller) {
        asking = controller;
        look();
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}

function frame(event: TurnEvent, place: ProblemPlace): string {
  const data = event.event === 'error' ? errorData(event.data, place) : event.data;
  return `event: ${event.event}\nid: ${formatCursor(event.cursor)}\ndata: ${oneLine(JSON.stringify(data))}\n\n`;
}

// Characters that JSON leaves as they are, and at which Python's `splitlines`, which decoders use, ends a line.
const lineEnds = /[\u0085\u2028\u2029]/;
const everyLineEnd = new RegExp(lineEnds, 'g');

function oneLine(json: string): string {
  if (!lineEnds.test(json)) return json;
  return json.replace(everyLineEnd, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function errorData(
  { code, details, turn_id }: Extract<TurnEvent, { event: 'error' }>['data'],
  place: ProblemPlace,
) {
  return turnProblem(isProblemCode(code) ? code : 'internal', details, place, { turn: turn_id });
}
