// How replies end: with a finish reason that counts or one that means nothing, with [DONE], with silence.
import { expect, test } from 'bun:test';
import { lines, modelServers, STOP } from '../../testing/ask-model.ts';
import { choiceChunk, type ModelStep } from '../../testing/model-server.ts';

const { ask } = modelServers();
const done: ModelStep = { raw: 'data: [DONE]\n\n' };
const stopping = (delta: Record<string, unknown>): ModelStep => ({ chunk: choiceChunk(delta, 'stop') });
/** Longer than a server is waited for after a finish reason that counts. */
const pause: ModelStep = { wait: 3500 };

const EACH_CHUNK: [string, ModelStep[], string][] = [
  ['text', [stopping({ content: 'one ' }), pause, stopping({ content: 'two' }), done], 'one two'],
  [
    'a thought first',
    [stopping({ reasoning_content: 'hm' }), pause, stopping({ content: 'two' }), done],
    'two',
  ],
  ['a role first', [stopping({ role: 'assistant' }), pause, stopping({ content: 'two' }), done], 'two'],
  [
    'only later',
    [
      { text: 'one ' },
      stopping({}),
      stopping({ content: 'two ' }),
      pause,
      stopping({ content: 'three' }),
      done,
    ],
    'one two three',
  ],
];

for (const [name, steps, content] of EACH_CHUNK) {
  test(`a finish reason in every chunk ends nothing: ${name}`, async () => {
    const reply = await ask(steps);
    expect(reply).toMatchObject({ content, error: undefined, ends: [{ finishReason: 'stop' }] });
  });
}

test('what silence or a lost connection cuts, after such a finish reason, says so', async () => {
  for (const cut of [{ hang: true as const }, { cut: true as const }]) {
    const reply = await ask([stopping({ content: 'one ' }), cut], { timeout: 1 });
    expect(reply).toMatchObject({ content: 'one ', error: undefined, ends: [{ finishReason: 'unknown' }] });
  }
});

test('a thought with such a finish reason, and then silence, is a timeout', async () => {
  const reply = await ask([stopping({ reasoning_content: 'hm' }), { hang: true }], { timeout: 1 });
  expect(reply).toMatchObject({ thought: 'hm', error: { failure: 'timeout' }, ends: [] });
});

test('the last piece may bring the finish reason', async () => {
  const reply = await ask([{ text: 'one ' }, stopping({ content: 'two' }), { hang: true }], { timeout: 20 });
  expect(reply).toMatchObject({ content: 'one two', error: undefined, ends: [{ finishReason: 'stop' }] });
});

const ENDINGS: [string, ModelStep[], string][] = [
  ['neither a finish reason nor [DONE]', [{ text: 'a' }, { end: true }], 'unknown'],
  ['[DONE] without a finish reason', [{ text: 'a' }, done], 'stop'],
  ['a finish reason without [DONE]', [{ text: 'a' }, { chunk: STOP }, { end: true }], 'stop'],
  ['a finish reason nobody knows', [{ text: 'a' }, { chunk: choiceChunk({}, 'abort') }, done], 'unknown'],
  ['Mistral’s length', [{ text: 'a' }, { chunk: choiceChunk({}, 'model_length') }, done], 'length'],
  ['a filter', [{ chunk: choiceChunk({}, 'SAFETY') }, done], 'content_filter'],
  [
    'a tool call called stop',
    [{ chunk: choiceChunk({ tool_calls: [{ function: { name: 'f' } }] }) }, { chunk: STOP }, done],
    'function_calls',
  ],
];

for (const [name, steps, finishReason] of ENDINGS) {
  test(`${name} is ${finishReason}`, async () => {
    expect(await ask(steps)).toMatchObject({ error: undefined, ends: [{ finishReason }] });
  });
}

test('a whole answer without a finish reason is whole', async () => {
  const body = { choices: [{ message: { content: 'whole' } }] };
  const reply = await ask([{ status: 200, body }]);
  expect(reply).toMatchObject({ content: 'whole', error: undefined, ends: [{ finishReason: 'stop' }] });
});

test('the field of the older completions API is content, unless there is a delta', async () => {
  const text = (text: string, finish_reason: string | null = null) => ({
    choices: [{ index: 0, text, finish_reason }],
  });
  const reply = await ask([{ raw: lines(text('a'), text('b'), text('', 'stop')) }, done]);
  expect(reply).toMatchObject({ content: 'ab', error: undefined, ends: [{ finishReason: 'unknown' }] });
  const both = { choices: [{ index: 0, text: 'a', delta: { content: 'a' } }] };
  expect(await ask([{ raw: lines(both, STOP) }, done])).toMatchObject({
    content: 'a',
    ends: [{ finishReason: 'stop' }],
  });
});
