import { expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explain } from './explain.ts';

test('what the file system refuses is not blamed on the database', async () => {
  const path = join(import.meta.path, 'below');
  const error = await readFile(path).catch((reason) => reason);
  expect(explain(error, 'postgres://h/x')).toBe(
    `${path} cannot be read or written: a part of its path is a file.`,
  );
});

test.each([
  [{ errno: 51, name: 'ErrnoError' }, 'ErrnoError'],
  [{}, 'Something failed without saying why.'],
  [undefined, 'undefined'],
  ['a word', 'a word'],
  [{ message: 'two\nlines' }, 'two'],
])('what is thrown and is no Error is no bare object: %j', (thrown, sentence) => {
  expect(explain(thrown)).toBe(sentence);
});

test('a full disk is told for the embedded database too', () => {
  const error = Object.assign(new Error('could not extend file: No space left on device'), { code: 'XX000' });
  expect(explain(error)).toBe('The disk is full that holds the embedded database: make room on it.');
});
