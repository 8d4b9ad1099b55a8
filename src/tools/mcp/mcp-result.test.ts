// What a server answers, as it is kept: every kind of content, what is garbage, what is too much.
import { expect, test } from 'bun:test';
import { readResult, resultLimits } from './mcp-result.ts';

const content = (...items: unknown[]) => readResult({ content: items });
const nul = String.fromCharCode(0);

test('each kind of content is what a model can be told of', () => {
  const { parts } = content(
    { type: 'text', text: `a${nul}b\ud800` },
    { type: 'image', data: 'aGVsbG8=', mimeType: 'image/png' },
    { type: 'audio', data: 'aGVsbG8=', mimeType: 'audio/wav' },
    { type: 'resource', resource: { uri: 'file:///a', text: 'of a file' } },
    { type: 'resource', resource: { uri: 'file:///b', blob: 'aGVsbG8=' } },
    { type: 'resource_link', uri: 'file:///c', name: 'c' },
  );
  expect(parts).toEqual([
    { type: 'text', text: 'ab\ufffd' },
    { type: 'image', data: 'aGVsbG8=', mimeType: 'image/png' },
    { type: 'other', text: '[Audio: audio/wav, 6 bytes]' },
    { type: 'other', text: '{"type":"resource","resource":{"uri":"file:///a","text":"of a file"}}' },
    { type: 'other', text: '{"type":"resource","resource":{"uri":"file:///b","blob":"[6 bytes]"}}' },
    { type: 'other', text: '{"type":"resource_link","uri":"file:///c","name":"c"}' },
  ]);
});

test('structured content is shown where nothing else is', () => {
  const structuredContent = { a: [1] };
  expect(readResult({ structuredContent })).toEqual({
    parts: [{ type: 'text', text: '{"a":[1]}' }],
    isError: false,
  });
  expect(readResult({ structuredContent, content: [{ type: 'text', text: 'b' }] }).parts).toHaveLength(1);
});

test('an error of a tool is one; nothing is a result too', () => {
  const failed = [{ type: 'text', text: 'no' }];
  expect(readResult({ content: failed, isError: true })).toMatchObject({ isError: true });
  expect(readResult({ content: [] })).toEqual({ parts: [], isError: false });
});

test('garbage is left out, and said so', () => {
  expect(readResult({})).toMatchObject({ isError: true });
  expect(readResult({ content: 'text' })).toMatchObject({ isError: true });
  const { parts } = content(
    null,
    { type: 'text' },
    { type: 'new' },
    { type: 'image', data: 'no base64!', mimeType: 'image/png' },
  );
  expect(parts.every(({ type }) => type === 'other')).toBe(true);
  expect(content({ type: 'image', data: 'aGk=', mimeType: 'text/html' }).parts[0]?.type).toBe('other');
});

test('all texts together, all images together and all parts are bounded', () => {
  const half = 'x'.repeat(resultLimits.text * 0.6);
  const texts = content({ type: 'text', text: half }, { type: 'text', text: half }).parts;
  expect(texts.map((part) => part.type === 'text' && part.text.length > resultLimits.text * 0.59)).toEqual([
    true,
    false,
  ]);
  expect(JSON.stringify(texts[1])).toContain(`${resultLimits.text * 0.2} further characters were left out`);
  const image = { type: 'image', data: 'a'.repeat(resultLimits.images * 0.6), mimeType: 'image/png' };
  expect(content(image, image).parts.map(({ type }) => type)).toEqual(['image', 'other']);
  const many = content(...Array(5000).fill({ type: 'text', text: 'x' })).parts;
  expect(many).toHaveLength(resultLimits.parts + 1);
  expect(many.at(-1)).toEqual({ type: 'text', text: '[4000 further parts were left out.]' });
});
