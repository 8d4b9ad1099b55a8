// The assistant: an agent with one model, and tools if it was given any.
import type { LlmMessage } from '../models/messages.ts';
import { type Asking, type ChatModel, takenTemperature } from '../models/model.ts';
import type { Inventory } from '../tools/join-workbenches.ts';
import type { Workbench } from '../tools/tool.ts';
import type { Agent, AskStep } from './agent.ts';
import { type AgentDescription, defaultLoop } from './agent-description.ts';
import { type Asked, ask, request, tooMuch } from './ask.ts';
import { type Conversation, estimateTokens, view, windowOf } from './context.ts';
import type { ContextPolicy } from './context-policy.ts';
import { type KnownTools, toolsOf } from './known-tools.ts';
import { createLimitMemory } from './model-limit.ts';
import type { Prices } from './prices.ts';
import { structuredReader } from './structured-reply.ts';
import { nextInLoop } from './tool-loop.ts';
import { createToolbox, type Toolbox } from './toolbox.ts';
import { countEmpty } from './valid-conversation.ts';

export type AssistantOptions = {
  /** In the catalogue, and as who it speaks. */
  name?: string;
  model: ChatModel;
  /** Null for the default one; an empty text for none. */
  systemMessage: string | null;
  contextPolicy: ContextPolicy;
  prices?: Prices | undefined;
  /** What calls its tools. */
  workbench?:
    | (Workbench & { told?(): Promise<KnownTools>; inventory?(signal: AbortSignal): Promise<Inventory> })
    | undefined;
} & Partial<
  Pick<
    AgentDescription,
    'label' | 'description' | 'models' | 'memory' | 'tools' | 'approval' | 'interrupted' | 'loop' | 'output'
  >
>;

const systemMessages = (content: string): LlmMessage[] =>
  content === '' ? [] : [{ content, type: 'SystemMessage' }];

export const defaultSystemMessage = 'You are a helpful assistant. Answer in the language of the user.';

/**
 * An agent over one model. It remembers, for each conversation that has a name, what the model's server told of its limit.
 *
 * @example
 * const agents = createAgents(createAssistant({ model, systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY }));
 */
export function createAssistant(options: AssistantOptions): Agent {
  const {
    name = 'assistant',
    model,
    models = [],
    systemMessage,
    contextPolicy,
    prices,
    label = name,
    description = '',
    memory: remembered = [],
    tools = [],
    approval = [],
    interrupted = [],
    loop = defaultLoop,
    output,
    workbench,
  } = options;
  const system = systemMessages(systemMessage ?? defaultSystemMessage);
  const memory = createLimitMemory();
  // As they were last: what would be sent is told without asking for them.
  let toolsOffered: Asked['tools'];
  const asked = (conversation: Conversation): Asked => ({
    conversation: conversation.name,
    system: [...system, ...systemMessages(conversation.instructions ?? '')],
    kept: view(contextPolicy, conversation),
  });

  const toolbox = workbench && createToolbox(workbench, { approval, interrupted });
  const format = output && { output: { name: output.name, schema: output.schema } };
  const structured = output && structuredReader(output);
  const asking = (tools?: Toolbox, more?: Asking): AskStep => ({
    kind: 'ask',
    source: name,
    structured,
    // Nothing here holds on to the conversation while the reply streams: it is long.
    reply(conversation, signal, take) {
      const would = asked(conversation);
      const temperature = takenTemperature(model, conversation.temperature);
      const wanted =
        format || more || temperature !== undefined
          ? { ...format, ...more, ...(temperature === undefined ? {} : { temperature }) }
          : undefined;
      if (!tools) return ask(model, memory, would, signal, take, wanted);
      return tools.list(signal).then((offered) => {
        toolsOffered = offered;
        would.tools = offered;
        return ask(model, memory, would, signal, take, { ...wanted, tools: offered });
      });
    },
  });
  const toolLoop = {
    name,
    loop,
    memory: remembered.filter(({ length }) => length > 0),
    tools,
    ask: asking(toolbox),
    reflect: asking(undefined, { toolChoice: 'none' }),
  };

  return {
    name,
    label,
    description,
    tools: async () => workbench?.told?.() ?? { tools: toolsOf({ tools, approval }), missing: [] },
    toolbox,
    model,
    prices,
    others: models.map((other) => createAssistant({ ...options, prices: undefined, ...other, models: [] })),
    window: windowOf(contextPolicy),
    initialMessages: contextPolicy.initialMessages ?? [],
    next: (said) => nextInLoop(toolLoop, said),
    context(conversation, trimmed) {
      const all = new Set([...conversation.head, ...conversation.tail]);
      const would = { ...asked(conversation), tools: toolsOffered };
      const limit = memory.recall(conversation.name);
      const leftOut = trimmed?.leftOut ?? tooMuch(would, limit);
      const sent = would.kept.slice(leftOut);
      const messages = request(model, would, leftOut);
      return {
        messages,
        policy: contextPolicy,
        modelLimit: trimmed ? trimmed.limit : limit?.told,
        leftOut: {
          byPolicy: all.size + conversation.skipped - would.kept.filter((message) => all.has(message)).length,
          byModelLimit: leftOut,
          empty: countEmpty(sent),
        },
        tokens: estimateTokens(messages),
      };
    },
  };
}
