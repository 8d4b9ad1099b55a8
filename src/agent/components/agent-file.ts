// Reads the file of one agent: an AssistantAgent of AutoGen's, or a model client alone.
import {
  COMPONENT_KEYS,
  type Component,
  type Reading,
  readComponent,
} from '../../models/config/component.ts';
import { type Environment, readConfigSource } from '../../models/config/config-source.ts';
import type { ChatModel } from '../../models/model.ts';
import { type AgentDescription, plainAgent } from '../agent-description.ts';
import { readPrices } from '../prices.ts';
import { ASSISTANT_AGENT, labelOf, readAssistantAgent } from './assistant-agent.ts';
import { readContextPolicy, readModel, readSystemMessage, warnKeys } from './model-and-context.ts';
import { refuseNotHere } from './not-here.ts';
import { readOtherModels } from './other-models.ts';

/** One line each, for the log at the start. */
export type WithWarnings<T> = T & { warnings: string[] };

/** What may stand beside a model client's provider and config. */
const BESIDE_CLIENT = ['system_message', 'model_context', 'prices', 'models'];

/** The file's component. Throws ModelConfigError where there is none. */
export function readFileComponent(text: string, fileName: string, env: Environment) {
  const source = readConfigSource(text, fileName, env);
  const reading: Reading = { source, env, warnings: [] };
  if (source.root === null || source.root === undefined)
    throw source.error([], 'the file is empty; it needs provider and config');
  return { component: readComponent(source.root, [], 'the file', reading), reading };
}

/** An agent of a model client, with what stands beside it. */
export function readClientAgent(component: Component, name: string, reading: Reading): AgentDescription {
  const { whole } = component;
  warnKeys(whole, [], [...COMPONENT_KEYS, ...BESIDE_CLIENT], reading);
  const model = readModel(component, [ASSISTANT_AGENT], reading);
  return plainAgent({
    name,
    label: labelOf(component, name, reading),
    model,
    models: readOtherModels(whole.models, ['models'], { model, tools: [] }, reading),
    systemMessage: readSystemMessage(whole.system_message, ['system_message'], reading),
    contextPolicy: readContextPolicy(whole.model_context, ['model_context'], reading),
    prices: readPrices(whole.prices, ['prices'], reading),
  });
}

/**
 * The agent that a file in AutoGen's component format (YAML or JSON) describes, called `name`. Where it names no model,
 * it has `defaultModel`. Throws ModelConfigError,
 * with the file, the line, and what can be done.
 */
export function parseAgentFile(
  text: string,
  fileName: string,
  name: string,
  env: Environment,
  defaultModel?: () => ChatModel,
): WithWarnings<AgentDescription> {
  const { component, reading: read } = readFileComponent(text, fileName, env);
  const reading: Reading = { ...read, ...(defaultModel && { defaultModel }) };
  refuseNotHere(component, 'agent', reading);
  const readAgent = component.className === ASSISTANT_AGENT ? readAssistantAgent : readClientAgent;
  return { ...readAgent(component, name, reading), warnings: reading.warnings };
}
