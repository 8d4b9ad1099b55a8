// What an agent is to whoever runs its turns, and the catalogue of those that there are.
import type { LlmMessage } from '../models/messages.ts';
import type { ChatModel } from '../models/model.ts';
import type { StepData, StepType } from '../words/steps.ts';
import type { TakeReply, Trimmed } from './ask.ts';
import type { ContextWindow, Conversation } from './context.ts';
import type { ContextPolicy } from './context-policy.ts';
import type { KnownTools } from './known-tools.ts';
import type { Prices } from './prices.ts';
import type { SaidStep } from './said-step.ts';
import type { ReadStructured } from './structured-reply.ts';
import type { Toolbox } from './toolbox.ts';

export type Agent = {
  /** What it is called in the catalogue; stored with each of its turns. */
  name: string;
  /** What people read in place of the name. */
  label: string;
  /** What it is good for; may be empty. */
  description: string;
  /** What is known of what it can call. */
  tools(): Promise<KnownTools>;
  /** What its steps of the kind `call` call. */
  toolbox?: Toolbox | undefined;
  model: Pick<ChatModel, 'name' | 'demo' | 'maxTokens' | 'vision' | 'mostTemperature'>;
  /** What its model costs; without them nothing. */
  prices?: Prices | undefined;
  /** The same agent over each other model that may answer for it. */
  others?: readonly Agent[] | undefined;
  /** What of a conversation it has to be given. */
  window: ContextWindow;
  /** Messages that stand before every conversation. */
  initialMessages: readonly LlmMessage[];
  /**
   * What comes next in a turn that has said this much; undefined: nothing, the last of it is the reply. It says the same
   * whenever it is asked the same, in whichever process: a turn that has settled more steps than its agent now has fails.
   * A turn says something, so the first one is never undefined.
   */
  next(said: readonly SaidStep[]): NextStep | undefined;
  /** What the model would be sent. Without `trimmed`, the limit of its server that is known now counts. */
  context(conversation: Conversation, trimmed?: Trimmed): Context;
};

/** What comes next, said by `source`: a model is asked, the tools that the last step asks for are called, or it is told. */
export type NextStep =
  | AskStep
  | { kind: 'call'; source: string }
  | { kind: 'tell'; source: string; said: { type: StepType; content: string; data: StepData } };

export type AskStep = {
  kind: 'ask';
  source: string;
  /**
   * Answers the conversation, whose last message is the user's or the step before, as `ChatModel.stream` does; but there
   * is a word of a reply, or a call, or it rejects.
   */
  reply(conversation: Conversation, signal: AbortSignal, take: TakeReply): Promise<void>;
  /** What a reply that is no call has to be, where that is said. */
  structured?: ReadStructured | undefined;
};

export type Context = {
  messages: LlmMessage[];
  policy: ContextPolicy;
  /** In the server's tokens, where it told it. */
  modelLimit: number | undefined;
  /** How many messages were not sent. */
  leftOut: { byPolicy: number; byModelLimit: number; empty: number };
  /** Of the messages, about. */
  tokens: number;
};

export type Agents = {
  /** Who answers where nobody else is named. */
  readonly default: Agent;
  readonly names: readonly string[];
  /** The default first; a new list whenever there are others. */
  readonly all: readonly [Agent, ...Agent[]];
  find(name: string): Agent | undefined;
  /** What belongs to it stays until the function that this gives is called. */
  hold(agent: Agent): () => void;
  /** What of the agents' files is wrong now. */
  readonly faults: readonly AgentFault[];
};

/** A file that was wrong when it was last read. `agent`: whose it is; undefined for all of them. `stays`: it answers as before. */
export type AgentFault = { agent: string | undefined; stays: boolean };

/** The names of the models that may answer for it, the one first that does where none is named. */
export const modelsOf = (agent: Agent): string[] => overEachModel(agent).map(({ model }) => model.name);

export const overEachModel = (agent: Agent): Agent[] => [agent, ...(agent.others ?? [])];

/**
 * A catalogue of agents with different names; the first is the default.
 *
 * @example
 * const agents = createAgents(createAssistant({ model, systemMessage: null, contextPolicy }));
 */
export function createAgents(first: Agent, ...others: Agent[]): Agents {
  const byName = new Map([first, ...others].map((agent) => [agent.name, agent]));
  const all: Agents['all'] = [first, ...others];
  return {
    default: first,
    all,
    names: [...byName.keys()],
    find: (name) => byName.get(name),
    hold: () => () => {},
    faults: [],
  };
}
