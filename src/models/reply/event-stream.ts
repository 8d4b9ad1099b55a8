// Reads server-sent events from a body as model servers really send them, with what is no event kept aside.

/**
 * `event` and `data` of one server-sent event; `stray` is a line that belongs to no event: a JSON answer of
 * a server that does not stream, a page of HTML, a bare error.
 */
export type StreamItem = { type: 'event'; event: string; data: string } | { type: 'stray'; line: string };

/** Takes lines, gives items; `end` closes an event whose blank line never came. */
function createEventParser() {
  let event = '';
  let data: string | undefined;

  function end(items: StreamItem[]): void {
    if (data !== undefined || event !== '') items.push({ type: 'event', event, data: data ?? '' });
    event = '';
    data = undefined;
  }

  function line(text: string, items: StreamItem[]): void {
    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (text === '') end(items);
    else if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (field === 'event') event = value;
    // A comment has an empty name.
    else if (field !== '' && field !== 'id' && field !== 'retry') items.push({ type: 'stray', line: text });
  }

  return { line, end };
}

// What nearly all servers send needs no regular expression, which costs more.
const anyLineEnd = /\r\n|\n|\r/;

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
      const lines = text
        .slice(0, text.length - heldReturn.length)
        .split(text.includes('\r') ? anyLineEnd : '\n');
      lines[0] = line + lines[0];
      line = lines.pop() ?? '';
      for (const whole of lines) parser.line(whole, items);
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
