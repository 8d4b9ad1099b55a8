// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration has placeholders of this form.
import { expect, test } from 'bun:test';
import { load, openai, problem } from '../testing/model-config.ts';

const PROBLEMS: [string, string, string][] = [
  ['an empty file', '', 'model_config.yaml:1: the file is empty; it needs provider and config'],
  ['only comments', '# nothing\n', 'model_config.yaml:1: the file is empty; it needs provider and config'],
  ['a list', '- a', 'model_config.yaml:1: the file must be a mapping with provider and config'],
  ['a text', 'hello', 'model_config.yaml:1: the file must be a mapping with provider and config'],
  [
    'a key that is there twice',
    'provider: a\nprovider: b',
    'model_config.yaml:2: not valid YAML: Map keys must be unique',
  ],
  [
    'an unknown provider',
    'config:\n  model: m\n\nprovider: x.OpenAIChatCompletionClien',
    'model_config.yaml:4: unknown provider "OpenAIChatCompletionClien"; did you mean OpenAIChatCompletionClient?',
  ],
  [
    'a provider like no other',
    'provider: Foo',
    'model_config.yaml:1: unknown provider "Foo"; it may be OpenAIChatCompletionClient, ' +
      'AzureOpenAIChatCompletionClient, OllamaChatCompletionClient, AnthropicChatCompletionClient, ' +
      'ReplayChatCompletionClient, AssistantAgent',
  ],
  ['a provider called as objects are', 'provider: constructor', 'unknown provider "constructor"'],
  ['no provider', 'config: {}', 'model_config.yaml:1: the file has no provider; it needs one, such as'],
  [
    'a mistyped provider',
    'config: {}\nprovder: x',
    'model_config.yaml:2: unknown key "provder"; did you mean provider?',
  ],
  ['a provider that is no text', 'provider: 4', 'model_config.yaml:1: provider must be the name of a class'],
  ['a config that is no mapping', 'provider: x\nconfig: 4', 'model_config.yaml:2: config must be a mapping'],
  ['no model', openai('api_key: k'), 'model_config.yaml:2: model is missing: it must be a text'],
  [
    'an empty model',
    openai('api_key: k', 'model: ""'),
    'model_config.yaml:4: model must be a text that is not empty, not ""',
  ],
  [
    'no key',
    openai('model: m'),
    'model_config.yaml:2: the key is missing (api_key); set api_key, or the environment variable OPENAI_API_KEY',
  ],
  [
    'an empty key',
    openai('model: m', 'api_key: ""'),
    'model_config.yaml:4: the key is missing (api_key); set api_key',
  ],
  [
    'a key in a variable that is not set',
    openai('model: m', 'api_key: ${MY_KEY}'),
    'model_config.yaml:4: the key is missing (api_key): the environment variable MY_KEY is not set; set it',
  ],
  [
    'a variable that is not set',
    openai('api_key: k', 'model: ${MODEL}'),
    'model_config.yaml:4: the environment variable MODEL is not set',
  ],
  [
    'a timeout that is no number',
    openai('model: m', 'api_key: k', 'timeout: abc'),
    'model_config.yaml:5: timeout must be a number of seconds above 0, not "abc"',
  ],
  [
    'a negative timeout',
    openai('model: m', 'api_key: k', 'timeout: -1'),
    'timeout must be a number of seconds above 0, not -1',
  ],
  [
    'a hot temperature',
    openai('model: m', 'api_key: k', 'temperature: hot'),
    'model_config.yaml:5: temperature must be a number of 0 or more, mostly up to 2, not "hot"',
  ],
  [
    'half a retry',
    openai('model: m', 'api_key: k', 'max_retries: 1.5'),
    'max_retries must be a whole number, 0 or more, not 1.5',
  ],
  ['n', openai('model: m', 'api_key: k', 'n: 2'), 'model_config.yaml:5: n must be left out'],
  [
    'another model in extra_body',
    openai('model: m', 'api_key: k', 'extra_body:', '  top_k: 5', '  model: other'),
    'model_config.yaml:7: extra_body.model must be left out: set `model` instead, not "other"',
  ],
  [
    'messages in extra_body',
    openai('model: m', 'api_key: k', 'extra_body: {messages: []}'),
    'model_config.yaml:5: extra_body.messages must be left out: it is made of the conversation, not a list',
  ],
  [
    'stream in extra_body',
    openai('model: m', 'api_key: k', 'extra_body: {stream: false}'),
    'model_config.yaml:5: extra_body.stream must be left out: a reply is always streamed, not false',
  ],
  [
    'n in extra_body',
    openai('model: m', 'api_key: k', 'extra_body: {n: 2}'),
    'model_config.yaml:5: extra_body.n must be left out: a turn has one reply, not 2',
  ],
  [
    'an extra_body that is no mapping',
    openai('model: m', 'api_key: k', 'extra_body: [top_k]'),
    'model_config.yaml:5: extra_body must be a mapping, not a list',
  ],
  [
    'an extra_body of Ollama with messages',
    'provider: OllamaChatCompletionClient\nconfig: {model: m, extra_body: {messages: []}}',
    'extra_body.messages must be left out',
  ],
  [
    'a base_url without a scheme',
    openai('model: m', 'api_key: k', 'base_url: localhost:11434/v1'),
    'model_config.yaml:5: base_url must be an http:// or https:// address, not "localhost:11434/v1"',
  ],
  [
    'a bad effort',
    openai('model: m', 'api_key: k', 'reasoning_effort: big'),
    'reasoning_effort must be one of none, minimal, low, medium, high, xhigh, max, not "big"',
  ],
  [
    'a nested value',
    openai('model: m', 'api_key: k', 'response_format:', '  type: xml'),
    'model_config.yaml:6: response_format.type must be one of text, json_object, json_schema, not "xml"',
  ],
  [
    'a header that is none',
    openai('model: m', 'api_key: k', 'default_headers: {"a b": x}'),
    'must be a mapping of header names',
  ],
  [
    'a system message that is no text',
    `system_message: [a]\n${openai('model: m', 'api_key: k')}`,
    'model_config.yaml:1: system_message must be a text',
  ],
  [
    'an unknown context',
    `model_context: {provider: BufferedContext}\n${openai('model: m', 'api_key: k')}`,
    'model_config.yaml:1: unknown provider "BufferedContext"; did you mean BufferedChatCompletionContext?',
  ],
  [
    'a context without its size',
    `model_context:\n  provider: BufferedChatCompletionContext\n${openai('model: m', 'api_key: k')}`,
    'buffer_size is missing: it must be a whole number above 0',
  ],
  [
    'a context with a bad message',
    `model_context: {provider: UnboundedChatCompletionContext, config: {initial_messages: [{content: a}]}}\n${openai('model: m', 'api_key: k')}`,
    'initial_messages[0] must be an AutoGen message',
  ],
  [
    'Azure without an endpoint',
    'provider: AzureOpenAIChatCompletionClient\nconfig: {model: m, api_version: v, api_key: k}',
    'azure_endpoint is missing: it must be an http:// or https:// address',
  ],
  [
    'Azure without a version',
    'provider: AzureOpenAIChatCompletionClient\nconfig: {model: m, azure_endpoint: "https://a.example", api_key: k}',
    'api_version is missing',
  ],
  [
    'Azure without a key',
    'provider: AzureOpenAIChatCompletionClient\nconfig: {model: m, azure_endpoint: "https://a.example", api_version: v}',
    'AZURE_OPENAI_API_KEY',
  ],
  [
    'an Azure token provider',
    'provider: AzureOpenAIChatCompletionClient\nconfig: {model: m, azure_endpoint: "https://a.example", api_version: v, azure_ad_token_provider: {}}',
    'use api_key or azure_ad_token',
  ],
  [
    'a replay without replies',
    'provider: ReplayChatCompletionClient',
    'model_config.yaml:1: chat_completions is missing: it must be a list of replies',
  ],
  [
    'a canned reply that is none',
    'provider: ReplayChatCompletionClient\nconfig:\n  chat_completions:\n    - a\n    - 4',
    'model_config.yaml:5: chat_completions[1] must be a text, or a mapping with content, not 4',
  ],
  [
    'an agent without a client',
    'provider: AssistantAgent\nconfig: {}',
    'model_client must be a mapping with provider and config',
  ],
];

