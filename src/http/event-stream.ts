// Server-sent events: a turn's events as a response that outlives silence and whose reader may leave.
import { formatCursor, type TurnEvent } from '../chat/event-log.ts';
import { isProblemCode, makeProblem, type ProblemPlace } from './problem.ts';

/** Proxies and servers close what stays silent for longer. */
const heartbeatMs = 5000;
/** How often events are made ready for a reader who is slower than the turn. */
const readAhead = 16;

export const eventStreamType = 'text/event-stream';

export const eventStreamHeaders = {
  'Content-Type': `${eventStreamType}; charset=utf-8`,
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/** The body that follows events to their end. A reader who leaves ends the following, not the turn. */
export function eventStream(
  follow: (left: AbortSignal) => AsyncIterable<TurnEvent[]>,
  place: ProblemPlace,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  const left = new AbortController();
  const leave = () => {
    left.abort();
    clearInterval(heartbeat);
  };
  const events = follow(left.signal)[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        heartbeat = setInterval(() => {
          // A reader who does not read gets no more of it: what he has not fetched stays in the log.
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': still here\n\n'));
        }, heartbeatMs);
      },
      async pull(controller) {
        try {
          const next = await events.next();
          if (left.signal.aborted) return;
          if (!next.done) {
            const frames = next.value.map((event) => frame(event, place));
            return controller.enqueue(encoder.encode(frames.join('')));
          }
          leave();
          controller.close();
        } catch (error) {
          leave();
          throw error;
        }
      },
      cancel() {
        leave();
        // It may wait to be asked for the next event, and would keep what it reads from open for ever.
        events.return?.().catch(() => {});
      },
    },
    new CountQueuingStrategy({ highWaterMark: readAhead }),
  );
}

function frame(event: TurnEvent, place: ProblemPlace): string {
  const data = event.event === 'error' ? errorData(event.data, place) : event.data;
  return `event: ${event.event}\nid: ${formatCursor(event.cursor)}\ndata: ${JSON.stringify(data)}\n\n`;
}

function errorData(
  { code, details, turn_id }: Extract<TurnEvent, { event: 'error' }>['data'],
  place: ProblemPlace,
) {
  return { ...makeProblem(isProblemCode(code) ? code : 'internal', details, place), turn_id };
}
