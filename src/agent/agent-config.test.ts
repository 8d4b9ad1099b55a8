// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration has placeholders of this form.
import { expect, test } from 'bun:test';
import { load, openai, problem } from '../testing/model-config.ts';
import { ModelConfigError, modelFromEnvironment } from './agent-config.ts';

test('provider and class, dotted, bare and short names all load without noise', () => {
  for (const name of [
    'provider: autogen_ext.models.openai.OpenAIChatCompletionClient',
    'class: autogen_core.models.openai.OpenAIChatCompletionClient',
    'provider: OpenAIChatCompletionClient',
    'provider: openai_chat_completion_client',
  ]) {
    const agent = load(`${name}\ncomponent_type: model\nversion: 1\nconfig: {model: gpt-4o, api_key: k}`);
    expect(agent).toMatchObject({
      model: { name: 'gpt-4o', demo: false },
      systemMessage: null,
      contextPolicy: { kind: 'newest_that_fit', limit: 32000 },
      warnings: [],
    });
  }
});

test('JSON loads, and null counts as absent', () => {
  const config = { model: 'm', api_key: 'k', temperature: null, base_url: null };
  expect(load(JSON.stringify({ provider: 'OpenAIChatCompletionClient', config })).warnings).toEqual([]);
});

test('${NAME} and ${NAME:-default} are filled in, $${NAME} is not', () => {
  const text = 'system_message: "${WHO} ${HOW:-politely} ${EMPTY:-full} $${RAW} ${}"\n';
  const env = { WHO: 'Ann', EMPTY: '' };
  expect(load(text + openai('model: m', 'api_key: k'), env).systemMessage).toBe(
    'Ann politely full ${RAW} ${}',
  );
});

test('every context class of AutoGen is understood', () => {
  const message = { content: 'be nice', type: 'SystemMessage' };
  for (const [name, config, expected] of [
    ['Unbounded', {}, { kind: 'unbounded' }],
    ['Buffered', { buffer_size: 3 }, { kind: 'buffered', size: 3 }],
    ['HeadAndTail', { head_size: 1, tail_size: 2 }, { kind: 'head_and_tail', head: 1, tail: 2 }],
    ['TokenLimited', { token_limit: 9, model_client: {} }, { kind: 'token_limited', limit: 9 }],
    ['TokenLimited', {}, { kind: 'token_limited', limit: 32000 }],
    ['NewestThatFit', { token_limit: 9 }, { kind: 'newest_that_fit', limit: 9 }],
    ['Unbounded', { initial_messages: [message] }, { kind: 'unbounded', initialMessages: [message] }],
  ]) {
    const component = {
      provider: 'openai_chat_completion_client',
      config: { model: 'm', api_key: 'k' },
      model_context: { provider: `autogen_core.model_context.${name}ChatCompletionContext`, config },
    };
    const agent = load(JSON.stringify(component));
    expect<unknown>(agent.contextPolicy).toEqual(expected);
    expect(agent.warnings).toEqual([]);
  }
});

test('prices stand beside the client or the agent, and are two numbers', () => {
  const client = openai('model: m', 'api_key: k');
  const prices = { prompt: 0.15, completion: 0.6 };
  expect(load(`prices: {prompt: 0.15, completion: "0.6"}\n${client}`)).toMatchObject({
    prices,
    warnings: [],
  });
  const agent = {
    provider: 'AssistantAgent',
    config: {
      model_client: { provider: 'OpenAIChatCompletionClient', config: { model: 'm', api_key: 'k' } },
    },
  };
  expect(load(JSON.stringify({ ...agent, prices }))).toMatchObject({ prices, warnings: [] });
  expect(load(client).prices).toBeUndefined();
  for (const [wrong, told] of [
    ['{prompt: 1}', 'prices.completion must be a price per million tokens, 0 or more'],
    ['{prompt: -1, completion: 1}', 'prices.prompt must be a price per million tokens, 0 or more'],
    ['{prompt: 1, completion: 1, cached: 1}', 'prices must be prompt and completion, and nothing else'],
    ['cheap', 'prices must be a mapping'],
  ])
    expect(problem(`prices: ${wrong}\n${client}`)).toContain(told ?? '');
});

