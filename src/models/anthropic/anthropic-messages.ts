// Turns a context into the parts of an Anthropic request that are made of it: system, messages, and tools of the past.

import type { LlmMessage } from '../messages.ts';
import { isBlank } from '../reply/blank.ts';
import { imageType, resultParts } from '../result-images.ts';
import { toolArguments } from '../tool-arguments.ts';
import { acceptedName } from '../tool-names.ts';

type TextBlock = { type: 'text'; text: string };
type ImageBlock = { type: 'image'; source: { type: 'base64'; media_type: string; data: string } };
type ResultBlock = TextBlock | ImageBlock;
type Block =
  | ResultBlock
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> }
  | { type: 'tool_result'; tool_use_id: string; content: string | ResultBlock[]; is_error?: true };

type WireMessage = { role: 'user' | 'assistant'; content: Block[] };
type Tool = { name: string; input_schema: { type: 'object' } };

/**
 * `hasTools`: the body defines tools of its own; `toolName` gives the name by which a tool is sent; `seesImages`: those of
 * results are sent as images.
 */
export type ConversationOptions = {
  hasTools: boolean;
  toolName?: (name: string) => string;
  seesImages?: boolean;
};

/** What of a request's body the conversation makes. */
export type AnthropicConversation = {
  system?: string;
  messages: WireMessage[];
  tools?: Tool[];
  tool_choice?: { type: 'none' };
};

/** A text; blank ones are refused, so there is no block for them. */
function textBlocks(text: string | null): TextBlock[] {
  return text === null || isBlank(text) ? [] : [{ type: 'text', text }];
}

function imageBlock(data: string): ImageBlock {
  return { type: 'image', source: { type: 'base64', media_type: imageType(data), data } };
}

/** An id as it is accepted; those that other servers gave may hold more. */
const acceptedId = (id: string): string => id.replaceAll(/[^a-zA-Z0-9_-]/g, '_') || '_';

/** A result as text, or as texts and images in turn. */
function resultContent(content: string, seesImages: boolean): string | ResultBlock[] {
  const parts = seesImages ? resultParts(content) : [];
  if (parts.length < 2) return content;
  return parts.flatMap((part): ResultBlock[] =>
    typeof part === 'string' ? textBlocks(part) : [imageBlock(part.data)],
  );
}

function blocksOf(message: LlmMessage, options: ConversationOptions): Block[] {
  const { toolName = acceptedName, seesImages = false } = options;
  switch (message.type) {
    case 'SystemMessage':
      return [];
    case 'UserMessage':
      if (typeof message.content === 'string') return textBlocks(message.content);
      return message.content.flatMap((item): Block[] =>
        typeof item === 'string' ? textBlocks(item) : [imageBlock(item.data)],
      );
    case 'AssistantMessage':
      if (typeof message.content === 'string') return textBlocks(message.content);
      return [
        ...textBlocks(message.thought),
        ...message.content.map(({ id, name, arguments: given }): Block => {
          return { type: 'tool_use', id: acceptedId(id), name: toolName(name), input: toolArguments(given) };
        }),
      ];
    case 'FunctionExecutionResultMessage':
      return message.content.map(
        ({ call_id, content, is_error }): Block => ({
          type: 'tool_result',
          tool_use_id: acceptedId(call_id),
          content: resultContent(content, seesImages),
          ...(is_error ? { is_error } : {}),
        }),
      );
  }
}

/** Messages of one role that follow each other are one, as are results of tools and what is said after them. */
function wireMessages(messages: readonly LlmMessage[], options: ConversationOptions): WireMessage[] {
  const wire: WireMessage[] = [];
  for (const message of messages) {
    const role = message.type === 'AssistantMessage' ? 'assistant' : 'user';
    const content = blocksOf(message, options);
    const last = wire.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) wire.push({ role, content });
  }
  return wire;
}

/** Tools that were called in the past have to be told again; none of them can be called now. */
function pastTools(messages: readonly WireMessage[]): Pick<AnthropicConversation, 'tools' | 'tool_choice'> {
  const blocks = messages.flatMap(({ content }) => content);
  const names = new Set(blocks.flatMap((block) => (block.type === 'tool_use' ? [block.name] : [])));
  if (names.size === 0) return {};
  const tools = [...names].map((name): Tool => ({ name, input_schema: { type: 'object' } }));
  return { tools, tool_choice: { type: 'none' } };
}

/**
 * What of the request's body is made of the conversation. The thought of a text reply is not sent back; that of tool
 * calls is, as text.
 */
export function anthropicConversation(
  messages: readonly LlmMessage[],
  options: ConversationOptions,
): AnthropicConversation {
  const system = messages.flatMap((message) => (message.type === 'SystemMessage' ? [message.content] : []));
  const wire = wireMessages(messages, options);
  return {
    ...(system.some((text) => !isBlank(text)) ? { system: system.join('\n') } : {}),
    messages: wire,
    ...(options.hasTools ? {} : pastTools(wire)),
  };
}