for (const [name, text, expected] of PROBLEMS) {
  test(`${name} is told in one line`, () => {
    expect(problem(text)).toContain(expected);
  });
}

test('broken YAML is told with its line', () => {
  for (const text of ['a: b\n  c: [', 'a: "b', 'a: b: c', '\tprovider: x', 'a: &x [*x, *y]']) {
    expect(problem(text)).toMatch(/^model_config\.yaml:\d+: not valid YAML: .+/);
  }
});

test('no secret is in any error', () => {
  const texts = [
    openai('model: m', 'api_key: [sk-secret-value]'),
    openai('model: m', 'api_key: 123456secret', 'api_key: sk-secret-value'),
    openai('model: m', 'api_key: "sk-secret-value'),
    openai('model: m', 'api_key: sk-secret-value: x'),
    openai('model: m', 'api_key: "sk-secret value with spaces"'),
    openai('model: m', 'api_key: sk-x', 'timeout: ${K}'),
    openai('model: m', 'api_key: sk-x', 'base_url: ftp://me:secret@h'),
    openai('model: m', 'api_key: sk-x', 'timeout: sk-secret-value'),
    openai('model: m', 'api_key: sk-x', 'default_headers: {Authorization: [secret]}'),
  ];
  for (const text of texts) expect(problem(text, { K: 'secret' })).not.toContain('secret');
});

test('an unknown key in config is a warning with line, nearest name, and where it would pass', () => {
  const { warnings } = load(openai('model: m', 'api_key: k', 'temprature: 1', 'enable_thinking: true'));
  expect(warnings).toEqual([
    'model_config.yaml:5: unknown key "temprature" is ignored; did you mean temperature?; a server\'s own parameters go under extra_body',
    'model_config.yaml:6: unknown key "enable_thinking" is ignored; a server\'s own parameters go under extra_body',
  ]);
});

test('an option of Ollama’s that stands beside its options is told where it belongs', () => {
  const { warnings } = load('provider: OllamaChatCompletionClient\nconfig: {model: m, num_ctx: 4096}');
  expect(warnings).toEqual([
    'model_config.yaml:2: unknown key "num_ctx" is ignored; what Ollama calls options goes under options; ' +
      "a server's own parameters go under extra_body",
  ]);
});

test('an unknown key beside config is a warning too', () => {
  const { warnings } = load(`${openai('model: m', 'api_key: k')}\nsystem_mesage: x`);
  expect(warnings).toEqual([
    'model_config.yaml:5: unknown key "system_mesage" is ignored; did you mean system_message?',
  ]);
});
