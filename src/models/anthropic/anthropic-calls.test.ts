// Calls of tools in Anthropic's protocol: how they are asked for, and how they come.
import { expect, test } from 'bun:test';
import {
  anthropicBlock,
  anthropicError,
  anthropicEvent,
  anthropicSteps,
  anthropicStop,
  START,
} from '../../testing/anthropic-stream.ts';
import { collect, failure, HI, modelAt, modelServers } from '../../testing/ask-model.ts';
import type { LlmMessage } from '../messages.ts';
import type { Asking } from '../model.ts';

const provider = 'AnthropicChatCompletionClient';
const { start, ask: askServer } = modelServers(provider);

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = [
  { name: 'get_weather', description: 'Weather', parameters: schema, strict: true },
  { name: 'fs.read', description: 'Reads', parameters: {} },
];
const asking: Asking = { tools };
const weather = { tool: 'get_weather', json: ['', '{"ci', 'ty":"Paris"}'] };
const paris = { id: 'toolu_1', name: 'get_weather', arguments: '{"city":"Paris"}' };
const result: LlmMessage[] = [
  ...HI,
  { type: 'AssistantMessage', content: [paris], thought: 'I look.', source: 'assistant' },
  {
    type: 'FunctionExecutionResultMessage',
    content: [{ content: 'no such city', name: 'get_weather', call_id: 'toolu_1', is_error: true }],
  },
];

/** What is sent where this is asked. */
async function sent(asked: Asking, config: object = {}, messages = HI) {
  const { server } = await askServer(
    anthropicSteps([{ text: ['x'] }]),
    { ...config },
    { asking: asked, messages },
  );
  return server.requests[0]?.body ?? {};
}

test('calls stream in pieces, beside thoughts and text, and are given whole', async () => {
  const reply = await askServer(
    anthropicSteps(
      [{ thinking: ['hm'] }, { text: ['I look.'] }, weather, { tool: 'fs_read', json: [''] }],
      'tool_use',
    ),
    {},
    { asking },
  );
  expect(reply).toMatchObject({ thought: 'hm', content: 'I look.', error: undefined });
  // Both blocks have the same id here, and each call one of its own.
  expect<unknown>(reply.calls).toEqual([
    paris,
    { id: expect.stringMatching(/^call_[0-9a-f]{24}$/), name: 'fs.read', arguments: '{}' },
  ]);
  expect(reply.ends).toMatchObject([{ finishReason: 'function_calls', usage: { prompt_tokens: 125 } }]);
});

test('a whole message has its calls, and one that begins with its input too', async () => {
  const block = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } };
  const body = { type: 'message', role: 'assistant', content: [block], stop_reason: 'tool_use' };
  const whole = await askServer([{ status: 200, body }], {}, { asking });
  const begun = await askServer(
    [
      {
        raw:
          START +
          anthropicEvent('content_block_start', { index: 0, content_block: block }) +
          anthropicStop('tool_use') +
          anthropicEvent('message_stop'),
      },
    ],
    {},
    { asking },
  );
  for (const reply of [whole, begun]) expect(reply).toMatchObject({ calls: [paris], error: undefined });
});

