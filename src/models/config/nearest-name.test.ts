import { expect, test } from 'bun:test';
import { nearestName } from './nearest-name.ts';

const NAMES = ['temperature', 'max_tokens', 'top_p', 'base_url', 'OpenAIChatCompletionClient'];

test('a typo, another case or other separators lead to the name that was meant', () => {
  for (const [given, meant] of [
    ['temprature', 'temperature'],
    ['baseUrl', 'base_url'],
    ['max-tokens', 'max_tokens'],
    ['max_completion_tokens', 'max_tokens'],
    ['OpenAIClient', 'OpenAIChatCompletionClient'],
  ] as const) {
    expect(nearestName(given, NAMES)).toBe(meant);
  }
});

test('a name like no other leads nowhere', () => {
  expect(nearestName('zzz', NAMES)).toBeUndefined();
  expect(nearestName('', NAMES)).toBeUndefined();
  expect(nearestName('x', [])).toBeUndefined();
});
