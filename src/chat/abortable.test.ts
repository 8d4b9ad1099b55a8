import { heapStats } from 'bun:jsc';
import { expect, test } from 'bun:test';
import { abortable } from './abortable.ts';

async function read(source: AsyncIterable<number>, signal: AbortSignal, seen: number[] = []) {
  for await (const n of abortable(source, signal)) seen.push(n);
  return seen;
}

test('a source that hangs is left at once, for the signal’s reason', async () => {
  const abort = new AbortController();
  async function* hanging() {
    yield 1;
    await new Promise(() => {});
  }
  const seen: number[] = [];
  const reading = read(hanging(), abort.signal, seen);
  while (seen.length === 0) await Bun.sleep(1);
  abort.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
});

test('a source is not begun where the signal was aborted before', async () => {
  let begun = false;
  async function* source() {
    begun = true;
    yield 1;
  }
  await expect(read(source(), AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  expect(begun).toBe(false);
});

test('a long stream leaves nothing behind for each of its events', async () => {
  const promises = () => {
    Bun.gc(true);
    return heapStats().objectTypeCounts.Promise ?? 0;
  };
  const before = promises();
  let during = 0;
  async function* numbers() {
    for (let n = 0; n < 20_000; n++) yield n;
    during = promises();
  }
  await read(numbers(), new AbortController().signal);
  expect(during - before).toBeLessThan(1000);
});
