// Makes the agent's model, system message and context of model_config.yaml, or of the environment alone.
import { PLACEHOLDER_KEY } from '../models/api-keys.ts';
import {
  COMPONENT_KEYS,
  type Component,
  entryFor,
  type Mapping,
  type Reading,
  readComponent,
  readerFor,
} from '../models/component.ts';
import { warnUnknownKeys } from '../models/config-reader.ts';
import { openaiConfig } from '../models/config-schemas.ts';
import {
  type ConfigPath,
  type Environment,
  ModelConfigError,
  readConfigSource,
} from '../models/config-source.ts';
import { demoModel } from '../models/demo.ts';
import type { ChatModel } from '../models/model.ts';
import { openaiModel } from '../models/openai-clients.ts';
import { defaultBaseUrl, NOT_SUPPORTED, providers } from '../models/providers.ts';
import { type ContextPolicy, contextReaders, DEFAULT_CONTEXT_POLICY } from './context-policy.ts';
import { type Prices, readPrices } from './prices.ts';

export { ModelConfigError } from '../models/config-source.ts';

export type AgentConfig = {
  model: ChatModel;
  systemMessage: string | null;
  contextPolicy: ContextPolicy;
  prices?: Prices | undefined;
  /** One line each, for the log at the start. */
  warnings: string[];
};

const DEFAULT_MODEL = 'gpt-4o-mini';
const AGENT = 'AssistantAgent';
/** What may stand beside a model client's provider and config. */
const KEYS_BESIDE = ['system_message', 'model_context'];
/** What may stand beside those of any file; AutoGen ignores it. */
const OUR_KEYS = ['prices'];
/** Keys of AutoGen's AssistantAgent that change nothing here. */
const AGENT_KEYS_WITHOUT_EFFECT = [
  ...['name', 'description', 'metadata', 'model_client_stream', 'reflect_on_tool_use'],
  ...['tool_call_summary_format', 'max_tool_iterations', 'structured_message_factory'],
];
const AGENT_KEYS_NOT_SUPPORTED = ['tools', 'workbench', 'handoffs', 'memory'];

/** Null where nothing is said of it; an empty text means none. */
function readSystemMessage(value: unknown, path: ConfigPath, { source }: Reading): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw source.error(path, 'system_message must be a text');
  return value;
}

function readContextPolicy(value: unknown, path: ConfigPath, reading: Reading): ContextPolicy {
  if (value === undefined) return DEFAULT_CONTEXT_POLICY;
  const component = readComponent(value, path, 'model_context', reading);
  return entryFor(component, contextReaders, [], reading)(readerFor(component, reading).read);
}

function readModel(component: Component, others: string[], reading: Reading): ChatModel {
  const { className, path, key } = component;
  const instead = Object.hasOwn(NOT_SUPPORTED, className) ? NOT_SUPPORTED[className] : undefined;
  if (instead) throw reading.source.error([...path, key], `${className} is not supported; ${instead}`);
  return entryFor(component, providers, others, reading)(readerFor(component, reading));
}

function warnKeys(
  given: Mapping,
  path: ConfigPath,
  known: readonly string[],
  { source, warnings }: Reading,
): void {
  warnUnknownKeys(given, known, (key, message) => warnings.push(source.at([...path, key], message)));
}

/** AutoGen's AssistantAgent: a model client with a system message and a context. */
function readAgent({ config, whole }: Component, reading: Reading): AgentConfig {
  const known = ['model_client', ...KEYS_BESIDE, ...AGENT_KEYS_WITHOUT_EFFECT, ...AGENT_KEYS_NOT_SUPPORTED];
  warnKeys(config, ['config'], known, reading);
  for (const key of AGENT_KEYS_NOT_SUPPORTED) {
    const value = config[key];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    reading.warnings.push(reading.source.at(['config', key], `${key} is not supported and is ignored`));
  }
  const path = ['config', 'model_client'];
  return {
    model: readModel(readComponent(config.model_client, path, 'model_client', reading), [], reading),
    systemMessage: readSystemMessage(config.system_message, ['config', 'system_message'], reading),
    contextPolicy: readContextPolicy(config.model_context, ['config', 'model_context'], reading),
    prices: readPrices(whole.prices, ['prices'], reading),
    warnings: reading.warnings,
  };
}

/**
 * The agent that a file in AutoGen's component format (YAML or JSON) describes: a model client, with
 * `system_message` and `model_context` beside it, or a whole AssistantAgent. Throws ModelConfigError.
 */
export function parseModelConfig(text: string, fileName: string, env: Environment): AgentConfig {
  const source = readConfigSource(text, fileName, env);
  const { root } = source;
  if (root === null || root === undefined)
    throw source.error([], 'the file is empty; it needs provider and config');
  const reading: Reading = { source, env, warnings: [] };
  const component = readComponent(root, [], 'the file', reading);
  const isAgent = component.className === AGENT;
  const { whole } = component;
  warnKeys(whole, [], [...COMPONENT_KEYS, ...OUR_KEYS, ...(isAgent ? [] : KEYS_BESIDE)], reading);
  if (isAgent) return readAgent(component, reading);
  return {
    model: readModel(component, [AGENT], reading),
    systemMessage: readSystemMessage(whole.system_message, ['system_message'], reading),
    contextPolicy: readContextPolicy(whole.model_context, ['model_context'], reading),
    prices: readPrices(whole.prices, ['prices'], reading),
    warnings: reading.warnings,
  };
}

/**
 * The agent where there is no file: OPENAI_API_KEY, or OPENAI_BASE_URL with OPENAI_MODEL, is enough;
 * otherwise it is the demo model. An empty variable counts as unset. Throws ModelConfigError.
 */
export function modelFromEnvironment(env: Environment): AgentConfig {
  const key = env.OPENAI_API_KEY?.trim();
  const baseUrl = env.OPENAI_BASE_URL?.trim();
  const model = env.OPENAI_MODEL?.trim();
  const agent = { systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY };
  if (!key && !(baseUrl && model)) {
    const warnings = baseUrl
      ? ['OPENAI_BASE_URL is set, but neither OPENAI_MODEL nor OPENAI_API_KEY is']
      : [];
    return { ...agent, model: demoModel(), warnings };
  }
  const config = openaiConfig.safeParse({ model: model || DEFAULT_MODEL, api_key: key, base_url: baseUrl });
  if (!config.success) {
    const about = config.error.issues[0]?.path[0] === 'api_key' ? 'OPENAI_API_KEY' : 'OPENAI_BASE_URL';
    throw new ModelConfigError(`${about} must be ${config.error.issues[0]?.message}`);
  }
  const url = config.data.base_url ?? defaultBaseUrl(config.data.model);
  return { ...agent, model: openaiModel(config.data, key || PLACEHOLDER_KEY, url), warnings: [] };
}
