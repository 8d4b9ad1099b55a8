// Reads server-sent events from a body as model servers really send them, with what is no event kept aside.

/**
 * `event` and `data` of one server-sent event; `stray` is a line that belongs to no event: a JSON answer of
 * a server that does not stream, a page of HTML, a bare error.
 */
export type StreamItem = { type: 'event'; event: string; data: string } | { type: 'stray'; line: string };

/** Takes lines, gives items; `end` closes an event whose blank line never came. */
function createEventParser() {
  let event = '';
  let data: string[] = [];

  function end(): StreamItem[] {
    const items: StreamItem[] =
      data.length > 0 || event !== '' ? [{ type: 'event', event, data: data.join('\n') }] : [];
    event = '';
    data = [];
    return items;
  }

  function line(text: string): StreamItem[] {
    if (text === '') return end();
    if (text.startsWith(':')) return [];
    const [, field, value = ''] = /^(data|event|id|retry)(?:: ?(.*))?$/s.exec(text) ?? [];
    if (field === undefined) return [{ type: 'stray', line: text }];
    if (field === 'data') data.push(value);
    if (field === 'event') event = value;
    return [];
  }

  return { line, end };
}

/**
 * The items of a body. Understands LF, CRLF and CR, comments, a byte order mark, UTF-8 cut anywhere, several
 * `data:` lines, and a last event without its blank line. An error of `chunks` passes through.
 */
export async function* readEventStream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamItem> {
  const decoder = new TextDecoder();
  const parser = createEventParser();
  // The line that has not ended yet; what is in it is not searched again.
  let line = '';
  let heldReturn = '';
  for await (const chunk of chunks) {
    const text = heldReturn + decoder.decode(chunk, { stream: true });
    // A CR at the very end may be half of a CRLF: it waits for what follows.
    heldReturn = text.endsWith('\r') ? '\r' : '';
    const [first = '', ...others] = text.slice(0, text.length - heldReturn.length).split(/\r\n|\n|\r/);
    line += first;
    for (const next of others) {
      yield* parser.line(line);
      line = next;
    }
  }
  line += decoder.decode();
  if (line !== '') yield* parser.line(line);
  yield* parser.end();
}
