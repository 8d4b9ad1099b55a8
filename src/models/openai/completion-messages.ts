// Turns a context into the messages of an OpenAI-style request, the way AutoGen's OpenAI client does.
import type { FunctionCall, LlmMessage, ReasonedMessage } from '../messages.ts';
import { imageType } from '../result-images.ts';
import { acceptedName } from '../tool-names.ts';

/**
 * `includeName` sends the source of a user's message as its `name`; `wants` is what a model refuses to go on without
 * behind calls of its own; `toolName` gives the name by which a tool is sent.
 */
export type MessageOptions = { includeName: boolean; wants?: Wants; toolName?: (name: string) => string };

export type Wants = { reasoning: boolean; signature: boolean };

/**
 * What a model of this name wants back of calls: DeepSeek, Kimi, MiniMax and MiMo their reasoning, and if it was none; Gemini
 * 3 and later a signature.
 */
export const wantsOf = (model: string): Wants => ({
  reasoning: /deepseek|kimi|moonshot|minimax|mimo/i.test(model),
  signature: /gemini-(?![12]\b)/i.test(model),
});

/** What Google has for calls whose signature is not known. */
const NO_SIGNATURE = { google: { thought_signature: 'skip_thought_signature_validator' } };

type WirePart = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } };
type WireToolCall = {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
  extra_content?: typeof NO_SIGNATURE;
};

/** A message as it goes over the wire. */
export type WireMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string | WirePart[]; name?: string }
  | { role: 'assistant'; content: string | null; reasoning_content?: string; tool_calls?: WireToolCall[] }
  | { role: 'tool'; content: string; tool_call_id: string };

type UserMessage = Extract<LlmMessage, { type: 'UserMessage' }>;

/** What OpenAI accepts as a name; any other source is left out rather than refused. */
const ACCEPTED_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

const userPart = (part: Exclude<UserMessage['content'], string>[number]): WirePart =>
  typeof part === 'string'
    ? { type: 'text', text: part }
    : { type: 'image_url', image_url: { url: `data:${imageType(part.data)};base64,${part.data}` } };

function userMessage({ content, source }: UserMessage, { includeName }: MessageOptions): WireMessage {
  const named = includeName && source !== 'user' && ACCEPTED_NAME.test(source);
  return {
    role: 'user',
    content: typeof content === 'string' ? content : content.map(userPart),
    ...(named ? { name: source } : {}),
  };
}

function callsMessage(
  { thought, reasoning = '' }: ReasonedMessage,
  calls: FunctionCall[],
  { wants, toolName = acceptedName }: MessageOptions,
): WireMessage {
  return {
    role: 'assistant',
    content: thought,
    ...(wants?.reasoning ? { reasoning_content: reasoning } : {}),
    tool_calls: calls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: toolName(call.name), arguments: call.arguments },
      ...(wants?.signature ? { extra_content: NO_SIGNATURE } : {}),
    })),
  };
}

function wireMessages(message: LlmMessage, options: MessageOptions): WireMessage[] {
  switch (message.type) {
    case 'SystemMessage':
      return [{ role: 'system', content: message.content }];
    case 'UserMessage':
      return [userMessage(message, options)];
    case 'AssistantMessage':
      if (typeof message.content === 'string') return [{ role: 'assistant', content: message.content }];
      return [callsMessage(message, message.content, options)];
    case 'FunctionExecutionResultMessage':
      return message.content.map((result) => ({
        role: 'tool',
        content: result.content,
        tool_call_id: result.call_id,
      }));
  }
}

/** The request's `messages`. The thought of a text reply is not sent back; that of tool calls is, as content. */
export function completionMessages(messages: readonly LlmMessage[], options: MessageOptions): WireMessage[] {
  return messages.flatMap((message) => wireMessages(message, options));
}
