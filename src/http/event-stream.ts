// Server-sent events: a turn's events as a response that outlives silence and whose reader may leave.
import { formatCursor, type TurnEvent } from '../chat/event-log.ts';
import { isProblemCode, makeProblem, type ProblemPlace } from './problem.ts';

/** Proxies and servers close what stays silent for longer. */
const heartbeatMs = 5000;

export const eventStreamType = 'text/event-stream';

/** The response that follows events to their end. A reader who leaves ends the following, not the turn. */
export function eventStream(
  follow: (left: AbortSignal) => AsyncIterable<TurnEvent>,
  place: ProblemPlace,
): Response {
  const encoder = new TextEncoder();
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  const left = new AbortController();
  const leave = () => {
    left.abort();
    clearInterval(heartbeat);
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      heartbeat = setInterval(() => controller.enqueue(encoder.encode(': still here\n\n')), heartbeatMs);
      const pump = async () => {
        for await (const event of follow(left.signal)) {
          if (left.signal.aborted) return;
          controller.enqueue(encoder.encode(frame(event, place)));
        }
        if (left.signal.aborted) return;
        leave();
        controller.close();
      };
      pump().catch((error) => {
        leave();
        controller.error(error);
      });
    },
    cancel: leave,
  });
  return new Response(body, {
    headers: {
      'Content-Type': `${eventStreamType}; charset=utf-8`,
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    },
  });
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
