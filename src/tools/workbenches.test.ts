// Workbenches of tools that are always the same, and several of them as one.
import { expect, test } from 'bun:test';
import { callOptions } from '../testing/mcp-servers.ts';
import { callTool } from '../testing/workbench.ts';
import { joinWorkbenches } from './join-workbenches.ts';
import { ToolServerError } from './mcp/tool-server-error.ts';
import { createStaticWorkbench, type StaticTool } from './static-workbench.ts';
import { errorResult, resultText, textResult, type Workbench } from './tool.ts';
import { safeNames } from './tool-names.ts';

const { signal } = new AbortController();
const says = (name: string, said = name): StaticTool => ({
  name,
  description: `says ${said}`,
  parameters: { type: 'object', properties: {} },
  annotations: {},
  run: async () => textResult(said),
});
const broken: Workbench = {
  list: () => Promise.reject(new ToolServerError({ en: 'It is away.', 'zh-CN': '不在。' })),
  close: async () => {},
};

test('a tool is listed and called by the name that the file gives it', async () => {
  const tools = createStaticWorkbench([says('a'), says('b')], { a: { name: 'first', description: 'One.' } });
  expect((await tools.list(signal)).map(({ name, description }) => [name, description])).toEqual([
    ['first', 'One.'],
    ['b', 'says b'],
  ]);
  expect(resultText(await callTool(tools, 'first', {}, callOptions()))).toBe('a');
  expect(await callTool(tools, 'a', {}, callOptions())).toEqual(errorResult('Tool a not found.'));
});

test('two tools of one name are refused', () => {
  expect(() => createStaticWorkbench([says('a'), says('b')], { a: { name: 'b' } })).toThrow("named 'b'");
});

test('what a tool throws is its result, and a cancelled call rejects', async () => {
  const leaving = new AbortController();
  const kaput: StaticTool = { ...says('kaput'), run: () => Promise.reject(new Error('kaput y')) };
  const tools = createStaticWorkbench([kaput]);
  expect(await callTool(tools, 'kaput', {}, callOptions())).toEqual(errorResult('kaput y'));
  leaving.abort(new Error('left'));
  await expect(callTool(tools, 'kaput', {}, callOptions({ signal: leaving.signal }))).rejects.toThrow('left');
});

test('of several workbenches the first that has a tool of that name is asked', async () => {
  const joined = joinWorkbenches([
    createStaticWorkbench([says('a', 'one')]),
    createStaticWorkbench([says('a', 'two'), says('b', 'two')]),
  ]);
  expect((await joined.list(signal)).map(({ description }) => description)).toEqual(['says one', 'says two']);
  expect(resultText(await callTool(joined, 'a', {}, callOptions()))).toBe('one');
  expect(resultText(await callTool(joined, 'b', {}, callOptions()))).toBe('two');
  expect(await callTool(joined, 'x', {}, callOptions())).toEqual(errorResult('Tool x not found.'));
});

test('one that cannot be listed is told of, and keeps no other from being listed where that is wanted', async () => {
  const both = [broken, createStaticWorkbench([says('a')])];
  await expect(joinWorkbenches(both).list(signal)).rejects.toThrow('It is away.');
  const leftOut: unknown[] = [];
  const rest = await joinWorkbenches(both, (error) => leftOut.push(error)).list(signal);
  expect(rest.map(({ name }) => name)).toEqual(['a']);
  expect(leftOut).toHaveLength(1);
});

test('a result is shown as AutoGen shows it', () => {
  const parts = [
    { type: 'text' as const, text: 'one' },
    { type: 'image' as const, data: 'aGk=', mimeType: 'image/png' },
    { type: 'other' as const, text: 'two' },
  ];
  expect(resultText({ parts, isError: false })).toBe('one\n[Image: aGk=]\ntwo');
  expect(resultText({ parts: [], isError: false })).toBe('');
});

test('a name that models do not take is written otherwise, and stays when others come', () => {
  const names = safeNames(['a b', 'a_b', 'ok-1', '读取', 'x'.repeat(65), '']);
  expect(names.every((name) => /^[a-zA-Z0-9_-]{1,64}$/.test(name))).toBe(true);
  expect(new Set(names).size).toBe(names.length);
  expect(names.slice(1, 3)).toEqual(['a_b', 'ok-1']);
  expect(safeNames(['a_b', 'other', 'a b'])[2]).toBe(names[0] ?? '');
});
