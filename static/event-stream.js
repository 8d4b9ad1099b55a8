// Server-sent events read from a fetch response: chunks may be cut anywhere, lines end in LF, CRLF or CR.

/** Yields `{event, data, id}` with `data` as text. Ends when the stream does; throws when it breaks or is silent. */
export async function* readEvents(response, { silenceMs = 45_000 } = {}) {
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
  let lastId = null;
  let event = '';
  let data = [];

  function line(text) {
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
    push(text) {
      if (first && text !== '') {
        first = false;
        rest = text.replace(/^\uFEFF/, '');
      } else rest += text;
      const events = [];
      let start = 0;
      for (const end of rest.matchAll(/\r\n|\n|\r/g)) {
        // a CR at the very end may be the first half of a CRLF: wait for what follows
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

function within(milliseconds, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream fell silent')), milliseconds);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
