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
function clientOptions(defaultHeaders: Record<string, string>) {
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
};

function commonOptions(
  config: CommonConfig,
): Omit<CompletionModelOptions, 'client' | 'description' | 'createArgs' | 'secrets'> {
  return {
    model: config.model,
    timeoutSeconds: config.timeout ?? DEFAULT_TIMEOUT_S,
    maxRetries: config.max_retries ?? DEFAULT_MAX_RETRIES,
    messageOptions: {
      namePrefixes: config.add_name_prefixes ?? false,
      includeName: config.include_name_in_message ?? true,
    },
  };
}

/** What of a configuration goes into the request's body; usage is asked for unless it says otherwise. */
function createArgs(config: OpenaiConfig | AzureConfig): Record<string, unknown> {
  const given = Object.fromEntries(
    Object.entries(config).filter(([key, value]) => CREATE_ARG_NAMES.includes(key) && value !== undefined),
  );
  const { stream_options: options = { include_usage: true }, ...rest } = given;
  const usage = config.stream_options?.include_usage === false ? {} : { stream_options: options };
  return { ...rest, ...usage, ...config.extra_body };
}

/** The address as it may be shown: without user, password and query. */
function shownAddress(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname.replace(/\/$/, '');
}

type Headers = Record<string, string>;

/** The headers of a configuration as one; where a name is in both, that of `extra` counts. */
function joinHeaders(headers: Headers = {}, extra: Headers = {}): Headers {
  const all = [...Object.entries(headers), ...Object.entries(extra)];
  return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value]));
}

function headerSecrets(headers: Headers): string[] {
  return Object.values(headers).filter((value) => value.length >= 8);
}

/** OpenAI, or a server that speaks its language at `baseUrl`. */
export function openaiModel(config: OpenaiConfig, apiKey: string, baseUrl: string): ChatModel {
  const headers = joinHeaders(config.default_headers, config.extra_headers);
  const client = new OpenAI({
    ...clientOptions(headers),
    apiKey,
    baseURL: baseUrl,
    organization: config.organization || null,
  });
  return completionModel({
    ...commonOptions(config),
    client,
    description: `OpenAI client, ${config.model} at ${shownAddress(baseUrl)}`,
    createArgs: createArgs(config),
    secrets: [apiKey, ...headerSecrets(headers)],
  });
}

/** Azure OpenAI, with a key or a Microsoft Entra token. */
export function azureModel(config: AzureConfig, credential: { key: string } | { token: string }): ChatModel {
  const secret = 'key' in credential ? credential.key : credential.token;
  const headers = joinHeaders(config.default_headers, config.extra_headers);
  const client = new AzureOpenAI({
    ...clientOptions(headers),
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
    secrets: [secret, ...headerSecrets(headers)],
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
  const headers = joinHeaders(config.headers, config.extra_headers);
  const client = new OpenAI({ ...clientOptions(headers), apiKey: 'ollama', baseURL: `${host}/v1` });
  return completionModel({
    ...commonOptions(config),
    client,
    description: `Ollama client, ${config.model} at ${shownAddress(host)}`,
    createArgs: {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      stream_options: { include_usage: true },
      ...config.extra_body,
    },
    secrets: headerSecrets(headers),
  });
}
