// Makes ChatModels of checked configurations: OpenAI and compatible servers, Azure, Ollama.
import { AzureOpenAI, type ClientOptions, OpenAI } from 'openai';
import {
  type AzureConfig,
  CREATE_ARG_NAMES,
  type OllamaConfig,
  type OpenaiConfig,
} from './config-schemas.ts';
import type { ChatModel } from './model.ts';
import { type CompletionModelOptions, completionModel } from './openai.ts';

const DEFAULT_TIMEOUT_S = 60;
const DEFAULT_MAX_RETRIES = 2;
const OLLAMA_HOST = 'http://localhost:11434';
const DAY_MS = 86_400_000;

/** Everything explicit: what is left out the package would take from the environment. */
function clientOptions(defaultHeaders: Record<string, string> | undefined) {
  return {
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    defaultHeaders,
    maxRetries: 0,
    timeout: DAY_MS,
    logLevel: 'off',
  } satisfies ClientOptions;
}

type CommonConfig = {
  model: string;
  timeout?: number | undefined;
  max_retries?: number | undefined;
  add_name_prefixes?: boolean | undefined;
  include_name_in_message?: boolean | undefined;
  model_info?: Record<string, unknown> | undefined;
};

function commonOptions(
  config: CommonConfig,
): Omit<CompletionModelOptions, 'client' | 'description' | 'createArgs' | 'secrets'> {
  return {
    model: config.model,
    timeoutSeconds: config.timeout ?? DEFAULT_TIMEOUT_S,
    maxRetries: config.max_retries ?? DEFAULT_MAX_RETRIES,
    messageOptions: { includeName: config.include_name_in_message ?? true },
    rules: {
      namePrefixes: config.add_name_prefixes ?? false,
      multipleSystemMessages: String(config.model_info?.multiple_system_messages) === 'true',
    },
  };
}

/** The create args of a configuration; usage is asked for unless it says otherwise. */
function createArgs(config: OpenaiConfig | AzureConfig): Record<string, unknown> {
  const given = Object.fromEntries(
    Object.entries(config).filter(([key, value]) => CREATE_ARG_NAMES.includes(key) && value !== undefined),
  );
  const { stream_options: options = { include_usage: true }, ...rest } = given;
  return config.stream_options?.include_usage === false ? rest : { ...rest, stream_options: options };
}

/** The address as it may be shown: without user, password and query. */
function shownAddress(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname.replace(/\/$/, '');
}

function headerSecrets(headers: Record<string, string> | undefined): string[] {
  return Object.values(headers ?? {}).filter((value) => value.length >= 8);
}

/** OpenAI, or a server that speaks its language at `baseUrl`. */
export function openaiModel(config: OpenaiConfig, apiKey: string, baseUrl: string): ChatModel {
  const client = new OpenAI({
    ...clientOptions(config.default_headers),
    apiKey,
    baseURL: baseUrl,
    organization: config.organization || null,
  });
  return completionModel({
    ...commonOptions(config),
    client,
    description: `OpenAI client, ${config.model} at ${shownAddress(baseUrl)}`,
    createArgs: createArgs(config),
    secrets: [apiKey, ...headerSecrets(config.default_headers)],
  });
}

/** Azure OpenAI, with a key or a Microsoft Entra token. */
export function azureModel(config: AzureConfig, credential: { key: string } | { token: string }): ChatModel {
  const secret = 'key' in credential ? credential.key : credential.token;
  const client = new AzureOpenAI({
    ...clientOptions(config.default_headers),
    // As text this would be read from OPENAI_BASE_URL where it is left out.
    baseURL: `${config.azure_endpoint}/openai`,
    apiVersion: config.api_version,
    ...(config.azure_deployment === undefined ? {} : { deployment: config.azure_deployment }),
    ...('key' in credential ? { apiKey: secret } : { azureADTokenProvider: async () => secret }),
  });
  const deployment = config.azure_deployment ?? config.model;
  return completionModel({
    ...commonOptions(config),
    client,
    description: `Azure OpenAI client, ${config.model} (${deployment}) at ${shownAddress(config.azure_endpoint)}`,
    createArgs: createArgs(config),
    secrets: [secret, ...headerSecrets(config.default_headers)],
  });
}

/** Ollama, through its OpenAI-compatible endpoint. */
export function ollamaModel(config: OllamaConfig): ChatModel {
  const host = (config.host ?? OLLAMA_HOST).replace(/\/v1$/, '');
  const {
    num_predict: limit,
    temperature,
    top_p,
    seed,
    stop,
    frequency_penalty,
    presence_penalty,
  } = config.options ?? {};
  const given = {
    response_format: config.response_format,
    max_tokens: limit !== undefined && limit > 0 ? limit : undefined,
    ...{ temperature, top_p, seed, stop, frequency_penalty, presence_penalty },
  };
  const client = new OpenAI({ ...clientOptions(config.headers), apiKey: 'ollama', baseURL: `${host}/v1` });
  return completionModel({
    ...commonOptions(config),
    client,
    description: `Ollama client, ${config.model} at ${shownAddress(host)}`,
    createArgs: {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      stream_options: { include_usage: true },
    },
    secrets: headerSecrets(config.headers),
  });
}
