// The agent: turns a conversation into the events of its reply.
import type { LlmMessage } from '../models/messages.ts';
import type { ChatModel } from '../models/model.ts';
import { type Asked, ask, request, type TakeReply, type Trimmed, tooMuch } from './ask.ts';
import { type ContextWindow, type Conversation, estimateTokens, view, windowOf } from './context.ts';
import type { ContextPolicy } from './context-policy.ts';
import { createLimitMemory } from './model-limit.ts';
import { countEmpty } from './valid-conversation.ts';

export type Assistant = {
  model: Pick<ChatModel, 'name' | 'demo'>;
  /** What of a conversation it has to be given. */
  window: ContextWindow;
  /** Messages that stand before every conversation. */
  initialMessages: readonly LlmMessage[];
  /**
   * Answers the last message of the conversation, as `ChatModel.stream` does; but there is a word of a reply, or it
   * rejects.
   */
  reply(conversation: Conversation, signal: AbortSignal, take: TakeReply): Promise<void>;
  /** What the model would be sent. Without `trimmed`, the limit of its server that is known now counts. */
  context(conversation: Conversation, trimmed?: Trimmed): Context;
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

export type AssistantOptions = {
  model: ChatModel;
  /** Null for the default one; an empty text for none. */
  systemMessage: string | null;
  contextPolicy: ContextPolicy;
};

export const defaultSystemMessage = 'You are a helpful assistant. Answer in the language of the user.';

/**
 * An agent over a model. It remembers, for each conversation that has a name, what the model's server told of its limit.
 *
 * @example
 * const assistant = createAssistant({ model, systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY });
 * await assistant.reply({ head: [], skipped: 0, tail: messages }, signal, take);
 */
export function createAssistant({ model, systemMessage, contextPolicy }: AssistantOptions): Assistant {
  const content = systemMessage ?? defaultSystemMessage;
  const system: LlmMessage[] = content === '' ? [] : [{ content, type: 'SystemMessage' }];
  const memory = createLimitMemory();
  const asked = (conversation: Conversation): Asked => ({
    conversation: conversation.name,
    system,
    kept: view(contextPolicy, conversation),
  });

  return {
    model,
    window: windowOf(contextPolicy),
    initialMessages: contextPolicy.initialMessages ?? [],
    reply: (conversation, signal, take) => ask(model, memory, asked(conversation), signal, take),
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
