import { expect, test } from 'bun:test';
import { load } from '../testing/model-config.ts';
import { capabilities } from './capabilities.ts';

const PROVIDERS = {
  OpenAIChatCompletionClient: {},
  AzureOpenAIChatCompletionClient: { azure_endpoint: 'https://a.example', api_version: 'v' },
  OllamaChatCompletionClient: {},
  AnthropicChatCompletionClient: {},
};

test('each client’s model_info says what its model can do', () => {
  for (const [provider, config] of Object.entries(PROVIDERS))
    for (const can of [true, false]) {
      const model_info = {
        function_calling: can,
        vision: can,
        structured_output: String(can),
        family: 'unknown',
      };
      const text = JSON.stringify({ provider, config: { model: 'm', api_key: 'k', ...config, model_info } });
      expect(load(text).model).toMatchObject({ callsTools: can, vision: can, structuredOutput: can });
    }
});

test('without it a model calls tools, and sees images if its name is known for that', () => {
  for (const name of [
    'gpt-4o-mini',
    'gpt-5.2',
    'o3',
    'o4-mini',
    'claude-sonnet-5',
    'gemini-2.5-flash',
    'qwen2.5-vl',
  ])
    expect(capabilities(name)).toEqual({ callsTools: true, vision: true, structuredOutput: true });
  for (const name of ['gpt-4', 'gpt-3.5-turbo', 'o3-mini', 'o1-mini', 'qwen3:8b', 'deepseek-chat', 'replay'])
    expect({ name, vision: capabilities(name).vision }).toEqual({ name, vision: false });
});
