// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration has placeholders of this form.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { modelFromEnvironment } from '../../agent/agent-config.ts';
import { anthropicSteps } from '../../testing/anthropic-stream.ts';
import { eventsOf } from '../../testing/ask-model.ts';
import { load, openai, problem } from '../../testing/model-config.ts';
import { startModelServer } from '../../testing/model-server.ts';
import type { LlmMessage } from '../messages.ts';

const anthropic = (...lines: string[]) => openai(...lines).replace('OpenAI', 'Anthropic');

/** What a scripted server was sent by the model of a configuration that names it as $URL. */
async function requestOf(text: string, env: Record<string, string> = {}, messages?: LlmMessage[]) {
  const server = startModelServer(() => anthropicSteps([{ text: ['x'] }]));
  try {
    const url = server.url.replace('/v1', '');
    const filled = Object.entries(env).map(([name, value]) => [name, value.replace('$URL', url)]);
    const { model } = load(text.replaceAll('$URL', url), Object.fromEntries(filled));
    await eventsOf(model, messages ? { messages } : {});
    const [request] = server.requests;
    if (!request) throw new Error('no request');
    return request;
  } finally {
    server.stop();
  }
}

const AT = 'base_url: $URL';

test('the key is the one configured, else ANTHROPIC_API_KEY, else a token, else a placeholder', async () => {
  const env = { ANTHROPIC_API_KEY: 'from-env', ANTHROPIC_AUTH_TOKEN: 'token', OPENAI_API_KEY: 'not this' };
  const sent = async (text: string, given: Record<string, string> = {}) => {
    const { headers } = await requestOf(text, given);
    return [headers['x-api-key'], headers.authorization];
  };
  expect(await sent(anthropic('model: m', AT, 'api_key: own'), env)).toEqual(['own', undefined]);
  expect(await sent(anthropic('model: m', AT), env)).toEqual(['from-env', undefined]);
  expect(await sent(anthropic('model: m', AT), { ANTHROPIC_AUTH_TOKEN: 'tok' })).toEqual([
    undefined,
    'Bearer tok',
  ]);
  expect(await sent(anthropic('model: m', AT))).toEqual(['none', undefined]);
  expect(await sent(anthropic('model: m', AT, 'api_key: ${MISSING}'), env)).toEqual(['none', undefined]);
});

test('headers that hold a credential need no key beside it', async () => {
  for (const [name, value] of [
    ['Authorization', 'Bearer t'],
    ['X-Api-Key', 'k'],
  ] as const) {
    const { headers } = await requestOf(anthropic('model: m', AT, `default_headers: {${name}: ${value}}`), {
      ANTHROPIC_API_KEY: 'not this',
    });
    expect([headers['x-api-key'], headers.authorization]).toEqual(
      name === 'X-Api-Key' ? ['k', undefined] : [undefined, 'Bearer t'],
    );
    expect(() => load(anthropic('model: m', `default_headers: {${name}: ${value}}`))).not.toThrow();
  }
});

test('the address is Anthropic’s, ANTHROPIC_BASE_URL or base_url, with or without /v1', async () => {
  const { model } = load(anthropic('model: claude-x', 'api_key: sk-ant-secret'));
  expect(model.description.en).toBe('Anthropic client, claude-x at https://api.anthropic.com');
  expect(model.name).toBe('claude-x');
  for (const text of [anthropic('model: m', AT), anthropic('model: m', `${AT}/v1/`)]) {
    expect((await requestOf(text)).path).toBe('/v1/messages');
  }
  const gateway = await requestOf(anthropic('model: m', 'base_url: $URL/anthropic'));
  expect(gateway.path).toBe('/anthropic/v1/messages');
  const { path } = await requestOf(anthropic('model: m', 'api_key: k'), { ANTHROPIC_BASE_URL: '$URL' });
  expect(path).toBe('/v1/messages');
});

