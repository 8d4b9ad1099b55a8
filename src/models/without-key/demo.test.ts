import { expect, test } from 'bun:test';
import { eventsOf } from '../../testing/ask-model.ts';
import type { LlmMessage } from '../messages.ts';
import type { Asking, ModelEvent } from '../model.ts';
import { countTokens } from '../tokens.ts';
import { demoModel } from './demo.ts';

function user(content: string): LlmMessage {
  return { type: 'UserMessage', content, source: 'user' };
}

async function ask(...messages: LlmMessage[]) {
  const events = await eventsOf(demoModel({ delayMs: 0 }), { messages });
  const text = (type: 'thought' | 'content') =>
    events.map((event) => (event.type === type ? event.text : '')).join('');
  return { events, thought: text('thought'), content: text('content') };
}

const reply: LlmMessage = { type: 'AssistantMessage', content: 'x', thought: null, source: 'assistant' };

test('the first message gets the introduction, in the language of the message', async () => {
  const english = await ask(user('Hello there'));
  expect(english.content).toContain('“Hello there”');
  expect(english.content).toContain('demo model');
  expect(english.thought).toContain('no real model');
  const chinese = await ask(user('你好，世界'));
  expect(chinese.content).toContain('“你好，世界”');
  expect(chinese.content).toContain('演示模型');
  for (const { content } of [english, chinese]) {
    for (const setting of [
      'model_config.template.yaml',
      'OPENAI_API_KEY',
      'OPENAI_BASE_URL',
      'OPENAI_MODEL',
      '11434',
    ]) {
      expect(content).toContain(setting);
    }
  }
});

test('a later message gets something else, shorter, that still points to the setting', async () => {
  for (const text of ['again', '再来']) {
    const [first, later] = [await ask(user(text)), await ask(user('hi'), reply, user(text))];
    expect(later.content.length).toBeLessThan(first.content.length / 2);
    expect(later.content).toContain(`“${text}”`);
    expect(later.content).toContain('model_config.yaml');
  }
});

test('the pieces are many but not too many, never empty, and end once with usage', async () => {
  for (const text of ['Hello', '你好']) {
    const { events } = await ask(user(text));
    expect(events.length).toBeGreaterThan(40);
    expect(events.length).toBeLessThan(150);
    expect(events.every((event) => !('text' in event) || event.text !== '')).toBe(true);
    expect(events.filter((event) => event.type === 'end')).toEqual([
      {
        type: 'end',
        finishReason: 'stop',
        usage: { prompt_tokens: countTokens(text), completion_tokens: expect.any(Number) },
      },
    ]);
  }
});

test('no text is lost between the pieces', async () => {
  const { content } = await ask(user('Hello'));
  expect(content).toContain('\n\n```sh\ncp model_config.template.yaml model_config.yaml ');
});

test('only a short beginning of a long or strange message is quoted', async () => {
  const { content } = await ask(user(`\`\`\`\n${'👩‍👩‍👧'.repeat(100)}\0`));
  expect(content).toContain(`“${'👩‍👩‍👧'.repeat(40)}…”`);
});

test('the signal ends it in the middle with its reason', async () => {
  const controller = new AbortController();
  const events: ModelEvent[] = [];
  const asking = demoModel({ delayMs: 1 }).stream([user('hi')], controller.signal, (together) => {
    events.push(...together);
    if (events.length === 3) controller.abort(new Error('enough'));
    return true;
  });
  expect(asking).rejects.toThrow('enough');
  await asking.catch(() => undefined);
  expect(events).toHaveLength(3);
});

test('it says that it is a demo', () => {
  expect(demoModel()).toMatchObject({ name: 'demo', demo: true });
});

const tools = ['add', 'get_weather'].map((name) => ({
  name,
  description: '',
  parameters: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
}));

async function askWith(asking: Asking, ...messages: LlmMessage[]) {
  const events = await eventsOf(demoModel({ delayMs: 0 }), { messages, asking });
  const content = events.map((event) => (event.type === 'content' ? event.text : '')).join('');
  const calls = events.flatMap((event) => (event.type === 'calls' ? event.calls : []));
  return { events, content, calls };
}

/** A conversation in which `add` was called and gave this. */
function called(text: string, content: string, is_error = false): LlmMessage[] {
  return [
    user(text),
    {
      type: 'AssistantMessage',
      content: [{ id: 'c', arguments: '{}', name: 'add' }],
      thought: null,
      source: 'assistant',
    },
    { type: 'FunctionExecutionResultMessage', content: [{ content, name: 'add', call_id: 'c', is_error }] },
  ];
}

test('it calls the tool that a message names, with what the message says, and then tells what that gave', async () => {
  const { calls, content, events } = await askWith({ tools }, user('add 5'));
  expect<unknown>(calls).toEqual([
    { id: expect.stringMatching(/^call_/), name: 'add', arguments: '{"a":5}' },
  ]);
  expect([content, events.at(-1)]).toMatchObject(['', { type: 'end', finishReason: 'function_calls' }]);
  // Also where nothing more may be called.
  for (const asking of [{ tools }, {}]) {
    const told = await askWith(asking, ...called('add 5', '42'));
    expect([told.calls, told.content]).toEqual([[], '`add` says: 42']);
  }
  expect((await askWith({ tools }, ...called('用 add 算 5', '42'))).content).toBe('`add` 返回：42');
  expect((await askWith({ tools }, ...called('add 5', 'no', true))).content).toBe('`add` failed: no');
  expect((await askWith({ tools }, ...called('add 5', 'a ```\nb'))).content).toBe(
    '`add` says:\n\n````\na ```\nb\n````',
  );
});

test('of a long result it tells the beginning', async () => {
  for (const long of ['😀', '`a', '\n'].map((text) => text.repeat(1_000_000))) {
    const { content } = await askWith({ tools }, ...called('add 5', `x${long}`));
    expect(content.length).toBeLessThan(2100);
    expect(content).toContain('…');
    expect(content.isWellFormed()).toBe(true);
  }
});

test('a message that names none is told which there are, one after the results is a message again', async () => {
  for (const [text, said] of [
    ['hello', 'I can call tools, though: `add`, `get_weather`.'],
    ['你好', '我可以调用工具：`add`、`get_weather`。'],
  ] as const) {
    const { calls, content } = await askWith({ tools }, user(text));
    expect(calls).toEqual([]);
    expect(content).toContain(said);
  }
  expect((await askWith({ tools }, ...called('add 5', '42'), user('add 6'))).calls).toMatchObject([
    { arguments: '{"a":6}' },
  ]);
});

test('it calls nothing where it may not, and something where it must', async () => {
  for (const asking of [{}, { tools: [] }, { tools, toolChoice: 'none' as const }]) {
    const { calls, content } = await askWith(asking, user('add 5'));
    expect(calls).toEqual([]);
    expect(content).not.toContain('I can call');
  }
  expect((await askWith({ tools, toolChoice: 'required' }, user('hello'))).calls).toMatchObject([
    { name: 'add' },
  ]);
});
