import { expect, test } from 'bun:test';
import { collect, HI, KEY, lines, modelAt, modelServers, STOP } from '../../testing/ask-model.ts';
import { choiceChunk } from '../../testing/model-server.ts';
import type { LlmMessage } from '../messages.ts';
import type { ModelEvent } from '../model.ts';

const { start, ask } = modelServers();

test('a reply streams in pieces and ends once, with usage', async () => {
  const reply = await ask([{ thought: 'hm' }, { text: '你' }, { text: '好' }]);
  expect(reply).toMatchObject({ thought: 'hm', content: '你好', error: undefined });
  expect(reply.ends).toEqual([
    { type: 'end', finishReason: 'stop', usage: { prompt_tokens: 1, completion_tokens: 1 } },
  ]);
});

test('the first piece comes before the last is sent', async () => {
  const server = start([{ text: 'first' }, { hang: true }]);
  const came: ModelEvent[][] = [];
  await modelAt(server.url).stream(HI, new AbortController().signal, (events) => {
    came.push(events);
    return false;
  });
  expect(came).toEqual([[{ type: 'content', text: 'first' }]]);
});

test('the request holds the messages, the create args, the headers, and asks for usage', async () => {
  const { server } = await ask(undefined, {
    temperature: 0.5,
    reasoning_effort: 'low',
    response_format: { type: 'json_object' },
    default_headers: { 'x-team': 'blue' },
    organization: 'org-1',
  });
  const [request] = server.requests;
  expect(request?.path).toBe('/v1/chat/completions');
  expect(request?.body).toEqual({
    model: 'gpt-x',
    messages: [{ role: 'user', content: 'hi' }],
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.5,
    reasoning_effort: 'low',
    response_format: { type: 'json_object' },
  });
  expect(request?.headers).toMatchObject({
    authorization: `Bearer ${KEY}`,
    'x-team': 'blue',
    'openai-organization': 'org-1',
  });
});

test('stream_options can be turned off', async () => {
  const { server } = await ask(undefined, { stream_options: { include_usage: false } });
  expect(server.requests[0]?.body).not.toHaveProperty('stream_options');
});

const REASONING: [string, Record<string, unknown>][] = [
  ['reasoning_content', { reasoning_content: 'why' }],
  ['reasoning', { reasoning: 'why' }],
  ['reasoning_details with text', { reasoning_details: [{ type: 'reasoning.text', text: 'why' }] }],
  [
    'reasoning_details with a summary',
    { reasoning_details: [{ type: 'reasoning.summary', summary: 'why' }] },
  ],
  ['reasoning and the same as details', { reasoning: 'why', reasoning_details: [{ text: 'why' }] }],
  ['thinking parts', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'why' }] }] }],
  ['<think> in the content', { content: '<think>why</think>\n\n' }],
];

for (const [name, delta] of REASONING) {
  test(`reasoning is the thought: ${name}`, async () => {
    const reply = await ask([{ chunk: choiceChunk(delta) }, { text: 'because' }]);
    expect(reply).toMatchObject({ thought: 'why', content: 'because', error: undefined });
  });
}

test('content as parts, as null, and a refusal are understood', async () => {
  const reply = await ask([
    { chunk: choiceChunk({ role: 'assistant', content: null }) },
    { chunk: choiceChunk({ content: [{ type: 'text', text: 'a' }, 'b'] }) },
    { chunk: choiceChunk({ refusal: 'c' }) },
  ]);
  expect(reply).toMatchObject({ content: 'abc', error: undefined });
});

test('of several choices only the first is kept', async () => {
  const other = { index: 1, delta: { content: 'B' }, finish_reason: null };
  const reply = await ask([
    { chunk: { choices: [{ index: 0, delta: { content: 'a' } }, other] } },
    { chunk: { choices: [other] } },
    { text: 'c' },
  ]);
  expect(reply.content).toBe('ac');
});

test('the first choice is taken wherever it stands', async () => {
  const choice = (index: number, delta: object, finish_reason: string | null = null) => ({
    index,
    delta,
    finish_reason,
  });
  const reply = await ask([
    { chunk: { choices: [choice(1, { role: 'assistant' })] } },
    { chunk: { choices: [choice(1, { content: 'B' }), choice(0, { content: 'a' })] } },
    { chunk: { choices: [choice(1, {}, 'length'), choice(0, { content: 'b' }, 'stop')] } },
  ]);
  expect(reply).toMatchObject({ content: 'ab', ends: [{ finishReason: 'stop' }] });
  const from1 = await ask([{ chunk: { choices: [choice(1, { content: 'a' }, 'stop')] } }]);
  expect(from1.content).toBe('a');
});