test('AutoGen’s keys are sent as they are, and a server’s own after them', async () => {
  const given = {
    max_tokens: 20_000,
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    stop_sequences: ['END'],
    metadata: { user_id: 'u' },
    thinking: { type: 'disabled' },
  };
  const lines = Object.entries(given).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const { body, headers } = await requestOf(
    anthropic(
      'model: m',
      AT,
      ...lines,
      'timeout: 30',
      'max_retries: 1',
      'model_info: {vision: true, function_calling: true, json_output: true, family: claude-4-opus, structured_output: false, multiple_system_messages: false}',
      'default_headers: {anthropic-beta: a, anthropic-version: 2026-10-21, x-team: red}',
      'extra_headers: {X-Team: blue}',
      'extra_body: {output_config: {effort: high}, top_k: 5}',
    ),
  );
  expect(body).toEqual({
    ...given,
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    stream: true,
    output_config: { effort: 'high' },
    top_k: 5,
  });
  expect(headers).toMatchObject({
    'anthropic-beta': 'a',
    'anthropic-version': '2026-10-21',
    'x-team': 'blue',
  });
});

test('tools under extra_body stay, also after calls in the past', async () => {
  const messages: LlmMessage[] = [
    { type: 'UserMessage', content: 'hi', source: 'user' },
    {
      type: 'AssistantMessage',
      content: [{ id: 'c', arguments: '{}', name: 'f' }],
      thought: null,
      source: 'a',
    },
    {
      type: 'FunctionExecutionResultMessage',
      content: [{ content: '1', name: 'f', call_id: 'c', is_error: null }],
    },
    { type: 'UserMessage', content: 'and?', source: 'user' },
  ];
  const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
  const text = anthropic('model: m', AT, `extra_body: {tools: ${JSON.stringify(tools)}}`);
  const { body } = await requestOf(text, {}, messages);
  expect(body.tools).toEqual(tools);
  expect(body).not.toHaveProperty('tool_choice');
});

test('what AutoGen reads and never sends is ignored with a warning', () => {
  const { warnings } = load(
    anthropic(
      'model: m',
      'api_key: k',
      'response_format: {type: text}',
      'tools: []',
      'tool_choice: auto',
      'effort: 1',
    ),
  );
  expect(warnings).toEqual([
    'model_config.yaml:8: unknown key "effort" is ignored; a server\'s own parameters go under extra_body',
    'model_config.yaml:5: response_format is ignored: it is not supported here, nor sent by AutoGen',
    'model_config.yaml:6: tools is ignored: it is not supported here, nor sent by AutoGen',
    'model_config.yaml:7: tool_choice is ignored: it is not supported here, nor sent by AutoGen',
  ]);
});

test('what Anthropic refuses while thinking is on is a warning', async () => {
  const enabled = 'thinking: {type: enabled, budget_tokens: 4096}';
  expect(load(anthropic('model: m', 'api_key: k', enabled, 'temperature: 0.5', 'top_k: 3')).warnings).toEqual(
    [
      'model_config.yaml:6: Anthropic refuses temperature other than 1 while thinking is on',
      'model_config.yaml:7: Anthropic refuses top_k of any value while thinking is on',
      'model_config.yaml:5: thinking.budget_tokens must be less than max_tokens, which is 4096',
    ],
  );
  for (const fine of [
    [enabled, 'max_tokens: 8000', 'temperature: 1'],
    ['thinking: {type: adaptive}'],
    ['thinking: {type: disabled}', 'temperature: 0'],
  ]) {
    expect(load(anthropic('model: m', 'api_key: k', ...fine)).warnings).toEqual([]);
  }
  const { body } = await requestOf(anthropic('model: m', AT, enabled, 'max_tokens: 8000'));
  expect(body.thinking).toEqual({ type: 'enabled', budget_tokens: 4096 });
});

