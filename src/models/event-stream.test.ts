import { expect, test } from 'bun:test';
import { readEventStream, type StreamItem } from './event-stream.ts';

async function read(...chunks: (string | Uint8Array)[]): Promise<StreamItem[]> {
  async function* bytes() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
  }
  return Array.fromAsync(readEventStream(bytes()));
}

function event(data: string, name = ''): StreamItem {
  return { type: 'event', event: name, data };
}

test('events are read whatever ends a line', async () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = `data: a${end}${end}: still here${end}event: error${end}data:b${end}data: c${end}${end}`;
    expect(await read(text)).toEqual([event('a'), event('b\nc', 'error')]);
  }
});

test('the same events come out wherever the bytes are cut', async () => {
  const bytes = new TextEncoder().encode('\ufeff: hi\r\ndata: {"x":"你😀"}\r\n\r\nid: 7\r\ndata: z\r\n\r\n');
  const whole = [event('{"x":"你😀"}'), event('z')];
  for (let at = 0; at <= bytes.length; at += 1) {
    expect(await read(bytes.slice(0, at), bytes.slice(at))).toEqual(whole);
  }
  expect(await read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
});

test('a last event without its blank line, or without any line end, is read', async () => {
  expect(await read('data: a\n\ndata: b\n')).toEqual([event('a'), event('b')]);
  expect(await read('data: a\n\ndata: b')).toEqual([event('a'), event('b')]);
});

test('lines that belong to no event come as stray lines', async () => {
  expect(await read('{\n  "data": 1\n}')).toEqual([
    { type: 'stray', line: '{' },
    { type: 'stray', line: '  "data": 1' },
    { type: 'stray', line: '}' },
  ]);
});

test('a long line that comes in many pieces is read in one pass', async () => {
  const begun = performance.now();
  const piece = 'x'.repeat(4096);
  const [item] = await read('data: ', ...Array.from({ length: 2000 }, () => piece), '\n\n');
  expect(item).toEqual(event(piece.repeat(2000)));
  expect(performance.now() - begun).toBeLessThan(1000);
});

test('an empty body has no items', async () => {
  expect(await read()).toEqual([]);
  expect(await read('\n\n: only a comment\n')).toEqual([]);
});
