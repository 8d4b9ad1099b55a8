// The assistant: an agent with one model, whose turns have one step.
import type { LlmMessage } from '../models/messages.ts';
import type { ChatModel } from '../models/model.ts';
import type { Agent, NextStep } from './agent.ts';
import { type Asked, ask, request, tooMuch } from './ask.ts';
import { type Conversation, estimateTokens, view, windowOf } from './context.ts';
import type { ContextPolicy } from './context-policy.ts';
import { createLimitMemory } from './model-limit.ts';
import type { Prices } from './prices.ts';
import { countEmpty } from './valid-conversation.ts';

export type AssistantOptions = {
  /** In the catalogue, and as who it speaks. */
  name?: string;
  model: ChatModel;
  /** Null for the default one; an empty text for none. */
  systemMessage: string | null;
  contextPolicy: ContextPolicy;
  prices?: Prices | undefined;
};

export const defaultSystemMessage = 'You are a helpful assistant. Answer in the language of the user.';

/**
 * An agent over one model. It remembers, for each conversation that has a name, what the model's server told of its limit.
 *
 * @example
 * const agents = createAgents(createAssistant({ model, systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY }));
 */
export function createAssistant({
  name = 'assistant',
  model,
  systemMessage,
  contextPolicy,
  prices,
}: AssistantOptions): Agent {
  const content = systemMessage ?? defaultSystemMessage;
  const system: LlmMessage[] = content === '' ? [] : [{ content, type: 'SystemMessage' }];
  const memory = createLimitMemory();
  const asked = (conversation: Conversation): Asked => ({
    conversation: conversation.name,
    system,
    kept: view(contextPolicy, conversation),
  });

  const reply: NextStep = {
    source: name,
    reply: (conversation, signal, take) => ask(model, memory, asked(conversation), signal, take),
  };

  return {
    name,
    model,
    prices,
    window: windowOf(contextPolicy),
    initialMessages: contextPolicy.initialMessages ?? [],
    next: (said) => (said.length === 0 ? reply : undefined),
    context(conversation, trimmed) {
      const all = new Set([...conversation.head, ...conversation.tail]);
      const would = asked(conversation);
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