test('an AssistantAgent gives its client, system message and context, and warns of its tools', () => {
  const agent = load(
    JSON.stringify({
      provider: 'autogen_agentchat.agents.AssistantAgent',
      component_type: 'agent',
      config: {
        name: 'assistant',
        model_client: { provider: 'OpenAIChatCompletionClient', config: { model: 'm', api_key: 'k' } },
        system_message: 'Be brief.',
        model_context: { provider: 'BufferedChatCompletionContext', config: { buffer_size: 2 } },
        tools: [{ provider: 'x' }],
        workbench: [],
        description: 'An agent.',
      },
    }),
  );
  expect(agent).toMatchObject({
    model: { name: 'm' },
    systemMessage: 'Be brief.',
    contextPolicy: { kind: 'buffered', size: 2 },
    warnings: ['model_config.yaml:1: tools is ignored here; it counts in a file of the folder AGENTS'],
  });
});

test('an AssistantAgent as AutoGen writes one without tools is read without a warning, and told as it is', () => {
  const nothing = { provider: 'StaticStreamWorkbench', config: { tools: [], tool_overrides: {} } };
  for (const workbench of [[nothing], nothing, []]) {
    const agent = load(
      JSON.stringify({
        provider: 'AssistantAgent',
        label: 'Helper',
        config: {
          model_client: { provider: 'OpenAIChatCompletionClient', config: { model: 'm', api_key: 'k' } },
          workbench,
          description: 'An agent.',
        },
      }),
    );
    expect(agent).toMatchObject({
      name: 'assistant',
      label: 'Helper',
      description: 'An agent.',
      warnings: [],
    });
    // Here the default one is meant, as it always was.
    expect(agent.systemMessage).toBeNull();
  }
});

test('the template loads once the key is set, and says so while it is not', async () => {
  const text = await Bun.file(`${import.meta.dir}/../../model_config.template.yaml`).text();
  expect(load(text, { OPENAI_API_KEY: 'k' })).toMatchObject({ model: { name: 'gpt-4o-mini' }, warnings: [] });
  expect(problem(text)).toContain('OPENAI_API_KEY is not set');
});

test('every example in the template loads when it is uncommented', async () => {
  const text = await Bun.file(`${import.meta.dir}/../../model_config.template.yaml`).text();
  const names = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => [name ?? '', 'k'] as const);
  const env = Object.fromEntries([...names, ['GEMINI_API_KEY', 'k']]);
  const client = 'provider: openai_chat_completion_client\nconfig: {model: m, api_key: k}\n';
  const examples = text
    .split(/^# ---.*$/m)
    .slice(2)
    .map((block) => block.replaceAll(/^# /gm, ''));
  for (const example of examples.filter((block) => block.trim() !== '')) {
    const agent = load(example.startsWith('\nprovider') ? example : client + example, env);
    expect(agent.warnings).toEqual([]);
  }
  expect(examples.length).toBeGreaterThan(8);
});

test('without a file, the environment is enough', () => {
  expect(modelFromEnvironment({ OPENAI_API_KEY: 'k' }).model.description.en).toBe(
    'OpenAI client, gpt-4o-mini at https://api.openai.com/v1',
  );
  const local = { OPENAI_BASE_URL: 'http://localhost:11434/v1/', OPENAI_MODEL: 'qwen3' };
  expect(modelFromEnvironment(local).model.description.en).toBe(
    'OpenAI client, qwen3 at http://localhost:11434/v1',
  );
});

test('without a file and a key, or with empty ones, the demo model answers', () => {
  for (const env of [{}, { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' }, { OPENAI_MODEL: 'm' }]) {
    expect(modelFromEnvironment(env)).toMatchObject({ model: { demo: true }, warnings: [] });
  }
  const onlyUrl = modelFromEnvironment({ OPENAI_BASE_URL: 'http://localhost/v1' });
  expect(onlyUrl.model.demo).toBe(true);
  expect(onlyUrl.warnings).toEqual([expect.stringContaining('OPENAI_MODEL')]);
});

test('a wrong OPENAI_BASE_URL or key is told, the key not shown', () => {
  expect(() => modelFromEnvironment({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'nope' })).toThrow(
    new ModelConfigError('OPENAI_BASE_URL must be an http:// or https:// address'),
  );
  expect(() => modelFromEnvironment({ OPENAI_API_KEY: '我的密钥' })).toThrow(
    /^OPENAI_API_KEY must be [^我]*$/,
  );
});
