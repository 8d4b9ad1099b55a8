import { expect, test } from 'bun:test';
import { demoCall } from './demo-call.ts';

const tool = (name: string, properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  name,
  description: '',
  parameters: { type: 'object', properties, required },
});
const number = { type: 'number' };
const text = { type: 'string' };
const TOOLS = [
  tool('add', { a: { type: 'integer' }, b: { type: 'integer' } }),
  tool('add_days', { days: number, from: text }, ['days']),
  tool('get_weather', { city: text, unit: { type: 'string', enum: ['c', 'f'] } }, ['city']),
  tool('sum', { numbers: { type: 'array', items: number } }),
  tool('mail', { to: text, subject: text, urgent: { type: 'boolean' } }, ['to', 'subject', 'urgent']),
  tool('tags', { names: { type: 'array', items: text }, about: { type: 'object' } }),
  tool('天气', { 城市: text }),
  tool('now', {}),
];

const CALLS: [string, string, unknown][] = [
  ['add 1 and 2', 'add', { a: 1, b: 2 }],
  ['What is Add(3, -4)?', 'add', { a: 3, b: -4 }],
  ['用add算一下3和4', 'add', { a: 3, b: 4 }],
  ['add b=7 a=1', 'add', { a: 1, b: 7 }],
  ['add a: 1, 5', 'add', { a: 1, b: 5 }],
  ['add 1.5 2', 'add', { a: 2, b: 0 }],
  ['add days 1.5', 'add_days', { days: 1.5 }],
  ['get weather for Paris', 'get_weather', { city: 'Paris' }],
  ['get_weather New York, please?', 'get_weather', { city: 'New York, please' }],
  ['get-weather "San José" in f', 'get_weather', { city: 'San José', unit: 'f' }],
  ['北京，get_weather', 'get_weather', { city: '北京' }],
  ['get_weather city=“New York” unit=c', 'get_weather', { city: 'New York', unit: 'c' }],
  ['sum 1, 2 and 3.5', 'sum', { numbers: [1, 2, 3.5] }],
  ['mail “bob” “hello”, not urgent', 'mail', { to: 'bob', subject: 'hello', urgent: false }],
  ['tags red, green、blue', 'tags', { names: ['red', 'green', 'blue'], about: {} }],
  ['查天气 上海', '天气', { 城市: '上海' }],
  ['now!', 'now', {}],
];

for (const [said, name, expected] of CALLS) {
  test(`a message that names a tool calls it, with what it says: ${said}`, () => {
    const call = demoCall(said, TOOLS);
    expect<unknown>([call?.tool.name, call?.arguments]).toEqual([name, expected]);
  });
}

test('a name within a longer word names nothing', () => {
  for (const said of ['address 1 2', 'I know', 'hello', '', 'unadd', 'add_day'])
    expect(demoCall(said, TOOLS)).toBeUndefined();
});

test('of several the first is called, of two at one place the longer', () => {
  expect(demoCall('sum 1, then add 2 3', TOOLS)?.tool.name).toBe('sum');
  expect(demoCall('add_days 2', TOOLS)?.tool.name).toBe('add_days');
});

test('schemas of any form are understood, or what cannot be is left out', () => {
  const optional = { anyOf: [{ type: 'null' }, { type: 'integer' }] };
  const odd = tool('odd', { a: optional, b: true, c: { type: ['null', 'number'] }, 'd.e': text }, [
    'a',
    'c',
    'd.e',
  ]);
  expect(demoCall('odd 1 2 d.e=x', [odd])?.arguments).toEqual({ a: 1, c: 2, 'd.e': 'x' });
  expect(demoCall('odd', [{ name: 'odd', description: '', parameters: {} }])?.arguments).toEqual({});
});

test('of a long message only the beginning is looked at', () => {
  for (const long of ['1'.repeat(300_000), '1.'.repeat(150_000), ' '.repeat(300_000), '"'.repeat(300_000)])
    expect(demoCall(`add ${long}`, TOOLS)?.tool.name).toBe('add');
  expect(demoCall(`${'x '.repeat(2000)} add 1 2`, TOOLS)).toBeUndefined();
});
