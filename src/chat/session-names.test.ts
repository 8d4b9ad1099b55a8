import { expect, test } from 'bun:test';
import { nameFrom } from './session-names.ts';

test('a short text is the name itself', () => {
  expect(nameFrom('你好')).toBe('你好');
  expect(nameFrom('exactly twenty chars')).toBe('exactly twenty chars');
});

test('a longer one is cut after twenty user-perceived characters', () => {
  expect(nameFrom('exactly twenty chars!')).toBe('exactly twenty chars...');
  const family = '👩‍👩‍👧‍👦';
  expect(nameFrom(family.repeat(20))).toBe(family.repeat(20));
  expect(nameFrom(family.repeat(21))).toBe(`${family.repeat(20)}...`);
  expect(nameFrom('e\u0301'.repeat(21))).toBe(`${'e\u0301'.repeat(20)}...`);
  expect(nameFrom('exactly twenty chars\u0301!')).toBe('exactly twenty chars\u0301...');
  expect(nameFrom('short\u0301')).toBe('short\u0301');
  expect(nameFrom('🇨🇳'.repeat(21))).toBe(`${'🇨🇳'.repeat(20)}...`);
});

test('line breaks stay, as they did before', () => {
  expect(nameFrom('```sql\nDROP TABLE chat_messages;\n```')).toBe('```sql\nDROP TABLE ch...');
});

test('a blank text gives no name', () => {
  expect(nameFrom(' \n\t ')).toBe('');
});

test('one character of any number of marks still makes a short, well-formed name', () => {
  const zalgo = `a${'\u0301'.repeat(250_000)}`;
  expect(nameFrom(zalgo).length).toBeLessThan(500);
  const astral = `a${'\u{e0100}'.repeat(1000)}`;
  expect(nameFrom(astral).isWellFormed()).toBe(true);
});
