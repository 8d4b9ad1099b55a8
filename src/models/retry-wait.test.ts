import { expect, test } from 'bun:test';
import { retryAfterSeconds, retryWait } from './retry-wait.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

test('Retry-After is read as seconds, as a date, and in milliseconds', () => {
  const seconds = (headers: Record<string, string>) => retryAfterSeconds(new Headers(headers), NOW);
  expect(seconds({ 'retry-after': '7' })).toBe(7);
  expect(seconds({ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' })).toBe(9);
  expect(seconds({ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' })).toBe(0);
  expect(seconds({ 'retry-after-ms': '1500', 'retry-after': '9' })).toBe(1.5);
  expect(seconds({ 'retry-after': 'soon' })).toBeUndefined();
  expect(seconds({})).toBeUndefined();
});

test('all waits together stay within two seconds, however many attempts', () => {
  let waited = 0;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const wait = retryWait(attempt, waited, undefined, 0.999) ?? Number.NaN;
    expect(wait).toBeGreaterThanOrEqual(0);
    waited += wait;
  }
  expect(waited).toBeLessThanOrEqual(2000);
});

test('what the server asks for is waited if it fits, and not at all if it does not', () => {
  expect(retryWait(0, 0, 1.5, 0)).toBe(1500);
  expect(retryWait(1, 1500, 1.5, 0)).toBeNull();
  expect(retryWait(0, 0, 3, 0)).toBeNull();
  expect(retryWait(0, 0, 0, 0)).toBeGreaterThan(0);
});
