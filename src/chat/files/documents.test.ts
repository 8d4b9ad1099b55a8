// How much of what people send is held at once: what is large is told to come back before it is read.
import { expect, test } from 'bun:test';
import type { Failure } from '../failure.ts';
import { createDocuments } from './documents.ts';

const mebibytes = (count: number) => count * 1024 ** 2;

test('many large files at once are told to come back, and small ones of others are not', async () => {
  const { takeIn } = createDocuments();
  const { promise: come, resolve } = Promise.withResolvers<void>();
  const bytesOf = (owner: number, count: number, size: number) =>
    Array.from({ length: count }, () =>
      takeIn(owner, mebibytes(size), () => come).then(
        () => size,
        (error: Failure) => (error.code === 'files_busy' ? 0 : Promise.reject(error)),
      ),
    );
  const large = bytesOf(1, 60, 20);
  const small = bytesOf(2, 40, 0.5);
  const huge = bytesOf(3, 1, 200);
  resolve();
  const sum = async (all: Promise<number>[]) => (await Promise.all(all)).reduce((one, other) => one + other);
  expect(await sum(large)).toBe(180);
  expect(await sum(small)).toBe(20);
  expect(await sum(huge)).toBe(0);
  // Once there is room, one may be as large as it likes.
  expect(await sum(bytesOf(3, 1, 900))).toBe(900);
});
