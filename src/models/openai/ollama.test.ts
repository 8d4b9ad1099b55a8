import { expect, test } from 'bun:test';
import { collect, failure, HI, modelAt, modelServers } from '../../testing/ask-model.ts';
import type { ModelStep } from '../../testing/model-server.ts';
import type { LlmMessage } from '../messages.ts';
import type { Asking } from '../model.ts';

const { start } = modelServers();

/** Lines as Ollama streams them. */
const ndjson = (...values: object[]): string =>
  values.map((value) => `${JSON.stringify({ model: 'q', created_at: 'now', ...value })}\n`).join('');
const piece = (message: object): object => ({ message: { role: 'assistant', ...message }, done: false });
const END = {
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  prompt_eval_count: 11,
  eval_count: 22,
};

async function ask(
  steps: ModelStep[] | string,
  config: object = {},
  messages: LlmMessage[] = HI,
  asking: Asking = {},
) {
  const server = start(typeof steps === 'string' ? [{ raw: steps }] : steps);
  const host = server.url.replace('/v1', '');
  const model = modelAt(host, { host, timeout: 20, max_retries: 0, ...config }, 'OllamaChatCompletionClient');
  return { ...(await collect(model, { messages, asking })), server };
}

test('thought and text stream line by line and end once, with usage', async () => {
  const reply = await ask(
    ndjson(piece({ content: '', thinking: 'hm' }), piece({ content: '你' }), piece({ content: '好' }), END),
  );
  expect(reply).toMatchObject({ thought: 'hm', content: '你好', error: undefined });
  expect(reply.ends).toEqual([
    { type: 'end', finishReason: 'stop', usage: { prompt_tokens: 11, completion_tokens: 22 } },
  ]);
});

test('a server that does not count gives no usage', async () => {
  const reply = await ask(ndjson(piece({ content: 'x' }), { ...END, eval_count: undefined }));
  expect(reply.ends).toMatchObject([{ usage: null }]);
});

test('usage that cannot be true is as none', async () => {
  for (const nonsense of [{ eval_count: 1e30 }, { prompt_eval_count: 1e30 }]) {
    const reply = await ask(ndjson(piece({ content: 'x' }), { ...END, ...nonsense }));
    expect(reply.ends).toMatchObject([{ usage: null }]);
  }
});

test('a line is given as soon as it is whole', async () => {
  const server = start([{ raw: ndjson(piece({ content: 'first' })) }, { hang: true }]);
  const host = server.url.replace('/v1', '');
  const came: unknown[] = [];
  await modelAt(host, { host }, 'OllamaChatCompletionClient').stream(
    HI,
    new AbortController().signal,
    (events) => {
      came.push(...events);
      return false;
    },
  );
  expect(came).toEqual([{ type: 'content', text: 'first' }]);
});

test('bytes cut anywhere, CRLF, and a last line without its end are understood', async () => {
  const text = ndjson(piece({ content: '你😀' }), END);
  for (const whole of [text, text.replaceAll('\n', '\r\n'), text.trimEnd()]) {
    const bytes = new TextEncoder().encode(whole);
    for (const at of [3, bytes.indexOf(0xe4) + 1, bytes.indexOf(0xf0) + 2, bytes.length - 1]) {
      const reply = await ask([{ raw: bytes.slice(0, at) }, { wait: 2 }, { raw: bytes.slice(at) }]);
      expect(reply).toMatchObject({ content: '你😀', error: undefined, ends: [{ finishReason: 'stop' }] });
    }
  }
});

for (const [name, lines, expected] of [
  ['length', [piece({ content: 'x' }), { ...END, done_reason: 'length' }], 'length'],
  ['none', [piece({ content: 'x' }), { ...END, done_reason: undefined }], 'unknown'],
  [
    'of a tool call',
    [piece({ content: '', tool_calls: [{ function: { name: 'f', arguments: {} } }] }), END],
    'function_calls',
  ],
] as const) {
  test(`the reason at the end: ${name}`, async () => {
    expect((await ask(ndjson(...lines))).ends).toMatchObject([{ finishReason: expected }]);
  });
}

for (const [name, steps, reason, content] of [
  [
    'an error in the stream',
    [{ raw: ndjson(piece({ content: 'a' }), { error: 'out of memory' }) }],
    'reported an error',
    'a',
  ],
  [
    'a cut connection',
    [{ raw: ndjson(piece({ content: 'a' })) }, { cut: true }],
    'before the reply was whole',
    'a',
  ],
  ['lines of something else', [{ raw: '{"a":1}\n' }], 'not a reply', ''],
  ['no lines', [{ status: 200 }], 'without a reply', ''],
  [
    'a model that is not there',
    [{ status: 404, body: { error: "model 'q' not found" } }],
    'does not know the model',
    '',
  ],
] as [string, ModelStep[], string, string][]) {
  test(`a reply fails on ${name}`, async () => {
    const reply = await ask(steps);
    expect(failure(reply).reason.en).toContain(reason);
    expect(reply.content).toBe(content);
    expect(reply.ends).toEqual([]);
  });
}

test('silence between two lines is a timeout', async () => {
  const reply = await ask([{ raw: ndjson(piece({ content: 'a' })) }, { hang: true }], { timeout: 1 });
  expect(failure(reply).failure).toBe('timeout');
});

