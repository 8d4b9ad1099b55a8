import { expect, test } from 'bun:test';
import { eventsOf } from '../testing/ask-model.ts';
import type { LlmMessage } from './messages.ts';
import { ModelError } from './model.ts';
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
