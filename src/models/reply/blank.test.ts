import { expect, test } from 'bun:test';
import { isBlank } from './blank.ts';

for (const [name, text] of [
  ['nothing', ''],
  ['spaces and line ends', ' \t\r\n\u00a0\u2003\u3000\u2028'],
  ['what has no width', '\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e'],
  ['a blank of braille', '\u2800'],
  ['fillers of Hangul', '\u115f\u1160\u3164\uffa0'],
  ['directions', '\u200e\u200f\u202a\u202e\u2066\u2069\u061c'],
  ['control characters', '\u0001\u001f\u007f\u0085\u009f'],
  ['selectors and tags of nothing', '\ufe0f\u{e0100}\u{e0041}\u034f'],
] as const) {
  test(`is blank: ${name}`, () => expect(isBlank(text)).toBe(true));
}

for (const [name, text] of [
  ['a letter among spaces', ' \u200ba\n'],
  ['an emoji with joiners', '👩‍👩‍👧‍👦'],
  ['an emoji with a selector', '❤️'],
  ['braille', '⠁'],
  ['a syllable of Hangul', '\u1112\u1161'],
  ['a combining mark', '\u0301'],
  ['a sign of Arabic numbers', '\u0600'],
  ['what nobody has defined', '\uffff\u{10ffff}'],
  ['a dot', '·'],
] as const) {
  test(`is not blank: ${name}`, () => expect(isBlank(text)).toBe(false));
}
