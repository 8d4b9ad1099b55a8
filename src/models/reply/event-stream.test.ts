import { expect, test } from 'bun:test';
import { createEventStreamReader, type StreamItem } from './event-stream.ts';

function read(...chunks: (string | Uint8Array)[]): StreamItem[] {
  const reader = createEventStreamReader();
  const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk));
  return [...bytes.flatMap(reader.push), ...reader.end()];
}

function event(data: string, name = ''): StreamItem {
  return { type: 'event', event: name, data };
}

test('events are read whatever ends a line', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = `data: a${end}${end}: still here${end}event: error${end}data:b${end}data: c${end}${end}`;
    expect(read(text)).toEqual([event('a'), event('b\nc', 'error')]);
  }
});

test('the same events come out wherever the bytes are cut', () => {
  const bytes = new TextEncoder().encode('\ufeff: hi\r\ndata: {"x":"你😀"}\r\n\r\nid: 7\r\ndata: z\r\n\r\n');
  const whole = [event('{"x":"你😀"}'), event('z')];
  for (let at = 0; at <= bytes.length; at += 1) {
    expect(read(bytes.slice(0, at), bytes.slice(at))).toEqual(whole);
  }
  expect(read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
});

test('a last event without its blank line, or without any line end, is read', () => {
  expect(read('data: a\n\ndata: b\n')).toEqual([event('a'), event('b')]);
  expect(read('data: a\n\ndata: b')).toEqual([event('a'), event('b')]);
});

test('lines that belong to no event come as stray lines', () => {
  expect(read('{\n  "data": 1\n}')).toEqual([
    { type: 'stray', line: '{' },
    { type: 'stray', line: '  "data": 1' },
    { type: 'stray', line: '}' },
  ]);
});

// Searching the line again with each piece would take minutes.
test('a long line that comes in many pieces is read in one pass', () => {
  const piece = 'x'.repeat(64);
  const [item] = read('data: ', ...Array.from({ length: 100_000 }, () => piece), '\n\n');
  expect(item).toEqual(event(piece.repeat(100_000)));
});

test('an empty body has no items', () => {
  expect(read()).toEqual([]);
  expect(read('\n\n: only a comment\n')).toEqual([]);
});
