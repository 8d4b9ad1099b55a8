import { expect, test } from 'bun:test';
import {
  anthropicBlock,
  anthropicEvent,
  anthropicReply,
  anthropicSteps,
  anthropicStop,
  START,
} from '../../testing/anthropic-stream.ts';
import { collect, KEY, modelAt, modelServers } from '../../testing/ask-model.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { testApp } from '../../testing/test-app.ts';

const { start, ask } = modelServers('AnthropicChatCompletionClient');

test('thought and text stream in pieces and end once, with usage that counts what the cache held', async () => {
  const reply = await ask(
    anthropicSteps([{ thinking: ['let me ', 'see'] }, { text: ['你', '好'] }], 'end_turn', {
      output_tokens: 42,
    }),
  );
  expect(reply).toMatchObject({ thought: 'let me see', content: '你好', error: undefined });
  expect(reply.ends).toEqual([
    { type: 'end', finishReason: 'stop', usage: { prompt_tokens: 125, completion_tokens: 42 } },
  ]);
});

test('usage that cannot be true is as none', async () => {
  // What was counted before it stays.
  const said = { prompt_tokens: 125, completion_tokens: 1 };
  for (const usage of [{ output_tokens: 1e30 }, { output_tokens: 1, cache_read_input_tokens: 1e30 }]) {
    const reply = await ask(anthropicSteps([{ text: ['x'] }], 'end_turn', usage));
    expect(reply.ends).toMatchObject([{ usage: said }]);
  }
});

test('the first piece comes before the last is sent', async () => {
  const server = start([
    { raw: START + anthropicBlock({ text: ['first'] }) },
    { wait: new Promise(() => {}) },
  ]);
  const model = modelAt(server.url, {}, 'AnthropicChatCompletionClient');
  const came: unknown[] = [];
  const messages = [{ type: 'UserMessage' as const, content: 'hi', source: 'user' }];
  await model.stream(messages, new AbortController().signal, (events) => {
    came.push(...events);
    return false;
  });
  expect(came).toEqual([{ type: 'content', text: 'first' }]);
});

test('the request is the Messages API’s, with its key, version and bound', async () => {
  const { server } = await ask(anthropicSteps([{ text: ['x'] }]));
  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'POST', path: '/v1/messages' });
  expect(request?.body).toEqual({
    model: 'gpt-x',
    max_tokens: 4096,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    stream: true,
  });
  expect(request?.headers).toMatchObject({
    'x-api-key': KEY,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  });
});

for (const [given, expected] of [
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'function_calls'],
  ['refusal', 'content_filter'],
  ['pause_turn', 'unknown'],
] as const) {
  test(`stop reason ${given} is ${expected}`, async () => {
    const reply = await ask(anthropicSteps([{ text: ['x'] }], given));
    expect(reply).toMatchObject({ content: 'x', error: undefined, ends: [{ finishReason: expected }] });
  });
}

test('redacted thoughts are left out, and blocks and deltas of kinds not known', async () => {
  const unknown = [
    anthropicEvent('content_block_start', { index: 1, content_block: { type: 'web_search_tool_result' } }),
    anthropicEvent('content_block_delta', { index: 1, delta: { type: 'citations_delta', citation: {} } }),
    anthropicEvent('something_new', { text: 'no' }),
    'event: something_newer\ndata: not even JSON\n\n',
  ].join('');
  const raw = [
    START,
    anthropicBlock({ redacted: 'c2VjcmV0' }),
    unknown,
    anthropicBlock({ text: ['a'] }, 2),
    anthropicBlock({ text: ['b'] }, 3),
    anthropicStop('end_turn'),
    anthropicEvent('message_stop'),
  ].join('');
  expect(await ask([{ raw }])).toMatchObject({ thought: '', content: 'ab', error: undefined });
});