test('very many lines without an end between them are no body without end', async () => {
  const line = ndjson(piece({ content: 'x'.repeat(64 * 1024) }));
  const steps: ModelStep[] = Array.from({ length: 300 }, () => ({ raw: line }));
  const reply = await ask([...steps, { raw: ndjson(END) }]);
  expect([reply.content.length, reply.error]).toEqual([300 * 64 * 1024, undefined]);
});

test('images, calls and results are sent in Ollama’s way', async () => {
  const messages: LlmMessage[] = [
    { type: 'SystemMessage', content: 'be kind' },
    { type: 'UserMessage', content: ['look', { data: 'aW1n' }], source: 'user' },
    {
      type: 'AssistantMessage',
      content: [{ id: 'c', arguments: '{"q":"x"}', name: 'f' }],
      thought: 'let me',
      source: 'assistant',
    },
    {
      type: 'FunctionExecutionResultMessage',
      content: [{ content: '42', name: 'f', call_id: 'c', is_error: false }],
    },
    { type: 'AssistantMessage', content: 'It is 42.', thought: 'hm', source: 'assistant' },
    { type: 'UserMessage', content: 'thanks', source: 'user' },
  ];
  const { server } = await ask(ndjson(piece({ content: 'x' }), END), {}, messages);
  expect(server.requests[0]?.body.messages).toEqual([
    { role: 'system', content: 'be kind' },
    { role: 'user', content: 'look', images: ['aW1n'] },
    {
      role: 'assistant',
      content: 'let me',
      tool_calls: [{ function: { name: 'f', arguments: { q: 'x' } } }],
    },
    { role: 'tool', content: '42', tool_name: 'f' },
    { role: 'assistant', content: 'It is 42.' },
    { role: 'user', content: 'thanks' },
  ]);
});

test('images of results are shown in a message behind them, where the model sees', async () => {
  const png = `iVBORw0KGgo${'A'.repeat(40)}=`;
  const messages: LlmMessage[] = [
    { type: 'UserMessage', content: 'look', source: 'user' },
    {
      type: 'AssistantMessage',
      content: [{ id: 'c', arguments: '{}', name: 'f' }],
      thought: null,
      source: 'a',
    },
    {
      type: 'FunctionExecutionResultMessage',
      content: [{ content: `here: [Image: ${png}]`, name: 'f', call_id: 'c', is_error: false }],
    },
  ];
  const config = { model_info: { vision: true } };
  const { server } = await ask(ndjson(piece({ content: 'x' }), END), config, messages);
  const sent = server.requests[0]?.body.messages;
  expect(Array.isArray(sent) && sent.slice(2)).toEqual([
    { role: 'tool', content: 'here: [Image 1, shown below]', tool_name: 'f' },
    { role: 'user', content: 'Image 1 of the results:', images: [png] },
  ]);
});

const asking: Asking = {
  tools: [{ name: 'get_weather', description: 'Weather', parameters: { type: 'object', properties: {} } }],
};
const anyId = expect.stringMatching(/^call_[0-9a-f]{24}$/);

test('calls come whole, line by line, with arguments that are an object, and mostly without ids', async () => {
  const call = (city: string, more: object = {}) => ({
    ...more,
    function: { name: 'get_weather', arguments: { city } },
  });
  const reply = await ask(
    ndjson(
      piece({ content: 'I look.', thinking: 'hm' }),
      piece({ content: '', tool_calls: [call('Paris'), call('Oslo')] }),
      piece({ content: '', tool_calls: [call('Rome', { id: 'call_x' })] }),
      piece({ content: '', tool_calls: [{ function: { name: 'get_weather' } }] }),
      END,
    ),
    {},
    HI,
    asking,
  );
  expect(reply).toMatchObject({ thought: 'hm', content: 'I look.', error: undefined });
  expect<unknown>(reply.calls).toEqual([
    { id: anyId, name: 'get_weather', arguments: '{"city":"Paris"}' },
    { id: anyId, name: 'get_weather', arguments: '{"city":"Oslo"}' },
    { id: 'call_x', name: 'get_weather', arguments: '{"city":"Rome"}' },
    { id: anyId, name: 'get_weather', arguments: '{}' },
  ]);
  expect(reply.ends).toMatchObject([{ finishReason: 'function_calls', usage: { completion_tokens: 22 } }]);
});

test('calls that were cut for their length are none', async () => {
  const calls = [{ function: { name: 'get_weather', arguments: {} } }];
  const lines = ndjson(piece({ content: '', tool_calls: calls }), { ...END, done_reason: 'length' });
  expect(await ask(lines, {}, HI, asking)).toMatchObject({
    calls: undefined,
    ends: [{ finishReason: 'length' }],
  });
});

test('tools and the form of a reply are told in Ollama’s way; of what may not be called it is not told', async () => {
  const sent = async (asked: Asking, config: object = {}) =>
    (await ask(ndjson(piece({ content: 'x' }), END), config, HI, asked)).server.requests[0]?.body ?? {};
  const [tool] = asking.tools ?? [];
  const told = [{ type: 'function', function: tool }];
  expect(await sent(asking)).toMatchObject({ tools: told });
  expect(await sent({ ...asking, toolChoice: 'required' })).toMatchObject({ tools: told });
  for (const none of [{}, { tools: [] }, { ...asking, toolChoice: 'none' as const }])
    expect(await sent(none)).not.toHaveProperty('tools');
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const output = { name: 'Answer', schema };
  expect(await sent({ output }, { response_format: { type: 'json_object' } })).toMatchObject({
    format: schema,
  });
});
