// What of a provider is asked for, what its model is tested with, and what is to be written into which file.
import type { TestedModel } from '../api/model-test.ts';
import type { Word } from './words-en.ts';

export const providers = ['openai', 'anthropic', 'azure', 'ollama', 'compatible'] as const;
export type Provider = (typeof providers)[number];

type FieldName = 'model' | 'key' | 'address' | 'deployment' | 'version';
export type Values = Record<FieldName, string>;
export type Field = { name: FieldName; says: Word; begins: string; isOptional?: boolean };

const key: Field = { name: 'key', says: 'key', begins: '' };

export const fieldsOf: Record<Provider, Field[]> = {
  openai: [{ name: 'model', says: 'model', begins: 'gpt-4o-mini' }, key],
  anthropic: [{ name: 'model', says: 'model', begins: 'claude-sonnet-4-5' }, key],
  azure: [
    { name: 'address', says: 'endpoint', begins: 'https://NAME.openai.azure.com' },
    { name: 'deployment', says: 'deployment', begins: '' },
    { name: 'model', says: 'model', begins: 'gpt-4o-mini' },
    { name: 'version', says: 'version', begins: '2024-10-21' },
    key,
  ],
  ollama: [
    { name: 'address', says: 'address', begins: 'http://localhost:11434' },
    { name: 'model', says: 'model', begins: 'llama3.2' },
  ],
  compatible: [
    { name: 'address', says: 'address', begins: 'http://localhost:8000/v1' },
    { name: 'model', says: 'model', begins: '' },
    { ...key, says: 'keyOptional', isOptional: true },
  ],
};

export const beginningOf = (provider: Provider): Values => ({
  ...{ model: '', key: '', address: '', deployment: '', version: '' },
  ...Object.fromEntries(fieldsOf[provider].map(({ name, begins }) => [name, begins])),
});

export const isComplete = (provider: Provider, values: Values): boolean =>
  fieldsOf[provider].every(({ name, isOptional }) => isOptional || values[name].trim() !== '');

/** As the model's file has it; keys that are empty are left out. */
export function testedOf(provider: Provider, values: Values): TestedModel {
  const { model, key: api_key, address, deployment: azure_deployment, version: api_version } = values;
  const config = {
    openai: { model, api_key },
    anthropic: { model, api_key },
    azure: { model, api_key, azure_endpoint: address, azure_deployment, api_version },
    ollama: { model, host: address },
    compatible: { model, api_key, base_url: address },
  }[provider];
  const given = Object.entries(config).map(([name, value]) => [name, value.trim()]);
  return {
    provider: clients[provider],
    config: Object.fromEntries(given.filter(([, value]) => value !== '')),
  };
}

const clients: Record<Provider, string> = {
  openai: 'OpenAIChatCompletionClient',
  anthropic: 'AnthropicChatCompletionClient',
  azure: 'AzureOpenAIChatCompletionClient',
  ollama: 'OllamaChatCompletionClient',
  compatible: 'OpenAIChatCompletionClient',
};

export type WrittenFile = { name: '.env' | 'model_config.yaml'; text: string };

/** What to write where. The key stands in the environment alone. */
export function filesOf(provider: Provider, values: Values): WrittenFile[] {
  const { config } = testedOf(provider, values);
  const { api_key = '', ...rest } = config;
  if (provider === 'openai' || provider === 'compatible') {
    const lines = [
      ...(config.base_url ? [`OPENAI_BASE_URL=${config.base_url}`] : []),
      ...(api_key ? [`OPENAI_API_KEY=${api_key}`] : []),
      `OPENAI_MODEL=${config.model ?? ''}`,
    ];
    return [{ name: '.env', text: lines.join('\n') }];
  }
  const variable = provider === 'azure' ? 'AZURE_OPENAI_API_KEY' : 'ANTHROPIC_API_KEY';
  const yaml = [
    `provider: ${clients[provider]}`,
    'config:',
    // JSON's texts are YAML's.
    ...Object.entries(rest).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    ...(api_key ? [`  api_key: \${${variable}}`] : []),
  ];
  return [
    ...(api_key ? [{ name: '.env' as const, text: `${variable}=${api_key}` }] : []),
    { name: 'model_config.yaml', text: yaml.join('\n') },
  ];
}

/** As it may be seen over a shoulder. */
export const hiding = (text: string, secret: string): string =>
  secret.trim() === '' ? text : text.replaceAll(secret.trim(), '••••••••');