test('what the server calls by itself is no call', async () => {
  const start = (index: number, type: string, name: string) =>
    anthropicEvent('content_block_start', {
      index,
      content_block: { type, id: `toolu_${index}`, name, input: {} },
    });
  const input = (index: number, partial_json: string) =>
    anthropicEvent('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json } });
  const raw =
    START +
    start(1, 'tool_use', 'get_weather') +
    input(1, '{"city":') +
    start(2, 'server_tool_use', 'web_search') +
    input(2, '{"query":"x"}') +
    input(1, '"Paris"}') +
    anthropicStop('tool_use') +
    anthropicEvent('message_stop');
  expect(await askServer([{ raw }], {}, { asking })).toMatchObject({ calls: [paris], error: undefined });
});

test('an answer that is cut calls nothing', async () => {
  const reply = await askServer(anthropicSteps([weather], 'max_tokens'), {}, { asking });
  expect(reply).toMatchObject({ calls: undefined, ends: [{ finishReason: 'length' }] });
});

test('an answer that breaks off in a call is asked for again, but not behind a piece', async () => {
  const half = START + anthropicBlock({ tool: 'get_weather', json: ['{"city":'] });
  for (const end of ['', anthropicError('overloaded_error', 'Overloaded')]) {
    const server = start((_, index) =>
      index === 0 ? [{ raw: half + end }, { end: true }] : anthropicSteps([weather], 'tool_use'),
    );
    const reply = await collect(modelAt(server.url, { timeout: 20, max_retries: 1 }, provider), { asking });
    expect([reply.calls, reply.error, server.calls()]).toEqual([[paris], undefined, 2]);
  }
  const raw = START + anthropicBlock({ text: ['I look.'] }) + half.slice(START.length);
  const reply = await askServer([{ raw }, { end: true }], { max_retries: 1 }, { asking });
  expect(failure(reply).reason.en).toContain('before the reply was whole');
  expect([reply.calls, reply.server.calls()]).toEqual([undefined, 1]);
});

test('tools are told with their schemas, by names that are accepted', async () => {
  expect(await sent(asking)).toMatchObject({
    tools: [
      { name: 'get_weather', description: 'Weather', input_schema: schema },
      { name: 'fs_read', description: 'Reads', input_schema: { type: 'object', properties: {} } },
    ],
    tool_choice: { type: 'auto' },
  });
  for (const [toolChoice, type] of [
    ['none', 'none'],
    ['required', 'any'],
  ] as const)
    expect(await sent({ ...asking, toolChoice })).toMatchObject({ tool_choice: { type } });
  for (const none of [{}, { tools: [] }]) {
    const body = await sent(none);
    expect([body.tools, body.tool_choice]).toEqual([undefined, undefined]);
  }
});

test('the server’s own tools stand beside them', async () => {
  const search = { type: 'web_search_20250305', name: 'web_search' };
  const config = { extra_body: { tools: [search] } };
  expect(await sent(asking, config)).toMatchObject({
    tools: [{ name: 'get_weather' }, { name: 'fs_read' }, search],
  });
  expect(await sent({}, config)).toMatchObject({ tools: [search] });
});

test('calls and results of the same turn are sent back, with what failed', async () => {
  const body = await sent(asking, {}, result);
  expect(body).toMatchObject({ tool_choice: { type: 'auto' } });
  expect(body.messages).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } },
      ],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'no such city', is_error: true }],
    },
  ]);
});

test('images of results are sent as images, where the model sees', async () => {
  const png = `iVBORw0KGgo${'A'.repeat(40)}=`;
  const messages = structuredClone(result);
  const last = messages.at(-1);
  if (last?.type === 'FunctionExecutionResultMessage' && last.content[0])
    last.content[0].content = `a map\n[Image: ${png}]\n[Image: none]`;
  const content = async (vision: boolean) => {
    const body = await sent(asking, { model_info: { vision } }, messages);
    return (body.messages as { content: { content: unknown }[] }[]).at(-1)?.content[0]?.content;
  };
  expect(await content(true)).toEqual([
    { type: 'text', text: 'a map\n' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
    { type: 'text', text: '\n[Image: none]' },
  ]);
  expect(await content(false)).toContain(`[Image: ${png}]`);
});

test('thinking is off where it would want back what nobody keeps, and where a tool has to be called', async () => {
  const thinking = { type: 'enabled', budget_tokens: 1024 };
  const off = { type: 'disabled' };
  expect(await sent(asking, { thinking })).toMatchObject({ thinking });
  expect(await sent(asking, { thinking }, result)).toMatchObject({ thinking: off });
  expect(await sent({ ...asking, toolChoice: 'required' }, { thinking })).toMatchObject({ thinking: off });
  const adaptive = { type: 'adaptive' };
  expect(await sent(asking, { thinking: adaptive }, result)).toMatchObject({ thinking: adaptive });
  expect(await sent(asking, {}, result)).not.toHaveProperty('thinking');
});

test('a form for the reply is told as a schema of closed objects, beside what else is configured', async () => {
  const output = { name: 'Place', schema };
  expect(await sent({ output }, { extra_body: { output_config: { effort: 'low' } } })).toMatchObject({
    output_config: {
      effort: 'low',
      format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } },
    },
  });
});