test('a reply that only calls a tool has no content and says so', async () => {
  const reply = await ask(
    anthropicSteps([{ tool: 'get_weather', json: ['', '{"city":', '"Paris"}'] }], 'tool_use'),
  );
  expect(reply).toMatchObject({ content: '', error: undefined, ends: [{ finishReason: 'function_calls' }] });
});

test('a refusal before any text is an end without content', async () => {
  const reply = await ask(anthropicSteps([], 'refusal'));
  expect(reply).toMatchObject({ content: '', error: undefined, ends: [{ finishReason: 'content_filter' }] });
});

test('usage at the end that also counts the input is the one that counts', async () => {
  const usage = {
    input_tokens: 6,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: null,
    output_tokens: 9,
  };
  const reply = await ask(anthropicSteps([{ text: ['x'] }], 'end_turn', usage));
  expect(reply.ends).toMatchObject([{ usage: { prompt_tokens: 26, completion_tokens: 9 } }]);
});

test('CRLF, bytes cut anywhere, events without a name, no message_stop', async () => {
  const whole = anthropicReply([{ thinking: ['想'] }, { text: ['你😀'] }]);
  for (const text of [
    whole.replaceAll('\n', '\r\n'),
    whole.replaceAll(/^event: .*\n/gm, ''),
    whole.replace(anthropicEvent('message_stop'), '').trimEnd(),
  ]) {
    const bytes = new TextEncoder().encode(text);
    const first = bytes.findIndex((byte) => byte >= 0xe0);
    const last = bytes.findLastIndex((byte) => byte >= 0x80);
    for (const at of [3, first + 1, first + 2, last - 2, last - 1, last, bytes.length - 1]) {
      const reply = await ask([{ raw: bytes.slice(0, at) }, { wait: 2 }, { raw: bytes.slice(at) }]);
      expect(reply).toMatchObject({ thought: '想', content: '你😀', error: undefined });
      expect(reply.ends).toMatchObject([{ finishReason: 'stop' }]);
    }
  }
});

test('a server that keeps the stream open after message_stop is not waited for', async () => {
  const steps = [...anthropicSteps([{ text: ['a'] }]), { hang: true as const }];
  expect(await ask(steps, { timeout: 3 })).toMatchObject({ content: 'a', error: undefined });
});

test('a server that does not stream is understood', async () => {
  const body = {
    type: 'message',
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'why', signature: 's' },
      { type: 'text', text: 'whole' },
    ],
    stop_reason: 'end_turn',
    usage: { input_tokens: 3, output_tokens: 4 },
  };
  const reply = await ask([{ status: 200, body }]);
  expect(reply).toMatchObject({ thought: 'why', content: 'whole', error: undefined });
  expect(reply.ends).toEqual([
    { type: 'end', finishReason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 4 } },
  ]);
});

test('a connection whose reply was whole is used again', async () => {
  const server = start(anthropicSteps([{ text: ['a'] }]));
  const model = modelAt(server.url, {}, 'AnthropicChatCompletionClient');
  for (let call = 0; call < 3; call += 1) await collect(model);
  expect([server.calls(), server.connections()]).toEqual([3, 1]);
});

onEachDatabase('a turn of Anthropic’s', (open) => {
  test('a turn has its thought, its usage, and why it was cut', async () => {
    const server = start(anthropicSteps([{ thinking: ['hm'] }, { text: ['Hello', ' there'] }], 'max_tokens'));
    const model = modelAt(server.url, {}, 'AnthropicChatCompletionClient');
    const { send, newSession } = await testApp(await open(), { model, systemMessage: 'Be kind.' });
    const response = await send('POST', `/api/sessions/${await newSession()}/chat`, { content: 'hi' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      content: 'Hello there',
      thought: 'hm',
      models_usage: { prompt_tokens: 125, completion_tokens: 7 },
      metadata: { finish_reason: 'length' },
    });
    expect(server.requests[0]?.body).toMatchObject({
      system: 'Be kind.',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    });
  });
});
