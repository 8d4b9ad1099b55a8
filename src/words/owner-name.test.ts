// What people type as a name is one; what is refused says why, in both languages.
import { expect, test } from 'bun:test';
import { nameFault } from './owner-name.ts';

const fault = (name: string) => nameFault(name)?.en ?? 'none';

test.each([
  ['a heart, as phones write it', '❤️'],
  ['a heart as text', '❤︎'],
  ['a star, whose selector changes nothing', 'alice ⭐️'],
  ['people at work', '🏃‍♂️ 👩‍🔬 🙋🏽‍♀️'],
  ['a keycap', '1️⃣'],
  ['a flag of two letters', '🇨🇳'],
  ['a flag of a country in a country', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ['a Japanese name whose last character is one of several shapes', '渡辺\u{e0100}'],
  ['the same, registered otherwise', '神\ufe00'],
  ['a Malayalam name, as older keyboards write its last letter', 'അനില്\u200d'],
  ['a Bengali name that ends with khanda ta', 'শরত্\u200d'],
  ['a Mongolian name with a chosen shape at its end', 'ᠨᠠᠷᠠ\u180b'],
  ['Burmese as older fonts have it, with a vowel in front', '\u1031မာင္'],
  ['an accent of its own', 'Jose\u0301'],
  ['right to left', 'عمر דוד'],
  ['nothing but signs', '!?'],
])('%s is a name', (_, name) => {
  expect(fault(name)).toBe('none');
});

test.each([
  ['', 'must have 1 to 200 characters'],
  ['x'.repeat(201), 'must have 1 to 200 characters'],
  ['❤️'.repeat(101), 'must have 1 to 200 characters'],
  ['*', 'must not be *'],
  ['half\ud83d', 'UTF-8'],
  ['\ufffdx', 'UTF-8'],
  ['a\u0000b', 'control character'],
  ['a\u001b[31m', 'control character'],
  ['a\u202eb', 'turns the direction'],
  ['a\u2066b\u2069', 'turns the direction'],
  [' a', 'begins with a space'],
  ['\u200ba', 'begins with a space'],
  ['\ufe0fa', 'begins with a space'],
  ['\u3164', 'begins with a space'],
  ['\u2800a', 'begins with a space'],
  ['a ', 'ends with a space'],
  ['a\u3000', 'ends with a space'],
  ['a\u2800', 'ends with a space'],
  ['a\u200f', 'ends with a space'],
  ['\u0301', 'begins with a mark'],
  ['\u0301\u0301\u0301', 'begins with a mark'],
  ['\u20dda', 'begins with a mark'],
])('%j is refused, with what to do about it', (name, why) => {
  expect(fault(name)).toContain(why);
  expect(nameFault(name)?.['zh-CN']).toMatch(/[\u4e00-\u9fff]/);
});

// Where it is not seen, or there are two of them, it would only make one name look like another.
test.each([
  ['alice\ufe0f', 'on a letter'],
  ['7\ufe0f', 'on a digit, without its keycap'],
  ['❤\ufe0f\ufe0f', 'twice'],
  ['❤\ufe0e\ufe0f', 'both'],
  ['👍🏽\ufe0f', 'on a shade'],
  ['❤️\u200d', 'a joiner with nothing behind it'],
  ['alice\u200d', 'a joiner on a letter'],
  ['अनिल\u200d', 'a joiner on a letter without a virama'],
  ['അനില്\u200d\u200d', 'two joiners'],
  ['alice\u{e0100}', 'a shape of a Latin letter'],
  ['辺\u{e0100}\u{e0100}', 'two shapes'],
  ['alice\u180b', 'a Mongolian shape of a Latin letter'],
  ['🏴\u{e0061}\u{e0064}\u{e006d}\u{e0069}\u{e006e}\u{e007f}', 'a flag that hides a word'],
  ['alice\u{e007f}', 'the end of a flag without one'],
])('%j is refused: %s', (name) => {
  expect(fault(name)).toContain('ends with a space');
});
