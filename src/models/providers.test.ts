// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration has placeholders of this form.
import { expect, test } from 'bun:test';
import { eventsOf } from '../testing/ask-model.ts';
import { load, openai, problem } from '../testing/model-config.ts';
import { choiceChunk, startModelServer } from '../testing/model-server.ts';

/** What a scripted server was sent by the model of a configuration that names it as ${URL}. */
async function requestOf(text: string, env: Record<string, string> = {}) {
  const server = startModelServer(({ path }) => [
    path === '/api/chat'
      ? { raw: '{"message":{"content":"x"},"done":true}\n' }
      : { chunk: choiceChunk({ content: 'x' }, 'stop') },
  ]);
  try {
    const url = server.url.replace('/v1', '');
    const { model } = load(text.replaceAll('$URL', url), env);
    await eventsOf(model);
    const [request] = server.requests;
    if (!request) throw new Error('no request');
    return request;
  } finally {
    server.stop();
  }
}

test('the description names model and address, without user, password, query or key', () => {
  const { model } = load(openai('model: m', 'api_key: sk-1', 'base_url: https://u:pw@h.example/v1/?k=sk-2'));
  expect(model.description.en).toBe('OpenAI client, m at https://h.example/v1');
});

test('a number may come from a variable, or be text', async () => {
  const text = openai('model: m', 'base_url: $URL/v1', 'temperature: ${T}', 'max_tokens: "7"', 'api_key: k');
  expect((await requestOf(text, { T: '0.5' })).body).toMatchObject({ temperature: 0.5, max_tokens: 7 });
});

async function keySent(text: string, env: Record<string, string> = {}) {
  return (await requestOf(text, env)).headers.authorization;
}

test('the key is the one configured, else OPENAI_API_KEY, else a placeholder where base_url is set', async () => {
  const env = { OPENAI_API_KEY: 'from-env', MY_KEY: 'mine' };
  const at = 'base_url: $URL/v1';
  expect(await keySent(openai('model: m', at, 'api_key: own'), env)).toBe('Bearer own');
  expect(await keySent(openai('model: m', at, 'api_key: ${MY_KEY}'), env)).toBe('Bearer mine');
  expect(await keySent(openai('model: m', at), env)).toBe('Bearer from-env');
  expect(await keySent(openai('model: m', at))).toBe('Bearer none');
  expect(await keySent(openai('model: m', at, 'api_key: ""'))).toBe('Bearer none');
});

test('a local server is asked without the key that is not set, with a warning; another one is not', async () => {
  expect(load(openai('model: m', 'base_url: http://localhost:11434/v1', 'api_key: ${K}')).warnings).toEqual([
    'model_config.yaml:5: the environment variable K is not set; the local server is asked without a key',
  ]);
  expect(problem(openai('model: m', 'base_url: https://api.deepseek.com', 'api_key: ${K}'))).toContain(
    'K is not set',
  );
});

const EXTRA = [
  'extra_body: {top_k: 5, chat_template_kwargs: {enable_thinking: false}, stop: [b]}',
  'extra_headers: {X-Team: "${TEAM}"}',
];
const CLIENTS: [string, string[]][] = [
  ['OpenAI', ['api_key: k', 'base_url: $URL/v1', 'stop: [a]', 'default_headers: {x-team: red, x-y: z}']],
  ['AzureOpenAI', ['api_key: k', 'azure_endpoint: $URL', 'api_version: v', 'stop: [a]']],
];

for (const [name, lines] of CLIENTS) {
  test(`extra_body is put into the body last, and extra_headers into the headers: ${name}`, async () => {
    const text = openai('model: m', ...lines, ...EXTRA).replace('OpenAI', name);
    const { body, headers } = await requestOf(text, { TEAM: 'blue' });
    expect(body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      stream_options: { include_usage: true },
      stop: ['b'],
      top_k: 5,
      chat_template_kwargs: { enable_thinking: false },
    });
    expect(headers['x-team']).toBe('blue');
    expect(load(text.replaceAll('$URL', 'http://h'), { TEAM: 'blue' }).warnings).toEqual([]);
  });
}

test('what OpenAI takes besides AutoGen’s create args is sent as it is', async () => {
  const given = {
    max_completion_tokens: 5,
    metadata: { team: 'blue' },
    prompt_cache_key: 'a',
    reasoning_effort: 'max',
    response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object' } } },
    safety_identifier: 'u',
    service_tier: 'flex',
    store: true,
    verbosity: 'low',
  };
  const lines = Object.entries(given).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const text = openai('model: m', 'base_url: $URL/v1', ...lines);
  expect((await requestOf(text)).body).toMatchObject(given);
  expect(load(text.replace('$URL', 'http://h')).warnings).toEqual([]);
});

