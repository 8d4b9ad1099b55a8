// Reads AutoGen's AssistantAgent, whole: its model, what it is told, and the tools that it may call.
import { z } from 'zod';
import {
  COMPONENT_KEYS,
  type Component,
  type Reading,
  readComponent,
  readerFor,
} from '../../models/config/component.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import { looseBoolean, looseNumber, text } from '../../models/config/config-values.ts';
import { type AgentDescription, defaultLoop, type ToolSource } from '../agent-description.ts';
import { ASK_USER, askUserTool } from '../ask-user.ts';
import { readPrices } from '../prices.ts';
import { approvalRules, interruptedRules } from '../tool-rules.ts';
import { readRules } from './agent-rules.ts';
import { readHandoff } from './handoffs.ts';
import { readMemory } from './memory.ts';
import { readContextPolicy, readModel, warnKeys } from './model-and-context.ts';
import { refuseNotHere } from './not-here.ts';
import { readOtherModels } from './other-models.ts';
import { readOutput } from './output-format.ts';
import { refuseUnusable, warnOfUnknownTools } from './tool-checks.ts';
import { readTool, readWorkbench } from './tools.ts';
import { components, toolName } from './values.ts';

export const ASSISTANT_AGENT = 'AssistantAgent';
/** What may stand beside its provider and config; AutoGen ignores it. */
const OUR_KEYS = ['approval', 'ask_user', 'interrupted', 'prices', 'models'];
/** What a line of a summary may have in braces; doubled ones are braces. */
const PLACEHOLDERS = ['tool_name', 'arguments', 'result', 'is_error'];

const summaryFormat = `a text with no other braces than {${PLACEHOLDERS.join('}, {')}}`;

const schema = z.object({
  name: z.string({ error: 'a text' }).optional(),
  description: z.string({ error: 'a text' }).default(''),
  model_client: z.unknown().optional(),
  system_message: z.string({ error: 'a text' }).default(''),
  model_context: z.unknown().optional(),
  memory: components.default([]),
  tools: components.default([]),
  workbench: z.unknown().optional(),
  handoffs: z.array(z.unknown(), { error: 'a list of handoffs' }).default([]),
  max_tool_iterations: looseNumber(
    'a whole number, 1 or more',
    (value) => Number.isInteger(value) && value > 0,
  ).default(defaultLoop.maxToolIterations),
  reflect_on_tool_use: looseBoolean.optional(),
  tool_call_summary_format: text
    .refine(hasOnlyPlaceholders, { error: summaryFormat })
    .default(defaultLoop.summaryFormat),
  // A reply is streamed to whoever asks for a stream.
  model_client_stream: looseBoolean.optional(),
  metadata: z.record(z.string(), z.string({ error: 'a text' }), { error: 'a mapping of texts' }).default({}),
  structured_message_factory: z.unknown().optional(),
});

function hasOnlyPlaceholders(format: string): boolean {
  const braces = format.replaceAll(/\{\{|\}\}/g, '').match(/\{[^{}]*\}|[{}]/g) ?? [];
  return braces.every((found) => PLACEHOLDERS.includes(found.slice(1, -1)));
}

/** What holds for an agent that is a tool of this one, unless it says otherwise. */
type Inherited = Pick<AgentDescription, 'approval' | 'interrupted'>;

