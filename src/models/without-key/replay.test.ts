import { expect, test } from 'bun:test';
import { eventsOf } from '../../testing/ask-model.ts';
import { load, problem } from '../../testing/model-config.ts';
import type { LlmMessage } from '../messages.ts';
import type { Asking } from '../model.ts';
import { ModelError } from '../model.ts';
import { replayModel, words } from './replay.ts';

const CONTEXT: LlmMessage[] = [
  { type: 'SystemMessage', content: 'be brief' },
  { type: 'UserMessage', content: 'how are you', source: 'user' },
];

function ask(model: ReturnType<typeof replayModel>, signal = new AbortController().signal) {
  return eventsOf(model, { messages: CONTEXT, signal });
}

test('a text streams word by word, joined exactly as it was', async () => {
  for (const text of [' two  words\n', 'one', '你好 世界', ' \n ', ''])
    expect(words(text).join('')).toBe(text);
  expect(await ask(replayModel(['I am  fine.\n']))).toEqual([
    { type: 'content', text: 'I ' },
    { type: 'content', text: 'am  ' },
    { type: 'content', text: 'fine.\n' },
    { type: 'end', finishReason: 'stop', usage: { prompt_tokens: 5, completion_tokens: 3 } },
  ]);
});

test('a CreateResult gives its thought, content, usage and finish reason', async () => {
  const usage = { prompt_tokens: 7, completion_tokens: 8 };
  const model = replayModel([{ content: 'cut off', thought: 'hm', usage, finish_reason: 'length' }]);
  expect(await ask(model)).toEqual([
    { type: 'thought', text: 'hm' },
    { type: 'content', text: 'cut off' },
    { type: 'end', finishReason: 'length', usage },
  ]);
});

test('the replies come in their order and then end, each model counting for itself', async () => {
  const model = replayModel(['a', 'b']);
  const other = replayModel(['a']);
  expect((await ask(model))[0]).toEqual({ type: 'content', text: 'a' });
  expect((await ask(model))[0]).toEqual({ type: 'content', text: 'b' });
  const error = await ask(model).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ModelError);
  expect(error).toMatchObject({ failure: 'failed', reason: { en: 'No more mock responses available' } });
  expect(error.reason['zh-CN']).toContain('预设');
  expect((await ask(other))[0]).toEqual({ type: 'content', text: 'a' });
});

test('what cannot be stored is cleaned', async () => {
  expect((await ask(replayModel(['a\0\ud83d'])))[0]).toEqual({ type: 'content', text: 'a\ufffd' });
});

test('the signal ends it with its reason', async () => {
  expect(ask(replayModel(['a']), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
});

const ADD: Asking = { tools: [{ name: 'add', description: 'Adds', parameters: { type: 'object' } }] };
const CALLS = [
  { id: 'c1', arguments: '{"a": 1, "b": 2}', name: 'add' },
  { id: 'c2', arguments: '{}', name: 'slow' },
];

/** The model of a file with these replies. */
const fromFile = (chat_completions: unknown[], model_info?: object) =>
  load(JSON.stringify({ provider: 'ReplayChatCompletionClient', config: { chat_completions, model_info } }))
    .model;

test('a CreateResult with calls gives them as they are, right before the end', async () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5 };
  const created = { finish_reason: 'function_calls', content: CALLS, usage, cached: false, thought: 't1' };
  const model = fromFile([created, { content: CALLS }, 'done']);
  expect(await eventsOf(model, { messages: CONTEXT, asking: ADD })).toEqual([
    { type: 'thought', text: 't1' },
    { type: 'calls', calls: CALLS },
    { type: 'end', finishReason: 'function_calls', usage },
  ]);
  expect((await eventsOf(model, { messages: CONTEXT, asking: ADD })).at(-1)).toEqual({
    type: 'end',
    finishReason: 'function_calls',
    usage: { prompt_tokens: 5, completion_tokens: 5 },
  });
  expect((await eventsOf(model, { asking: ADD }))[0]).toEqual({ type: 'content', text: 'done' });
});

test('calls that may not be made are not given, but their end', async () => {
  for (const asking of [{}, { tools: [] }, { ...ADD, toolChoice: 'none' as const }])
    expect(await eventsOf(fromFile([{ content: CALLS }]), { messages: CONTEXT, asking })).toMatchObject([
      { type: 'end', finishReason: 'function_calls' },
    ]);
});

test('calls that cannot be stored are cleaned', async () => {
  const call = { id: 'c\0', arguments: '{"a":"\\u0000\ud83d"}', name: 'a\ud83ddd' };
  const events = await eventsOf(replayModel([{ content: [call] }]), { asking: ADD });
  expect(events[0]).toEqual({
    type: 'calls',
    calls: [{ id: 'c', arguments: '{"a":"\ufffd"}', name: 'a\ufffddd' }],
  });
});

test('calls without what they need are told with their line', () => {
  for (const content of [[], [{ id: 'c1', name: 'add' }], 4]) expect(() => fromFile([{ content }])).toThrow();
  const text = 'provider: ReplayChatCompletionClient\nconfig:\n  chat_completions:\n    - content: [{id: a}]';
  expect(problem(text)).toContain('model_config.yaml:4: chat_completions[0]');
});

test('what it can do is what model_info says, and else calling tools', () => {
  expect(fromFile([])).toMatchObject({ callsTools: true, vision: false, structuredOutput: true });
  const info = {
    function_calling: false,
    vision: true,
    structured_output: false,
    json_output: false,
    family: 'x',
  };
  expect(fromFile([], info)).toMatchObject({ callsTools: false, vision: true, structuredOutput: false });
});
