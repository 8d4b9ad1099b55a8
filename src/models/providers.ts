// The model clients a configuration may name, and where each finds its key.
import type { ConfigReader } from './config-reader.ts';
import {
  azureConfig,
  CREATE_ARG_NAMES,
  OLLAMA_OPTION_NAMES,
  type OpenaiConfig,
  ollamaConfig,
  openaiConfig,
  replayConfig,
} from './config-schemas.ts';
import { address } from './config-values.ts';
import type { ChatModel } from './model.ts';
import { azureModel, ollamaModel, openaiModel } from './openai-clients.ts';
import { replayModel } from './replay.ts';

const OPENAI_URL = 'https://api.openai.com/v1';

/** Sent where a server wants none: the header must hold something. */
export const PLACEHOLDER_KEY = 'none';

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

/** Whether an address is of this machine or a private network, where servers mostly want no key. */
function isLocal(address: string): boolean {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '');
  return (
    /^(localhost|127\..*|0\.0\.0\.0|::1|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*)$/.test(host) ||
    /\.(localhost|local|internal|lan)$/.test(host) ||
    !/[.:]/.test(host)
  );
}

function missingKey(reader: ConfigReader, variable: string): Error {
  const unset = reader.unsetVariable('api_key');
  const why = unset === undefined ? '' : `: the environment variable ${unset} is not set`;
  const how = unset === undefined ? `set api_key, or the environment variable ${variable}` : 'set it';
  return reader.error('api_key', `the key is missing (api_key)${why}; ${how}`);
}

/** A variable's value; the empty one counts as unset. */
function variable(reader: ConfigReader, name: string): string | undefined {
  return reader.env[name]?.trim() || undefined;
}

/** The base URL that was set, in the file or, as AutoGen's package does it, in the environment. */
function setBaseUrl(reader: ConfigReader, config: OpenaiConfig): string | undefined {
  if (config.base_url !== undefined || knownServer(config.model)) return config.base_url;
  const given = variable(reader, 'OPENAI_BASE_URL');
  const parsed = address.optional().safeParse(given);
  if (parsed.success) return parsed.data;
  throw reader.error('base_url', 'OPENAI_BASE_URL must be an http:// or https:// address');
}

/** The key for a model, or undefined where none is to be found. */
function openaiKey(
  reader: ConfigReader,
  config: OpenaiConfig,
  baseUrl: string | undefined,
): string | undefined {
  if (config.api_key) return config.api_key;
  const unset = reader.unsetVariable('api_key');
  if (unset !== undefined) {
    // A named variable is what was meant: only a server that wants no key is asked without it.
    if (baseUrl === undefined || !isLocal(baseUrl)) return undefined;
    reader.warn(
      ['api_key'],
      `the environment variable ${unset} is not set; the local server is asked without a key`,
    );
    return PLACEHOLDER_KEY;
  }
  const known = knownServer(config.model);
  const own = known && variable(reader, known.variable);
  // OpenAI's key is not for the servers of others, unless the address was chosen too.
  const openai = known && baseUrl === undefined ? undefined : variable(reader, 'OPENAI_API_KEY');
  return own ?? openai ?? (baseUrl === undefined ? undefined : PLACEHOLDER_KEY);
}

function openai(reader: ConfigReader): ChatModel {
  const config = reader.read(openaiConfig);
  const baseUrl = setBaseUrl(reader, config);
  const key = openaiKey(reader, config, baseUrl);
  if (key === undefined) throw missingKey(reader, knownServer(config.model)?.variable ?? 'OPENAI_API_KEY');
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
  const config = reader.read(ollamaConfig);
  for (const name of Object.keys(config.options ?? {})) {
    if (OLLAMA_OPTION_NAMES.includes(name)) continue;
    const known = CREATE_ARG_NAMES.includes(name) || /^(num_|top_|min_|repeat_|mirostat|typical)/.test(name);
    const why = known
      ? "Ollama's OpenAI-compatible endpoint does not take it; set it in a Modelfile"
      : 'unknown';
    reader.warn(['options', name], `options.${name} is ignored: ${why}`);
  }
  return ollamaModel(config);
}

function replay(reader: ConfigReader): ChatModel {
  return replayModel(reader.read(replayConfig).chat_completions);
}

/** What makes a ChatModel of a component, by the names that AutoGen has for it. */
export const providers: Record<string, (reader: ConfigReader) => ChatModel> = {
  OpenAIChatCompletionClient: openai,
  AzureOpenAIChatCompletionClient: azure,
  OllamaChatCompletionClient: ollama,
  ReplayChatCompletionClient: replay,
  openai_chat_completion_client: openai,
  azure_openai_chat_completion_client: azure,
  ollama_chat_completion_client: ollama,
  replay_chat_completion_client: replay,
};
