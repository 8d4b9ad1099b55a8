// Server-sent events read from a fetch response.
import { createParser } from 'eventsource-parser';

export type ServerEvent = { event: string; data: string; id: string | null };

/** The server says something every five seconds, so longer silence means a dead connection. */
const silenceMs = 20_000;

/** Ends when the stream does; throws when it breaks or is silent. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let events: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ event = 'message', data, id = null }) => events.push({ event, data, id }),
  });
  try {
    while (true) {
      const { done, value } = await within(silenceMs, reader.read());
      if (done) return;
      parser.feed(value);
      yield* events;
      events = [];
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream fell silent')), milliseconds);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