for (const [name, text, expected] of [
  [
    'no key',
    anthropic('model: m'),
    'model_config.yaml:2: the key is missing (api_key); set api_key, or the environment variable ANTHROPIC_API_KEY',
  ],
  ['no model', anthropic('api_key: k'), 'model_config.yaml:2: model is missing: it must be a text'],
  [
    'a key in a variable that is not set',
    anthropic('model: m', 'api_key: ${K}'),
    'model_config.yaml:4: the key is missing (api_key): the environment variable K is not set; set it',
  ],
  [
    'a system prompt in extra_body',
    anthropic('model: m', 'api_key: k', 'extra_body:', '  system: x'),
    'model_config.yaml:6: extra_body.system must be left out: it is made of the conversation, not "x"',
  ],
  [
    'thinking without its type',
    anthropic('model: m', 'api_key: k', 'thinking: {budget_tokens: 1024}'),
    'model_config.yaml:5: thinking.type is missing: it must be a text',
  ],
  [
    'a stop sequence that is no list',
    anthropic('model: m', 'api_key: k', 'stop_sequences: a'),
    'model_config.yaml:5: stop_sequences must be a list of texts, not "a"',
  ],
  [
    'Bedrock',
    'config: {model: m}\nprovider: autogen_ext.models.anthropic.AnthropicBedrockChatCompletionClient',
    'model_config.yaml:2: AnthropicBedrockChatCompletionClient is not supported; ask Bedrock through a gateway',
  ],
  [
    'another of AutoGen’s clients',
    'provider: autogen_ext.models.llama_cpp.LlamaCppChatCompletionClient',
    'model_config.yaml:1: LlamaCppChatCompletionClient is not supported; start llama-server',
  ],
] as const) {
  test(`${name} is told in one line`, () => {
    expect(problem(text)).toContain(expected);
  });
}

test('a wrong ANTHROPIC_BASE_URL is told', () => {
  const env = { ANTHROPIC_BASE_URL: 'api.anthropic.com' };
  expect(problem(anthropic('model: m', 'api_key: k'), env)).toContain(
    'ANTHROPIC_BASE_URL must be an http:// or',
  );
});

test('without a file ANTHROPIC_API_KEY changes nothing', () => {
  expect(modelFromEnvironment({ ANTHROPIC_API_KEY: 'sk-ant-x' }).model.demo).toBe(true);
});

test('the package takes nothing from the environment of the process', async () => {
  const stray = {
    ANTHROPIC_BASE_URL: 'http://no.invalid',
    ANTHROPIC_API_KEY: 'k1',
    ANTHROPIC_AUTH_TOKEN: 't1',
  };
  const before = { ...process.env };
  Object.assign(process.env, stray);
  try {
    const { headers } = await requestOf(anthropic('model: m', AT, 'api_key: own'));
    expect([headers['x-api-key'], headers.authorization]).toEqual(['own', undefined]);
  } finally {
    for (const name of Object.keys(stray)) delete process.env[name];
    Object.assign(process.env, before);
  }
});

test('the package is loaded only for such a model', async () => {
  const script = `
    const { parseModelConfig } = await import('./src/agent/agent-config.ts');
    const config = { model: 'm', api_key: 'k', base_url: 'http://127.0.0.1:9', max_retries: 0 };
    const { model } = parseModelConfig(JSON.stringify({ provider: process.argv[1], config }), 'x', {});
    await model.stream([], new AbortController().signal, () => true).catch(() => {});
    console.log(Object.keys(require.cache).some((path) => path.includes('@anthropic-ai')));
  `;
  const loads = async (provider: string) => {
    const child = Bun.spawn([process.execPath, '-e', script, provider], {
      cwd: join(import.meta.dir, '..', '..', '..'),
      stdout: 'pipe',
    });
    return (await new Response(child.stdout).text()).trim();
  };
  expect(await loads('OpenAIChatCompletionClient')).toBe('false');
  expect(await loads('AnthropicChatCompletionClient')).toBe('true');
});