test('OPENAI_BASE_URL holds where the file has no base_url', async () => {
  const server = startModelServer();
  const { model } = load(openai('model: m', 'api_key: k'), { OPENAI_BASE_URL: server.url });
  await eventsOf(model);
  expect(server.calls()).toBe(1);
  server.stop();
});

test('gemini, claude and Llama models know their server and their key', () => {
  for (const [name, address, variable] of [
    ['gemini-2.5-flash', 'generativelanguage.googleapis.com', 'GEMINI_API_KEY'],
    ['claude-sonnet-4', 'api.anthropic.com', 'ANTHROPIC_API_KEY'],
    ['Llama-4', 'api.llama.com', 'LLAMA_API_KEY'],
  ] as const) {
    const text = openai(`model: ${name}`);
    expect(load(text, { [variable]: 'k' }).model.description.en).toContain(address);
    expect(problem(text, { OPENAI_API_KEY: 'not for others' })).toContain(variable);
  }
});

test('Azure is asked at its deployment, with its version and key or token', async () => {
  const azure = (...lines: string[]) =>
    openai('model: gpt-4o', 'azure_endpoint: $URL/', 'api_version: v1', ...lines).replace(
      'OpenAI',
      'AzureOpenAI',
    );
  const withKey = await requestOf(azure('azure_deployment: mine', 'api_key: k'), {
    OPENAI_BASE_URL: 'http://no.invalid',
  });
  expect(withKey.path).toBe('/openai/deployments/mine/chat/completions?api-version=v1');
  expect(withKey.headers['api-key']).toBe('k');
  const withToken = await requestOf(azure('azure_ad_token: ${T}'), { T: 'tok' });
  expect(withToken.path).toBe('/openai/deployments/gpt-4o/chat/completions?api-version=v1');
  expect(withToken.headers.authorization).toBe('Bearer tok');
});

test('the package takes nothing from the environment of the process', async () => {
  const stray = {
    OPENAI_BASE_URL: 'http://no.invalid',
    OPENAI_ORG_ID: 'org-stray',
    OPENAI_PROJECT_ID: 'stray',
  };
  const before = { ...process.env };
  Object.assign(process.env, stray);
  try {
    const azure = 'azure_endpoint: $URL, api_version: v1, api_key: k';
    for (const request of [
      await requestOf(openai('model: m', 'base_url: $URL/v1')),
      await requestOf(`provider: AzureOpenAIChatCompletionClient\nconfig: {model: m, ${azure}}`),
    ]) {
      expect(request.headers).not.toHaveProperty('openai-organization');
      expect(request.headers).not.toHaveProperty('openai-project');
    }
  } finally {
    for (const name of Object.keys(stray)) delete process.env[name];
    Object.assign(process.env, before);
  }
});

test('Ollama is asked at its own endpoint, with all of its options, its format, and extra_body last', async () => {
  const ollama = (...lines: string[]) =>
    openai('model: qwen3', ...lines).replace('OpenAI', 'autogen_ext.models.ollama.Ollama');
  const text = ollama(
    'host: $URL',
    'options: {temperature: 0.1, num_predict: -1, stop: a, num_ctx: "16384", repeat_penalty: 1.1}',
    'headers: {x-team: red, x-y: z}',
    ...EXTRA,
    'response_format: {type: json_object}',
  );
  const { path, body, headers } = await requestOf(text, { TEAM: 'blue' });
  expect(path).toBe('/api/chat');
  expect(body).toEqual({
    model: 'qwen3',
    messages: [{ role: 'user', content: 'hi' }],
    stream: true,
    options: { temperature: 0.1, num_predict: -1, stop: ['a'], num_ctx: 16384, repeat_penalty: 1.1 },
    format: 'json',
    top_k: 5,
    chat_template_kwargs: { enable_thinking: false },
    stop: ['b'],
  });
  expect(headers).toMatchObject({ 'x-team': 'blue', 'x-y': 'z', 'content-type': 'application/json' });
  expect(load(text.replaceAll('$URL', 'box:1'), { TEAM: 'blue' }).warnings).toEqual([]);
});

test('a JSON schema is Ollama’s format, as it is or where OpenAI has it', async () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  for (const given of [schema, { type: 'json_schema', json_schema: { name: 's', schema } }]) {
    const config = { model: 'm', host: '$URL', response_format: given };
    const text = JSON.stringify({ provider: 'OllamaChatCompletionClient', config });
    expect((await requestOf(text)).body.format).toEqual(schema);
  }
});

test('Ollama is at localhost by default, also from a bare host', () => {
  const ollama = (rest: string) =>
    load(`provider: OllamaChatCompletionClient\nconfig: {model: q${rest}}`).model;
  expect(ollama('').description.en).toContain('http://localhost:11434');
  expect(ollama(', host: "box:1"').description.en).toContain('http://box:1');
});
