import { expect, test } from 'bun:test';
import { sleep } from './sleep.ts';

const longer = 60 * 60_000;

test('sleep ends at an abort, before it or in it', async () => {
  await sleep(longer, AbortSignal.abort());
  const { signal, abort } = abortable();
  const slept = sleep(longer, signal);
  abort();
  await slept;
  expect(signal.aborted).toBe(true);
});

test('sleep ends by itself, and an abort that comes later is nothing to it', async () => {
  const { signal, abort } = abortable();
  await sleep(1, signal);
  expect(signal.aborted).toBe(false);
  abort();
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
