import { expect, test } from 'bun:test';
import type { LlmMessage } from '../messages.ts';
import { anthropicConversation } from './anthropic-messages.ts';

const system = (content: string): LlmMessage => ({ content, type: 'SystemMessage' });
type UserContent = Extract<LlmMessage, { type: 'UserMessage' }>['content'];
const user = (content: UserContent): LlmMessage => ({ content, source: 'user', type: 'UserMessage' });
const assistant = (content: string, thought: string | null = null): LlmMessage => ({
  content,
  thought,
  source: 'assistant',
  type: 'AssistantMessage',
});
const call = (given: string, thought: string | null = null, id = 'c1'): LlmMessage => ({
  content: [{ id, arguments: given, name: 'search' }],
  thought,
  source: 'assistant',
  type: 'AssistantMessage',
});
const result = (is_error: boolean | null = null, call_id = 'c1'): LlmMessage => ({
  content: [{ content: '42', name: 'search', call_id, is_error }],
  type: 'FunctionExecutionResultMessage',
});
const text = (...texts: string[]) => texts.map((one) => ({ type: 'text', text: one }));
const conversation = (...messages: LlmMessage[]) => anthropicConversation(messages, { hasTools: false });

test('system messages are apart and joined, a thought of a text is not sent back', () => {
  expect(conversation(system('a'), system('b'), user('hi'), assistant('hello', 'hm'), user('bye'))).toEqual({
    system: 'a\nb',
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'hello' }] },
      { role: 'user', content: [{ type: 'text', text: 'bye' }] },
    ],
  });
});

test('no system message, and an empty one, are none', () => {
  expect(conversation(user('hi'))).not.toHaveProperty('system');
  expect(conversation(system(' '), user('hi'))).not.toHaveProperty('system');
});

test('images are blocks with their type', () => {
  const image = (data: string, media_type: string) => ({
    type: 'image',
    source: { type: 'base64', media_type, data },
  });
  const data = { png: 'iVBORw0KGgo=', jpeg: '/9j/4AAQ', gif: 'R0lGODlh', webp: 'UklGRgAA' };
  const parts = Object.values(data).map((one) => ({ data: one }));
  expect(conversation(user(['look', '', ...parts])).messages).toEqual([
    {
      role: 'user',
      content: [
        ...text('look'),
        ...Object.entries(data).map(([kind, one]) => image(one, `image/${kind}`)),
      ] as never,
    },
  ]);
});

test('calls and results of the past are blocks, their tools are defined again and none can be called', () => {
  const { messages, tools, tool_choice } = conversation(
    user('hi'),
    call('{"q":"x"}', 'let me look'),
    result(true),
    user('and?'),
  );
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  expect<unknown>(messages[1]?.content).toEqual([
    ...text('let me look'),
    { type: 'tool_use', id: 'c1', name: 'search', input: { q: 'x' } },
  ]);
  expect<unknown>(messages[2]?.content).toEqual([
    { type: 'tool_result', tool_use_id: 'c1', content: '42', is_error: true },
    ...text('and?'),
  ]);
  expect<unknown>({ tools, tool_choice }).toEqual({
    tools: [{ name: 'search', input_schema: { type: 'object' } }],
    tool_choice: { type: 'none' },
  });
});

test('a body with tools of its own keeps them', () => {
  const given = anthropicConversation([user('hi'), call('{}'), result(), user('and?')], { hasTools: true });
  expect(given).not.toHaveProperty('tools');
  expect(given).not.toHaveProperty('tool_choice');
});

test('arguments that are no object, and ids of other servers, are made acceptable', () => {
  for (const [given, input] of [
    ['', {}],
    ['not JSON', { text: 'not JSON' }],
    ['[1]', { text: '[1]' }],
    ['null', { text: 'null' }],
  ] as const) {
    const { messages } = conversation(
      user('hi'),
      call(given, null, 'a.b:c'),
      result(null, 'a.b:c'),
      user('x'),
    );
    expect<unknown>(messages[1]?.content).toEqual([{ type: 'tool_use', id: 'a_b_c', name: 'search', input }]);
    expect<unknown>(messages[2]?.content[0]).toEqual({
      type: 'tool_result',
      tool_use_id: 'a_b_c',
      content: '42',
    });
  }
});

test('two of a role side by side are one, and blank texts are none', () => {
  expect(
    conversation(user('a'), user('b'), assistant(''), user(' '), assistant('c'), assistant('d'), user('e'))
      .messages as unknown,
  ).toEqual([
    { role: 'user', content: text('a', 'b') },
    { role: 'assistant', content: text('c', 'd') },
    { role: 'user', content: text('e') },
  ]);
});
