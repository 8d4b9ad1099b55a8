import { expect, test } from 'bun:test';
import { wellFormed } from '../words/well-formed.ts';
import { createTextCleaner } from './well-formed.ts';

function clean(deltas: string[]): string[] {
  const cleaner = createTextCleaner();
  return [...deltas.map((delta) => cleaner.push(delta)), cleaner.end()];
}

test('plain text passes at once', () => {
  expect(clean(['你好', ' world'])).toEqual(['你好', ' world', '']);
});

test('a surrogate pair cut between deltas is held back and joined', () => {
  expect(clean(['a\ud83d', '\ude00b'])).toEqual(['a', '😀b', '']);
});

test('a pair whose halves are parted by an empty delta and a NUL is still joined', () => {
  expect(clean(['\ud83d', '', '\0', '\ude00']).join('')).toBe('😀');
});

test('a lone low surrogate and a lone high surrogate become U+FFFD', () => {
  expect(clean(['a\ude00b']).join('')).toBe('a\ufffdb');
  expect(clean(['\ud83d', 'x']).join('')).toBe('\ufffdx');
});

test('a high surrogate held at the end becomes U+FFFD', () => {
  expect(clean(['x\ud83d'])).toEqual(['x', '\ufffd']);
});

test('NUL is dropped, other control characters stay', () => {
  expect(clean(['a\0b\t\u0001\n']).join('')).toBe('ab\t\u0001\n');
  expect(wellFormed('a\0\ud83d')).toBe('a\ufffd');
});

test('any text with emoji comes out whole however it is cut', () => {
  const text = '👩‍👩‍👧 naïve 你好 🇨🇳';
  for (let at = 0; at <= text.length; at += 1) {
    expect(clean([text.slice(0, at), text.slice(at)]).join('')).toBe(text);
  }
});
