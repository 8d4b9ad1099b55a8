// A text that grows by pieces, read on from anywhere.
import { expect, test } from 'bun:test';
import { GrowingText } from './growing-text.ts';

function grown(pieces: readonly string[]): GrowingText {
  const text = new GrowingText();
  for (const piece of pieces) text.push(piece);
  return text;
}

test('what follows any of its characters is all that follows, in few strings or many', () => {
  for (const count of [0, 1, 15, 16, 17, 33, 200]) {
    const pieces = Array.from({ length: count }, (_, n) => String(n).repeat(1 + (n % 3)));
    const [text, whole] = [grown(pieces), pieces.join('')];
    expect(text.toString()).toBe(whole);
    for (let offset = 0; offset <= whole.length; offset++) {
      const all = text.after(offset);
      expect(all.join('')).toBe(whole.slice(offset));
      for (const most of [1, 2, 40]) expect(text.after(offset, most)).toEqual(all.slice(0, most));
    }
  }
});

test('who reads along finds each piece as it came', () => {
  const text = new GrowingText();
  for (let n = 0; n < 100; n++) {
    const from = text.length;
    text.push(`<${n}`);
    text.push(`>${n}`);
    expect(text.after(from)).toEqual([`<${n}`, `>${n}`]);
  }
});

test('reading a million pieces from the beginning does not go through all that follows each time', () => {
  const text = grown(Array.from({ length: 1_000_000 }, () => 'a'));
  let read = 0;
  while (read < text.length) for (const piece of text.after(read, 1)) read += piece.length;
  expect(read).toBe(1_000_000);
});
