import { expect, test } from 'bun:test';
import type { LlmMessage } from '../messages.ts';
import { completionMessages, type MessageOptions } from './completion-messages.ts';

function toWire(message: LlmMessage, options: Partial<MessageOptions> = {}) {
  return completionMessages([message], { includeName: true, ...options });
}

function user(content: Extract<LlmMessage, { type: 'UserMessage' }>['content'], source = 'user'): LlmMessage {
  return { type: 'UserMessage', content, source };
}

test('system and user messages keep their text; the source "user" is no name', () => {
  expect(toWire({ type: 'SystemMessage', content: 'be brief' })).toEqual([
    { role: 'system', content: 'be brief' },
  ]);
  expect(toWire(user('hi'))).toEqual([{ role: 'user', content: 'hi' }]);
});

test('another source is sent as name where a server would accept it', () => {
  expect(toWire(user('hi', 'anna_1'))).toEqual([{ role: 'user', content: 'hi', name: 'anna_1' }]);
  for (const source of ['小明', 'a b', 'x'.repeat(65)]) {
    expect(toWire(user('hi', source))).toEqual([{ role: 'user', content: 'hi' }]);
  }
  expect(toWire(user('hi', 'anna'), { includeName: false })).toEqual([{ role: 'user', content: 'hi' }]);
});

test('the thought of a text reply stays at home', () => {
  expect(
    toWire({ type: 'AssistantMessage', content: 'blue', thought: 'rayleigh', source: 'assistant' }),
  ).toEqual([{ role: 'assistant', content: 'blue' }]);
});

test('function calls go as tool calls with the thought as content, or null', () => {
  const call = { id: 'call_1', name: 'search', arguments: '{"q":"x"}' };
  const toolCalls = [
    { id: 'call_1', type: 'function', function: { name: 'search', arguments: '{"q":"x"}' } },
  ];
  for (const thought of ['let me look', null]) {
    expect(
      toWire({ type: 'AssistantMessage', content: [call], thought, source: 'assistant' }) as unknown,
    ).toEqual([{ role: 'assistant', content: thought, tool_calls: toolCalls }]);
  }
});

test('each function result is a tool message of its own', () => {
  expect(
    toWire({
      type: 'FunctionExecutionResultMessage',
      content: [
        { content: '42', name: 'search', call_id: 'call_1', is_error: false },
        { content: 'no', name: 'search', call_id: 'call_2', is_error: true },
      ],
    }),
  ).toEqual([
    { role: 'tool', content: '42', tool_call_id: 'call_1' },
    { role: 'tool', content: 'no', tool_call_id: 'call_2' },
  ]);
});