/** The agent that the component describes, called `name`. Throws ModelConfigError. */
export function readAssistantAgent(
  component: Component,
  name: string,
  reading: Reading,
  inherited: Inherited = { approval: [], interrupted: [] },
): AgentDescription {
  const { whole, path } = component;
  const at = (key: string): ConfigPath => [...path, 'config', key];
  const beside = (key: string): ConfigPath => [...path, key];
  warnKeys(whole, path, [...COMPONENT_KEYS, ...OUR_KEYS], reading);
  const config = readerFor(component, reading).read(schema);
  const model =
    (config.model_client == null && reading.defaultModel?.()) ||
    readModel(readComponent(config.model_client, at('model_client'), 'model_client', reading), [], reading);

  const given = {
    approval: readRules(whole.approval, beside('approval'), approvalRules, reading),
    interrupted: readRules(whole.interrupted, beside('interrupted'), interruptedRules, reading),
  };
  const rules = {
    approval: given.approval ?? inherited.approval,
    interrupted: given.interrupted ?? inherited.interrupted,
  };
  const placed = [
    ...readTools(config, at, reading, rules),
    ...readAskUser(whole, beside('ask_user'), reading),
  ];
  refuseUnusable(placed, model, reading);
  const tools = placed.map(({ source }) => source);
  warnOfUnknownTools(given.approval, tools, beside('approval'), reading);
  warnOfUnknownTools(given.interrupted, tools, beside('interrupted'), reading);

  const output = readOutput(config.structured_message_factory, at('structured_message_factory'), reading);
  return {
    name,
    label: labelOf(component, name, reading),
    description: config.description,
    model,
    models: readOtherModels(whole.models, beside('models'), { model, tools }, reading),
    systemMessage: config.system_message,
    contextPolicy: readContextPolicy(config.model_context, at('model_context'), reading),
    memory: config.memory.map((one, index) => readMemory(one, [...at('memory'), index], reading)),
    tools,
    loop: {
      maxToolIterations: config.max_tool_iterations,
      reflectOnToolUse: config.reflect_on_tool_use ?? output !== undefined,
      summaryFormat: config.tool_call_summary_format,
    },
    output,
    ...rules,
    metadata: config.metadata,
    prices: readPrices(whole.prices, beside('prices'), reading),
  };
}

/** Its own name for itself, unless that is only what all of its kind are called. */
export function labelOf({ whole, path, className }: Component, name: string, { source }: Reading): string {
  const { label } = whole;
  if (label === undefined || label === className) return name;
  if (typeof label !== 'string') throw source.error([...path, 'label'], 'label must be a text');
  return label.trim() || name;
}

/** A tool, and where it stands. */
type Placed = { source: ToolSource; path: ConfigPath };

function readTools(
  config: z.output<typeof schema>,
  at: (key: string) => ConfigPath,
  reading: Reading,
  rules: Inherited,
): Placed[] {
  const { workbench = [] } = config;
  const isList = Array.isArray(workbench);
  const workbenches: readonly unknown[] = isList ? workbench : [workbench];
  if (config.tools.length > 0 && workbenches.length > 0)
    throw reading.source.error(
      at('tools'),
      "tools cannot be used with a workbench, in AutoGen neither: put them into a StaticWorkbench's tools",
    );
  const readAgent = (component: Component) => readAgentOfTool(component, reading, rules);
  const placed = (source: ToolSource, path: ConfigPath) => ({ source, path });
  return [
    ...config.tools.map((one, index) => {
      const path = [...at('tools'), index];
      return placed(readTool(one, path, reading, readAgent), path);
    }),
    ...workbenches.flatMap((one, index) => {
      const path = isList ? [...at('workbench'), index] : at('workbench');
      return readWorkbench(one, path, reading, readAgent).map((source) => placed(source, path));
    }),
    ...config.handoffs.map((one, index) => {
      const path = [...at('handoffs'), index];
      return placed(readHandoff(one, path, reading), path);
    }),
  ];
}

function readAskUser({ ask_user }: Component['whole'], path: ConfigPath, { source }: Reading): Placed[] {
  const asks = looseBoolean.safeParse(ask_user ?? false);
  if (!asks.success) throw source.error(path, 'ask_user must be true or false');
  const { description } = askUserTool;
  return asks.data ? [{ source: { kind: 'question', name: ASK_USER, description }, path }] : [];
}

/** An agent within an agent has no file that names it; what names it is how the model calls it. */
function readAgentOfTool(component: Component, reading: Reading, rules: Inherited): AgentDescription {
  const { className, config, path, key } = component;
  refuseNotHere(component, 'agent', reading);
  if (className !== ASSISTANT_AGENT)
    throw reading.source.error(
      [...path, key],
      `unknown provider ${JSON.stringify(className)}; the agent of an AgentTool must be an ${ASSISTANT_AGENT}`,
    );
  const name = toolName.safeParse(config.name);
  if (!name.success)
    throw reading.source.error(
      [...path, 'config', 'name'],
      `name must be ${name.error.issues[0]?.message}: the agent is called so as a tool`,
    );
  const agent = readAssistantAgent(component, name.data, reading, rules);
  if (agent.tools.some(({ kind }) => kind === 'question'))
    throw reading.source.error(
      [...path, 'ask_user'],
      'an agent that is a tool can ask nobody: give ask_user to the agent that has it as a tool',
    );
  return agent;
}
