// What an agent is, as its file says it: data. Nothing is connected to, and nothing runs, for it to be read.
import type { ChatModel } from '../models/model.ts';
import type { MemoryContent } from '../words/steps.ts';
import type { ASK_USER } from './ask-user.ts';
import type { ContextPolicy } from './context-policy.ts';
import type { Prices } from './prices.ts';
import type { ApprovalRule, InterruptedRule, ToolRules } from './tool-rules.ts';
import type { HandoffSource, HttpToolSource, McpSource } from './tool-source.ts';

export type AgentDescription = {
  /** In the catalogue, and as who it speaks: what its file is called. */
  name: string;
  /** What people read in place of the name. */
  label: string;
  /** What it is good for; may be empty. */
  description: string;
  model: ChatModel;
  /** Others that may be chosen for a message. */
  models: readonly ModelChoice[];
  /** Null for the default one; an empty text for none. */
  systemMessage: string | null;
  contextPolicy: ContextPolicy;
  /** What it is told to remember: each list becomes a system message of its own. */
  memory: readonly (readonly MemoryContent[])[];
  tools: readonly ToolSource[];
  loop: LoopSettings;
  /** What its replies have to look like, where that is said. */
  output?: OutputFormat | undefined;
  /** Which calls wait for a person. */
  approval: ToolRules<ApprovalRule>;
  /** What becomes of a call whose process died, and that may not be made again. */
  interrupted: ToolRules<InterruptedRule>;
  /** AutoGen's: it is kept, and means nothing. */
  metadata: Readonly<Record<string, string>>;
  prices?: Prices | undefined;
};

export type ModelChoice = { model: ChatModel; prices?: Prices | undefined };

export type ToolSource = HttpToolSource | McpSource | AgentToolSource | HandoffSource | QuestionSource;

/** A question to the person. */
export type QuestionSource = { kind: 'question'; name: typeof ASK_USER; description: string };

/** Another agent, asked with a task. `returnsLast`: the result is its last message alone, else all of them with names. */
export type AgentToolSource = {
  kind: 'agent';
  name: string;
  description: string;
  agent: AgentDescription;
  returnsLast: boolean;
};

/** How long a turn goes on asking its model and its tools. */
export type LoopSettings = {
  /** How often the model may ask for tools in one turn, 1 or more. */
  maxToolIterations: number;
  /** Whether the model is asked for a text after the last results; else these are the reply. */
  reflectOnToolUse: boolean;
  /** A line of that reply, with `{tool_name}`, `{arguments}`, `{result}` and `{is_error}`. */
  summaryFormat: string;
};

/** A JSON schema that a reply has to follow; `format` is a text with its keys in braces, as which people read it. */
export type OutputFormat = { name: string; schema: Record<string, unknown>; format?: string | undefined };

/** AutoGen's, of an agent that says nothing of it. */
export const defaultLoop: LoopSettings = {
  maxToolIterations: 1,
  reflectOnToolUse: false,
  summaryFormat: '{result}',
};

/** An agent with a model and no tools. */
export function plainAgent(
  given: Pick<AgentDescription, 'name' | 'model' | 'systemMessage' | 'contextPolicy'> &
    Partial<AgentDescription>,
): AgentDescription {
  return {
    label: given.name,
    description: '',
    models: [],
    memory: [],
    tools: [],
    loop: defaultLoop,
    approval: [],
    interrupted: [],
    metadata: {},
    ...given,
  };
}
