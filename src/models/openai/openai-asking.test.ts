// How tools, and the form of a reply, are asked for in chat completions.
import { expect, test } from 'bun:test';
import { collect, HI, modelAt, modelServers } from '../../testing/ask-model.ts';
import type { LlmMessage, ReasonedMessage } from '../messages.ts';
import type { Asking } from '../model.ts';

const openai = modelServers();
const azure = modelServers('AzureOpenAIChatCompletionClient');

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = [
  { name: 'get_weather', description: 'Weather', parameters: schema, strict: true },
  { name: 'fs.read', description: 'Reads', parameters: {} },
];
const told = [
  {
    type: 'function',
    function: { name: 'get_weather', description: 'Weather', parameters: schema, strict: true },
  },
  {
    type: 'function',
    function: { name: 'fs_read', description: 'Reads', parameters: { type: 'object', properties: {} } },
  },
];
const calls: ReasonedMessage = {
  type: 'AssistantMessage',
  content: [{ id: 'c1', arguments: '{"path":"x"}', name: 'fs.read' }],
  thought: 'I read.',
  source: 'assistant',
  reasoning: 'hm',
};
const results: LlmMessage = {
  type: 'FunctionExecutionResultMessage',
  content: [{ content: '42', name: 'fs.read', call_id: 'c1', is_error: false }],
};
const turn: LlmMessage[] = [...HI, calls, results];

/** What is sent where this is asked. */
async function sent(asking: Asking, config: object = {}, messages = HI) {
  const { server } = await openai.ask([{ text: 'x' }], { ...config }, { asking, messages });
  return server.requests[0]?.body ?? {};
}

test('tools are told with their schemas, by names that are accepted', async () => {
  expect(await sent({ tools })).toMatchObject({ tools: told, tool_choice: 'auto' });
  for (const toolChoice of ['auto', 'none', 'required'] as const)
    expect(await sent({ tools, toolChoice })).toMatchObject({ tools: told, tool_choice: toolChoice });
});

test('without tools nothing is said of them, nor whether they may be called at once', async () => {
  for (const asking of [{}, { tools: [] }, { tools: [], toolChoice: 'none' as const }]) {
    const body = await sent(asking, { parallel_tool_calls: false });
    for (const key of ['tools', 'tool_choice', 'parallel_tool_calls', 'response_format'])
      expect(body).not.toHaveProperty(key);
  }
  expect(await sent({ tools }, { parallel_tool_calls: false })).toMatchObject({ parallel_tool_calls: false });
  expect(await sent({ tools })).not.toHaveProperty('parallel_tool_calls');
});

test('the server’s own tools stand beside them', async () => {
  const search = { type: 'web_search', web_search: { enable: true } };
  const config = { extra_body: { tools: [search] }, parallel_tool_calls: true };
  expect(await sent({ tools }, config)).toMatchObject({
    tools: [...told, search],
    parallel_tool_calls: true,
  });
  expect(await sent({}, config)).toMatchObject({ tools: [search], parallel_tool_calls: true });
});

test('Azure is told the same', async () => {
  const server = azure.start([{ text: 'x' }]);
  const config = {
    azure_endpoint: server.url.replace('/v1', ''),
    api_version: '2024-10-21',
    base_url: undefined,
  };
  await collect(modelAt(server.url, config, 'AzureOpenAIChatCompletionClient'), { asking: { tools } });
  expect(server.requests[0]?.body).toMatchObject({ tools: told, tool_choice: 'auto' });
});

test('calls and results are sent back, called as they were told', async () => {
  const { messages } = await sent({ tools }, {}, turn);
  expect(messages).toEqual([
    { role: 'user', content: 'hi' },
    {
      role: 'assistant',
      content: 'I read.',
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'fs_read', arguments: '{"path":"x"}' } }],
    },
    { role: 'tool', content: '42', tool_call_id: 'c1' },
  ]);
});

test('who wants the reasoning before calls back, or a signature of them, gets it, and nobody else', async () => {
  const assistant = async (model: string, messages = turn) => {
    const body = await sent({ tools }, { model }, messages);
    return (body.messages as Record<string, unknown>[])[1];
  };
  for (const model of ['deepseek-v4-pro', 'kimi-k2-thinking', 'MiniMax-M2'])
    expect(await assistant(model)).toMatchObject({ content: 'I read.', reasoning_content: 'hm' });
  const { reasoning: _, ...unreasoned } = calls;
  expect(await assistant('deepseek-chat', [...HI, unreasoned, results])).toMatchObject({
    reasoning_content: '',
  });
  const extra_content = { google: { thought_signature: 'skip_thought_signature_validator' } };
  for (const model of ['gemini-3-pro-preview', 'gemini-flash-latest'])
    expect(await assistant(model)).toMatchObject({ tool_calls: [{ id: 'c1', extra_content }] });
  for (const model of ['gpt-4o', 'gemini-2.5-flash', 'mistral-large-latest']) {
    const message = JSON.stringify(await assistant(model));
    expect(message).not.toContain('reasoning_content');
    expect(message).not.toContain('extra_content');
  }
});

test('a form for the reply is told strictly where that is possible, and wins over the configured one', async () => {
  const asked = (schema: Record<string, unknown>) =>
    sent({ output: { name: 'Place', schema } }, { response_format: { type: 'json_object' } });
  expect(await asked(schema)).toMatchObject({
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'Place', strict: true, schema: { ...schema, additionalProperties: false } },
    },
  });
  const open = { type: 'object', properties: { any: { type: 'object' } } };
  const body = await asked(open);
  expect(body.response_format).toEqual({ type: 'json_schema', json_schema: { name: 'Place', schema: open } });
});

test('images of results are shown in a message behind all of them, where the model sees', async () => {
  const png = `iVBORw0KGgo${'A'.repeat(40)}=`;
  const jpeg = `/9j/${'B'.repeat(40)}`;
  const messages: LlmMessage[] = [
    ...HI,
    calls,
    {
      type: 'FunctionExecutionResultMessage',
      content: [
        {
          content: `a map\n[Image: ${png}] and [Image: ${jpeg}]`,
          name: 'fs.read',
          call_id: 'c1',
          is_error: false,
        },
        { content: 'no image', name: 'fs.read', call_id: 'c2', is_error: false },
      ],
    },
  ];
  const behind = async (vision: boolean) => {
    const body = await sent({ tools }, { model_info: { vision } }, messages);
    return (body.messages as { role: string; content: unknown }[]).slice(2);
  };
  expect(await behind(true)).toEqual([
    { role: 'tool', content: 'a map\n[Image 1, shown below] and [Image 2, shown below]', tool_call_id: 'c1' },
    { role: 'tool', content: 'no image', tool_call_id: 'c2' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Image 1 of the results:' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
        { type: 'text', text: 'Image 2 of the results:' },
        { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${jpeg}` } },
      ],
    },
  ] as never);
  expect(JSON.stringify(await behind(false))).toContain(`[Image: ${png}]`);
});
