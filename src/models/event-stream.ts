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

  function end(items: StreamItem[]): void {
    if (data.length > 0 || event !== '') items.push({ type: 'event', event, data: data.join('\n') });
    event = '';
    data = [];
  }

  function line(text: string, items: StreamItem[]): void {
    if (text === '') end(items);
    if (text === '' || text.startsWith(':')) return;
    const [, field, value = ''] = /^(data|event|id|retry)(?:: ?(.*))?$/s.exec(text) ?? [];
    if (field === undefined) items.push({ type: 'stray', line: text });
    if (field === 'data') data.push(value);
    if (field === 'event') event = value;
  }

  return { line, end };
}

/** A body being read: `push` gives the items that its next bytes complete, `end` what was left. */
export type EventStreamReader = { push(bytes: Uint8Array): StreamItem[]; end(): StreamItem[] };

/**
 * A reader of one body. Understands LF, CRLF and CR, comments, a byte order mark, UTF-8 cut anywhere, several
 * `data:` lines, and a last event without its blank line.
 */
export function createEventStreamReader(): EventStreamReader {
  const decoder = new TextDecoder();
  const parser = createEventParser();
  // The line that has not ended yet; what is in it is not searched again.
  let line = '';
  let heldReturn = '';
  return {
    push(bytes) {
      const items: StreamItem[] = [];
      const text = heldReturn + decoder.decode(bytes, { stream: true });
      // A CR at the very end may be half of a CRLF: it waits for what follows.
      heldReturn = text.endsWith('\r') ? '\r' : '';
      const [first = '', ...others] = text.slice(0, text.length - heldReturn.length).split(/\r\n|\n|\r/);
      line += first;
      for (const next of others) {
        parser.line(line, items);
        line = next;
      }
      return items;
    },
    end() {
      const items: StreamItem[] = [];
      line += decoder.decode();
      if (line !== '') parser.line(line, items);
      parser.end(items);
      return items;
    },
  };
}
