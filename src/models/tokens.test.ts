import { expect, test } from 'bun:test';
import { countTokens } from './tokens.ts';

for (const [name, text, tokens] of [
  ['nothing', '', 0],
  ['a letter', 'a', 1],
  ['letters and spaces, four a token', 'what is the time', 4],
  ['digits, two a token', '31415926', 4],
  ['signs, two a token', '{[()]};;', 4],
  ['Chinese, one a token', '你好，世界', 5],
  ['an emoji, two tokens', '😀', 2],
] as const) {
  test(`tokens are estimated: ${name}`, () => {
    expect(countTokens(text)).toBe(tokens);
  });
}
