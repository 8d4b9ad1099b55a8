// The agent: turns a conversation into the events of its reply.
import type { ContextPolicy } from '../models/context-policy.ts';
import type { LlmMessage } from '../models/messages.ts';
import type { ChatModel, TakeEvents } from '../models/model.ts';
import { type ContextWindow, type Conversation, view, windowOf } from './context.ts';

export type Assistant = {
  model: Pick<ChatModel, 'name' | 'demo'>;
  /** What of a conversation it has to be given. */
  window: ContextWindow;
  /** Messages that stand before every conversation. */
  initialMessages: readonly LlmMessage[];
  /** Answers the last message of the conversation, as `ChatModel.stream` does. */
  reply(conversation: Conversation, signal: AbortSignal, take: TakeEvents): Promise<void>;
};

export type AssistantOptions = {
  model: ChatModel;
  systemMessage: string | null;
  contextPolicy: ContextPolicy;
};

export const defaultSystemMessage = 'You are a helpful assistant. Answer in the language of the user.';

export function createAssistant({ model, systemMessage, contextPolicy }: AssistantOptions): Assistant {
  const content = systemMessage ?? defaultSystemMessage;
  const system: LlmMessage[] = content === '' ? [] : [{ content, type: 'SystemMessage' }];
  return {
    model,
    window: windowOf(contextPolicy),
    initialMessages: contextPolicy.initialMessages ?? [],
    reply: (conversation, signal, take) =>
      model.stream([...system, ...view(contextPolicy, conversation)], signal, take),
  };
}
