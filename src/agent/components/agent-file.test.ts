// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration has placeholders of this form.
import { expect, test } from 'bun:test';
import { assistantFile, client, component, loadFile } from '../../testing/agent-file.ts';

test('an AssistantAgent that says little is what AutoGen makes of it', () => {
  expect(loadFile(assistantFile())).toMatchObject({
    name: 'helper',
    label: 'helper',
    description: '',
    model: { name: 'gpt-4o-mini' },
    systemMessage: '',
    contextPolicy: { kind: 'newest_that_fit' },
    memory: [],
    tools: [],
    loop: { maxToolIterations: 1, reflectOnToolUse: false, summaryFormat: '{result}' },
    approval: [],
    interrupted: [],
    metadata: {},
    warnings: [],
  });
});

test('every key of an AssistantAgent counts', () => {
  const agent = loadFile({
    ...assistantFile({
      description: 'A helper',
      system_message: 'You are terse.',
      model_context: component('autogen_core.model_context.BufferedChatCompletionContext', {
        buffer_size: 5,
      }),
      memory: [
        component('autogen_core.memory.ListMemory', {
          name: 'chat_memory',
          memory_contents: [
            { content: 'likes tea', mime_type: 'text/plain', metadata: { a: 'b' } },
            { content: 'is in Kunming' },
          ],
        }),
      ],
      model_client_stream: true,
      reflect_on_tool_use: true,
      tool_call_summary_format: '{{{tool_name}}} {arguments}: {result} ({is_error})',
      max_tool_iterations: 3,
      metadata: { k: 'v' },
    }),
    component_type: 'agent',
    version: 2,
    component_version: 2,
    description: 'An agent that provides assistance with tool use.',
    label: 'My helper',
    prices: { prompt: 1, completion: 2 },
  });
  expect(agent).toMatchObject({
    name: 'helper',
    label: 'My helper',
    description: 'A helper',
    systemMessage: 'You are terse.',
    contextPolicy: { kind: 'buffered', size: 5 },
    memory: [
      [
        { content: 'likes tea', mime_type: 'text/plain', metadata: { a: 'b' } },
        { content: 'is in Kunming', mime_type: 'text/plain', metadata: null },
      ],
    ],
    loop: {
      maxToolIterations: 3,
      reflectOnToolUse: true,
      summaryFormat: '{{{tool_name}}} {arguments}: {result} ({is_error})',
    },
    metadata: { k: 'v' },
    prices: { prompt: 1, completion: 2 },
    warnings: [],
  });
});

test('the label that AutoGen writes, the name of the class, is none', () => {
  expect(loadFile(assistantFile({}, { label: 'AssistantAgent' })).label).toBe('helper');
});

test('YAML is read as JSON is', () => {
  const agent = loadFile(
    `
provider: AssistantAgent
config:
  model_client:
    provider: OpenAIChatCompletionClient
    config: { model: m, api_key: "\${KEY}" }
  system_message: |
    Be kind.
approval: { "*": never }
`,
    { KEY: 'k' },
  );
  expect(agent).toMatchObject({ systemMessage: 'Be kind.\n', model: { name: 'm' }, warnings: [] });
});

test('a model client alone is an agent too, as in model_config.yaml', () => {
  expect(loadFile({ ...client, system_message: 'Hi.', label: 'Plain' })).toMatchObject({
    name: 'helper',
    label: 'Plain',
    systemMessage: 'Hi.',
    model: { name: 'gpt-4o-mini' },
    tools: [],
    warnings: [],
  });
  expect(loadFile(client).systemMessage).toBeNull();
});

test('replies that have to follow a schema say which, and are reflected on unless the file says otherwise', () => {
  const structured_message_factory = component('autogen_agentchat.messages.StructuredMessageFactory', {
    json_schema: { type: 'object', properties: { score: { type: 'integer' } }, required: ['score'] },
    format_string: '{score}',
    content_model_name: 'Answer',
  });
  expect(loadFile(assistantFile({ structured_message_factory }))).toMatchObject({
    output: { name: 'Answer', schema: { type: 'object', required: ['score'] }, format: '{score}' },
    loop: { reflectOnToolUse: true },
  });
  expect(
    loadFile(assistantFile({ structured_message_factory, reflect_on_tool_use: false })).loop.reflectOnToolUse,
  ).toBe(false);
});

test('an agent has a context of its own, with what it begins with', () => {
  const initial_messages = [{ content: 'u', source: 'user', type: 'UserMessage' }];
  const model_context = component('BufferedChatCompletionContext', { buffer_size: 5, initial_messages });
  expect(loadFile(assistantFile({ model_context })).contextPolicy.initialMessages).toEqual([
    { content: 'u', source: 'user', type: 'UserMessage' },
  ]);
});