test('usage that cannot be true is as none', async () => {
  const withUsage = (usage: string) => ({
    raw: `data: {"choices":[{"index":0,"delta":{"content":"x"}}],"usage":${usage}}\n\n`,
  });
  for (const count of ['1e30', '1e400', '9007199254740993', '10000001'])
    for (const usage of [
      `{"prompt_tokens":${count},"completion_tokens":1}`,
      `{"prompt_tokens":1,"completion_tokens":${count}}`,
    ]) {
      const reply = await ask([withUsage(usage), { end: true }]);
      expect(reply.ends).toMatchObject([{ usage: null }]);
    }
  const most = await ask([
    withUsage('{"prompt_tokens":10000000,"completion_tokens":10000000}'),
    { end: true },
  ]);
  expect(most.ends).toMatchObject([{ usage: { prompt_tokens: 1e7, completion_tokens: 1e7 } }]);
});

test('usage in every chunk counts once, the last one that is not null', async () => {
  const withUsage = (usage: unknown) => ({ chunk: { ...choiceChunk({ content: 'x' }), usage } });
  const reply = await ask([
    withUsage({ prompt_tokens: 1, completion_tokens: 1 }),
    withUsage({ prompt_tokens: 1, completion_tokens: 2 }),
    withUsage(null),
    { end: true },
  ]);
  expect(reply.ends).toEqual([
    { type: 'end', finishReason: 'unknown', usage: { prompt_tokens: 1, completion_tokens: 2 } },
  ]);
});

for (const [given, expected] of [
  ['length', 'length'],
  ['content_filter', 'content_filter'],
  ['tool_calls', 'function_calls'],
  ['end_turn', 'stop'],
  ['made_up', 'unknown'],
] as const) {
  test(`finish reason ${given} is ${expected}`, async () => {
    const reply = await ask([{ text: 'x' }, { chunk: choiceChunk({}, given) }, { end: true }]);
    expect(reply.ends).toEqual([{ type: 'end', finishReason: expected, usage: null }]);
  });
}

test('CRLF, comments, no [DONE], no blank line at the end, bytes cut anywhere', async () => {
  const text = `: hello\r\n\r\n${lines(choiceChunk({ content: '你😀' }), STOP)
    .replaceAll('\n', '\r\n')
    .trimEnd()}`;
  const bytes = new TextEncoder().encode(text);
  for (const at of [
    3,
    9,
    20,
    ...Array.from({ length: 8 }, (_, i) => bytes.indexOf(0xe4) + i),
    bytes.length - 1,
  ]) {
    const reply = await ask([{ raw: bytes.slice(0, at) }, { wait: 2 }, { raw: bytes.slice(at) }]);
    expect(reply).toMatchObject({ content: '你😀', error: undefined });
    expect(reply.ends).toMatchObject([{ finishReason: 'stop' }]);
  }
});

test('a surrogate pair cut between two chunks is joined, NUL is dropped', async () => {
  const reply = await ask([
    { raw: 'data: {"choices":[{"delta":{"content":"a\\u0000\\ud83d"}}]}\n\n' },
    { raw: 'data: {"choices":[{"delta":{"content":"\\ude00b\\ud83d"}}]}\n\n' },
  ]);
  expect(reply).toMatchObject({ content: 'a😀b\ufffd', error: undefined });
});

test('an empty reply with a finish reason is a reply', async () => {
  const reply = await ask([{ chunk: STOP }]);
  expect(reply).toMatchObject({ content: '', error: undefined });
  expect(reply.ends).toMatchObject([{ finishReason: 'stop' }]);
});

test('a server that does not stream is understood', async () => {
  const usage = { prompt_tokens: 3, completion_tokens: 4 };
  const message = { role: 'assistant', content: 'whole', reasoning_content: 'why' };
  const body = { object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }], usage };
  for (const text of [JSON.stringify(body), JSON.stringify(body, null, 2)]) {
    const reply = await ask([{ status: 200, headers: { 'content-type': 'application/json' }, body: text }]);
    expect(reply).toMatchObject({ thought: 'why', content: 'whole', error: undefined });
    expect(reply.ends).toEqual([{ type: 'end', finishReason: 'stop', usage }]);
  }
});

test('a whole message repeated at the end of a stream is not doubled', async () => {
  const repeated = { choices: [{ index: 0, message: { content: 'ab' }, finish_reason: 'stop' }] };
  const reply = await ask([{ text: 'a' }, { text: 'b' }, { chunk: repeated }]);
  expect(reply).toMatchObject({ content: 'ab', error: undefined });
});

test('a connection whose reply was whole is used again', async () => {
  // The end of the body comes a little after [DONE].
  const server = start([{ text: 'a' }, { raw: `${lines(STOP)}data: [DONE]\n\n` }, { wait: 1 }]);
  const model = modelAt(server.url);
  for (let call = 0; call < 3; call += 1) await collect(model);
  expect([server.calls(), server.connections()]).toEqual([3, 1]);
});

test('many streams of one model do not mix', async () => {
  const server = start();
  const model = modelAt(server.url);
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      const message: LlmMessage = { type: 'UserMessage', content: `message ${index}`, source: 'user' };
      return collect(model, { messages: [message] });
    }),
  );
  expect(replies.map((reply) => reply.content)).toEqual(replies.map((_, index) => `message ${index}`));
});
