// Server-sent events read from a fetch response: chunks may be cut anywhere, lines end in LF, CRLF or CR.

export type ServerEvent = { event: string; data: string; id: string | null };

/** The server says something every five seconds, so longer silence means a dead connection. */
const silenceMs = 20_000;

/** Ends when the stream does; throws when it breaks or is silent. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = createEventParser();
  try {
    while (true) {
      const { done, value } = await within(silenceMs, reader.read());
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** A parser fed with text; `push` returns the events that the text completes. */
export function createEventParser() {
  let rest = '';
  let first = true;
  let lastId: string | null = null;
  let event = '';
  let data: string[] = [];

  function line(text: string): ServerEvent | null {
    if (text === '') {
      const finished =
        data.length > 0 ? { event: event || 'message', data: data.join('\n'), id: lastId } : null;
      event = '';
      data = [];
      return finished;
    }
    if (text.startsWith(':')) return null;
    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) lastId = value;
    return null;
  }

  return {
    push(text: string): ServerEvent[] {
      if (first && text !== '') {
        first = false;
        rest = text.replace(/^\uFEFF/, '');
      } else rest += text;
      const events: ServerEvent[] = [];
      let start = 0;
      for (const end of rest.matchAll(/\r\n|\n|\r/g)) {
        // A CR at the very end may be the first half of a CRLF: wait for what follows.
        if (end[0] === '\r' && end.index === rest.length - 1) break;
        const finished = line(rest.slice(start, end.index));
        if (finished) events.push(finished);
        start = end.index + end[0].length;
      }
      rest = rest.slice(start);
      return events;
    },
  };
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream fell silent')), milliseconds);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
