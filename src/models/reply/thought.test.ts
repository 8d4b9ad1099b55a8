import { expect, test } from 'bun:test';
import { createThoughtSplitter } from './thought.ts';

function split(deltas: string[]): { thought: string; content: string } {
  const splitter = createThoughtSplitter();
  const joined = { thought: '', content: '' };
  for (const piece of [...deltas.flatMap((delta) => splitter.push(delta)), ...splitter.end()]) {
    expect(piece.text).not.toBe('');
    joined[piece.type] += piece.text;
  }
  return joined;
}

/** Splits the text cut at every pair of places, and as single characters; all must agree. */
function splitEveryWay(text: string): { thought: string; content: string } {
  const whole = split([text]);
  expect(split([...text])).toEqual(whole);
  for (let first = 0; first <= text.length; first += 1) {
    for (let second = first; second <= text.length; second += 1) {
      expect(split([text.slice(0, first), text.slice(first, second), text.slice(second)])).toEqual(whole);
    }
  }
  return whole;
}

test('<think> at the start is the thought, wherever the deltas are cut', () => {
  expect(splitEveryWay('<think>\nI think the sky…\n</think>\n\nthe sky is blue')).toEqual({
    thought: 'I think the sky…',
    content: 'the sky is blue',
  });
});

test('<thinking> with leading whitespace works too', () => {
  expect(splitEveryWay(' \n<thinking>a</think> b</thinking>c')).toEqual({
    thought: 'a</think> b',
    content: 'c',
  });
});

test('words made of the letters of the tag lose nothing', () => {
  expect(splitEveryWay('think kind hint <thin>')).toEqual({ thought: '', content: 'think kind hint <thin>' });
  expect(splitEveryWay('<think>I think</think>the kin')).toEqual({ thought: 'I think', content: 'the kin' });
});

test('a tag later in the reply, or in code, is text', () => {
  for (const text of ['Use <think>x</think> so', '`<think>` is a tag', '```\n<think>\n</think>\n```']) {
    expect(split([...text])).toEqual({ thought: '', content: text });
  }
  expect(split(['<think>a</think>b <think>c</think>'])).toEqual({
    thought: 'a',
    content: 'b <think>c</think>',
  });
});

test('a closing tag without an opening one is text', () => {
  expect(split([...'so it is</think>42'])).toEqual({ thought: '', content: 'so it is</think>42' });
});

test('a thought that is never closed stays a thought, with what looked like the beginning of a tag', () => {
  expect(splitEveryWay('<think>so far </thi')).toEqual({ thought: 'so far </thi', content: '' });
});

test('an empty thought gives only content, and indentation of the first line stays', () => {
  expect(splitEveryWay('<think>\n\n</think>\n\n    code')).toEqual({ thought: '', content: '    code' });
});

test('text before the end of a possible tag is held, everything else flows at once', () => {
  const splitter = createThoughtSplitter();
  expect(splitter.push('<thi')).toEqual([]);
  expect(splitter.push('nk>why</')).toEqual([{ type: 'thought', text: 'why' }]);
  expect(splitter.push('b> and')).toEqual([{ type: 'thought', text: '</b> and' }]);
  expect(splitter.push('</think>\n')).toEqual([]);
  expect(splitter.push('because')).toEqual([{ type: 'content', text: 'because' }]);
  expect(splitter.push(' <think>')).toEqual([{ type: 'content', text: ' <think>' }]);
});

test('whitespace or a cut tag alone is kept as content', () => {
  expect(split([' ', '<th'])).toEqual({ thought: '', content: ' <th' });
});

test('whitespace is held back up to a mebibyte, and is text then', () => {
  const blank = ' '.repeat(1024 * 1024 + 1);
  expect(split([blank, '<think>a'])).toEqual({ thought: '', content: `${blank}<think>a` });
  expect(split(['<think>a', blank, '</think>b'])).toEqual({ thought: `a${blank}`, content: 'b' });
  expect(split(['<think>a</think>\n', blank, 'b'])).toEqual({ thought: 'a', content: `${blank}b` });
});
