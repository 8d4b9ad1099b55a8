// Makes the agent of model_config.yaml, or of the environment alone: a model, a system message and a context.
import { PLACEHOLDER_KEY } from '../models/config/api-keys.ts';
import {
  COMPONENT_KEYS,
  type Component,
  isMapping,
  type Reading,
  readComponent,
} from '../models/config/component.ts';
import { openaiConfig } from '../models/config/config-schemas.ts';
import { type Environment, ModelConfigError } from '../models/config/config-source.ts';
import { openaiModel } from '../models/openai/openai-clients.ts';
import { defaultBaseUrl } from '../models/providers.ts';
import { demoModel } from '../models/without-key/demo.ts';
import { type AgentDescription, plainAgent } from './agent-description.ts';
import { readClientAgent, readFileComponent, type WithWarnings } from './components/agent-file.ts';
import { ASSISTANT_AGENT, labelOf } from './components/assistant-agent.ts';
import { readContextPolicy, readModel, readSystemMessage, warnKeys } from './components/model-and-context.ts';
import { readOtherModels } from './components/other-models.ts';
import { DEFAULT_CONTEXT_POLICY } from './context-policy.ts';
import { readPrices } from './prices.ts';

export { ModelConfigError } from '../models/config/config-source.ts';

export type AgentConfig = WithWarnings<AgentDescription>;

/** What the agent of this file is called. */
export const assistantName = 'assistant';

const DEFAULT_MODEL = 'gpt-4o-mini';
/** Keys of AutoGen's AssistantAgent that change nothing here. */
const WITHOUT_EFFECT = [
  ...['name', 'metadata', 'model_client_stream', 'reflect_on_tool_use'],
  ...['tool_call_summary_format', 'max_tool_iterations', 'structured_message_factory'],
];
const ONLY_IN_AGENTS = ['tools', 'workbench', 'handoffs', 'memory'];

/** AutoGen's AssistantAgent without what it might do: this file names a model, those of AGENTS whole agents. */
function readWithoutTools(component: Component, reading: Reading): AgentDescription {
  const { config, whole } = component;
  warnKeys(whole, [], [...COMPONENT_KEYS, 'prices', 'models'], reading);
  const known = ['model_client', 'description', 'system_message', 'model_context'];
  warnKeys(config, ['config'], [...known, ...WITHOUT_EFFECT, ...ONLY_IN_AGENTS], reading);
  for (const key of ONLY_IN_AGENTS) {
    if (!isEmpty(config[key]))
      reading.warnings.push(
        reading.source.at(
          ['config', key],
          `${key} is ignored here; it counts in a file of the folder AGENTS`,
        ),
      );
  }
  const path = ['config', 'model_client'];
  const model = readModel(readComponent(config.model_client, path, 'model_client', reading), [], reading);
  return plainAgent({
    name: assistantName,
    label: labelOf(component, assistantName, reading),
    description: typeof config.description === 'string' ? config.description : '',
    model,
    models: readOtherModels(whole.models, ['models'], { model, tools: [] }, reading),
    systemMessage: readSystemMessage(config.system_message, ['config', 'system_message'], reading),
    contextPolicy: readContextPolicy(config.model_context, ['config', 'model_context'], reading),
    prices: readPrices(whole.prices, ['prices'], reading),
  });
}

/** Nothing, or a workbench with nothing in it, as AutoGen writes one for every agent. */
function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.every((one) => isMapping(one) && isEmptyWorkbench(one));
  return isMapping(value) && isEmptyWorkbench(value);
}

const isEmptyWorkbench = ({ config }: Record<string, unknown>): boolean =>
  isMapping(config) && Array.isArray(config.tools) && config.tools.length === 0;

/**
 * The agent that a file in AutoGen's component format (YAML or JSON) describes: a model client, with
 * `system_message` and `model_context` beside it, or an AssistantAgent. Throws ModelConfigError.
 */
export function parseModelConfig(text: string, fileName: string, env: Environment): AgentConfig {
  const { component, reading } = readFileComponent(text, fileName, env);
  const agent =
    component.className === ASSISTANT_AGENT
      ? readWithoutTools(component, reading)
      : readClientAgent(component, assistantName, reading);
  return { ...agent, warnings: reading.warnings };
}

/**
 * The agent where there is no file: OPENAI_API_KEY, or OPENAI_BASE_URL with OPENAI_MODEL, is enough;
 * otherwise it is the demo model. An empty variable counts as unset. Throws ModelConfigError.
 */
export function modelFromEnvironment(env: Environment): AgentConfig {
  const key = env.OPENAI_API_KEY?.trim();
  const baseUrl = env.OPENAI_BASE_URL?.trim();
  const model = env.OPENAI_MODEL?.trim();
  const agent = { name: assistantName, systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY };
  if (!key && !(baseUrl && model)) {
    const warnings = baseUrl
      ? ['OPENAI_BASE_URL is set, but neither OPENAI_MODEL nor OPENAI_API_KEY is']
      : [];
    return { ...plainAgent({ ...agent, model: demoModel() }), warnings };
  }
  const config = openaiConfig.safeParse({ model: model || DEFAULT_MODEL, api_key: key, base_url: baseUrl });
  if (!config.success) {
    const about = config.error.issues[0]?.path[0] === 'api_key' ? 'OPENAI_API_KEY' : 'OPENAI_BASE_URL';
    throw new ModelConfigError(`${about} must be ${config.error.issues[0]?.message}`);
  }
  const url = config.data.base_url ?? defaultBaseUrl(config.data.model);
  return {
    ...plainAgent({ ...agent, model: openaiModel(config.data, key || PLACEHOLDER_KEY, url) }),
    warnings: [],
  };
}
