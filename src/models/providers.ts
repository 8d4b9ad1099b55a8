// The model clients a configuration may name.
import {
  ANTHROPIC_URL,
  type AnthropicCredential,
  anthropicModel,
  DEFAULT_MAX_TOKENS,
} from './anthropic/anthropic-client.ts';
import { addressVariable, findKey, missingKey, variable } from './config/api-keys.ts';
import type { ConfigReader } from './config/config-reader.ts';
import {
  ANTHROPIC_WITHOUT_EFFECT,
  type AnthropicConfig,
  anthropicConfig,
  azureConfig,
  type OpenaiConfig,
  ollamaConfig,
  openaiConfig,
  replayConfig,
} from './config/config-schemas.ts';
import type { ChatModel } from './model.ts';
import { ollamaModel } from './openai/ollama-client.ts';
import { azureModel, openaiModel } from './openai/openai-clients.ts';
import { joinHeaders } from './request-options.ts';
import { replayModel } from './without-key/replay.ts';

const OPENAI_URL = 'https://api.openai.com/v1';

/** Models that AutoGen knows to live elsewhere, with the variable that holds their key. */
const KNOWN_SERVERS = [
  {
    prefix: 'gemini-',
    url: 'https://generativelanguage.googleapis.com/v1beta/openai/',
    variable: 'GEMINI_API_KEY',
  },
  { prefix: 'claude-', url: 'https://api.anthropic.com/v1/', variable: 'ANTHROPIC_API_KEY' },
  { prefix: 'Llama-', url: 'https://api.llama.com/compat/v1/', variable: 'LLAMA_API_KEY' },
];

/** The server of a model that is known by its name. */
function knownServer(model: string) {
  return KNOWN_SERVERS.find((server) => model.startsWith(server.prefix));
}

/** The base URL for a model where none is configured. */
export function defaultBaseUrl(model: string): string {
  return knownServer(model)?.url ?? OPENAI_URL;
}

/** The key for a model, or undefined where none is to be found. */
function openaiKey(reader: ConfigReader, config: OpenaiConfig, baseUrl: string | undefined) {
  const known = knownServer(config.model);
  const own = known && variable(reader, known.variable);
  // OpenAI's key is not for the servers of others, unless the address was chosen too.
  const openai = known && baseUrl === undefined ? undefined : variable(reader, 'OPENAI_API_KEY');
  return findKey(reader, config.api_key, baseUrl, own ?? openai);
}

function openai(reader: ConfigReader): ChatModel {
  const config = reader.read(openaiConfig);
  const known = knownServer(config.model);
  const baseUrl = config.base_url ?? (known ? undefined : addressVariable(reader, 'OPENAI_BASE_URL'));
  const key = openaiKey(reader, config, baseUrl);
  if (key === undefined) throw missingKey(reader, known?.variable ?? 'OPENAI_API_KEY');
  return openaiModel(config, key, baseUrl ?? defaultBaseUrl(config.model));
}

function azure(reader: ConfigReader): ChatModel {
  const config = reader.read(azureConfig);
  if (config.azure_ad_token) return azureModel(config, { token: config.azure_ad_token });
  if (config.api_key) return azureModel(config, { key: config.api_key });
  const unset = reader.unsetVariable('api_key') ?? reader.unsetVariable('azure_ad_token');
  const key = unset === undefined ? variable(reader, 'AZURE_OPENAI_API_KEY') : undefined;
  if (!key) throw missingKey(reader, 'AZURE_OPENAI_API_KEY');
  return azureModel(config, { key });
}

function ollama(reader: ConfigReader): ChatModel {
  return ollamaModel(reader.read(ollamaConfig));
}

/** What is ignored, and what Anthropic is known to refuse: each would be a surprise in a conversation. */
function warnOfAnthropic(reader: ConfigReader, config: AnthropicConfig): void {
  for (const name of ANTHROPIC_WITHOUT_EFFECT) {
    if (Reflect.get(config, name) !== undefined) {
      reader.warn([name], `${name} is ignored: it is not supported here, nor sent by AutoGen`);
    }
  }
  const { thinking, temperature, top_k, max_tokens = DEFAULT_MAX_TOKENS } = config;
  if (thinking === undefined || thinking.type === 'disabled') return;
  const refused = (name: string, when: string) =>
    reader.warn([name], `Anthropic refuses ${name} ${when} while thinking is on`);
  if (temperature !== undefined && temperature !== 1) refused('temperature', 'other than 1');
  if (top_k !== undefined) refused('top_k', 'of any value');
  if ((thinking.budget_tokens ?? 0) >= max_tokens) {
    const message = `thinking.budget_tokens must be less than max_tokens, which is ${max_tokens}`;
    reader.warn(['thinking', 'budget_tokens'], message);
  }
}

function anthropicCredential(
  reader: ConfigReader,
  config: AnthropicConfig,
  baseUrl: string | undefined,
): AnthropicCredential {
  const headers = joinHeaders(config.default_headers, config.extra_headers);
  if (!config.api_key && ('x-api-key' in headers || 'authorization' in headers)) return null;
  const ownKey = variable(reader, 'ANTHROPIC_API_KEY');
  const token = ownKey ? undefined : variable(reader, 'ANTHROPIC_AUTH_TOKEN');
  const key = findKey(reader, config.api_key, baseUrl, ownKey ?? token);
  if (key === undefined) throw missingKey(reader, 'ANTHROPIC_API_KEY');
  return key === token ? { token } : { key };
}

function anthropic(reader: ConfigReader): ChatModel {
  const config = reader.read(anthropicConfig);
  warnOfAnthropic(reader, config);
  const baseUrl = config.base_url ?? addressVariable(reader, 'ANTHROPIC_BASE_URL');
  return anthropicModel(config, anthropicCredential(reader, config, baseUrl), baseUrl ?? ANTHROPIC_URL);
}

function replay(reader: ConfigReader): ChatModel {
  const { chat_completions, model_info } = reader.read(replayConfig);
  return replayModel(chat_completions, model_info);
}

/** AutoGen's other clients, and what to write instead. */
export const NOT_SUPPORTED: Readonly<Record<string, string>> = {
  AnthropicBedrockChatCompletionClient:
    'ask Bedrock through a gateway, with AnthropicChatCompletionClient or OpenAIChatCompletionClient and its base_url',
  AzureAIChatCompletionClient: "use OpenAIChatCompletionClient with the endpoint's address as base_url",
  LlamaCppChatCompletionClient: 'start llama-server, and use OpenAIChatCompletionClient with its base_url',
  SKChatCompletionAdapter: "use the service's own client",
  ChatCompletionCache: 'put the client that it wraps in its place',
};

/** What makes a ChatModel of a component, by the names that AutoGen has for it. */
export const providers: Record<string, (reader: ConfigReader) => ChatModel> = {
  OpenAIChatCompletionClient: openai,
  AzureOpenAIChatCompletionClient: azure,
  OllamaChatCompletionClient: ollama,
  AnthropicChatCompletionClient: anthropic,
  ReplayChatCompletionClient: replay,
  openai_chat_completion_client: openai,
  azure_openai_chat_completion_client: azure,
  ollama_chat_completion_client: ollama,
  anthropic_chat_completion_client: anthropic,
  replay_chat_completion_client: replay,
};
