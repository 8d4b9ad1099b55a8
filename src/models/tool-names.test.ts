import { expect, test } from 'bun:test';
import { createToolNames } from './tool-names.ts';

const names = (...given: string[]) => createToolNames(given.map((name) => ({ name })));

test('a name that servers accept is sent as it is, any other one with what they accept', () => {
  const tools = names('get_weather', 'fs.read/file', '天气', 'x'.repeat(80));
  for (const [name, sent] of [
    ['get_weather', 'get_weather'],
    ['fs.read/file', 'fs_read_file'],
    ['天气', '__'],
    ['x'.repeat(80), 'x'.repeat(64)],
  ] as const) {
    expect(tools.sent(name)).toBe(sent);
    expect(tools.meant(sent)).toBe(name);
    expect([tools.has(name), tools.has(sent)]).toEqual([true, true]);
  }
});

test('names that would be sent alike are told apart, and the accepted one stays', () => {
  const tools = names('a.b', 'a/b', 'a_b');
  const sent = ['a_b', 'a.b', 'a/b'].map(tools.sent);
  expect(sent).toEqual(['a_b', 'a_b_2', 'a_b_3']);
  expect(sent.map(tools.meant)).toEqual(['a_b', 'a.b', 'a/b']);
});

test('a name of no tool stays, and is sent as it is accepted', () => {
  const tools = names('add');
  expect([tools.meant('subtract'), tools.has('subtract')]).toEqual(['subtract', false]);
  expect([tools.sent('old.tool'), tools.sent('')]).toEqual(['old_tool', '_']);
});
