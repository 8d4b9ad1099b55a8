// Turns a context into the parts of an Anthropic request that are made of it: system, messages, and tools of the past.
import { isBlank } from './blank.ts';
import type { LlmMessage } from './messages.ts';
import { toolArguments } from './tool-arguments.ts';

type TextBlock = { type: 'text'; text: string };
type Block =
  | TextBlock
  | { type: 'image'; source: { type: 'base64'; media_type: string; data: string } }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> }
  | { type: 'tool_result'; tool_use_id: string; content: string; is_error?: true };

type WireMessage = { role: 'user' | 'assistant'; content: Block[] };
type Tool = { name: string; input_schema: { type: 'object' } };

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

/** How images begin, in base64. AutoGen writes PNG, whatever it was given, but others may have written the state. */
const IMAGE_TYPES: [beginning: string, type: string][] = [
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

function imageBlock(data: string): Block {
  const type = IMAGE_TYPES.find(([beginning]) => data.startsWith(beginning))?.[1] ?? 'image/png';
  return { type: 'image', source: { type: 'base64', media_type: type, data } };
}

/** A name or id as it is accepted; those that other servers gave may hold more. */
const accepted = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_-]/g, '_') || '_';

function blocksOf(message: LlmMessage): Block[] {
  switch (message.type) {
    case 'SystemMessage':
      return [];
    case 'UserMessage':
      if (typeof message.content === 'string') return textBlocks(message.content);
      return message.content.flatMap((item) =>
        typeof item === 'string' ? textBlocks(item) : [imageBlock(item.data)],
      );
    case 'AssistantMessage':
      if (typeof message.content === 'string') return textBlocks(message.content);
      return [
        ...textBlocks(message.thought),
        ...message.content.map(({ id, name, arguments: given }): Block => {
          return { type: 'tool_use', id: accepted(id), name: accepted(name), input: toolArguments(given) };
        }),
      ];
    case 'FunctionExecutionResultMessage':
      return message.content.map(({ call_id, content, is_error }) => ({
        type: 'tool_result',
        tool_use_id: accepted(call_id),
        content,
        ...(is_error ? { is_error } : {}),
      }));
  }
}

/** Messages of one role that follow each other are one, as are results of tools and what is said after them. */
function wireMessages(messages: readonly LlmMessage[]): WireMessage[] {
  const wire: WireMessage[] = [];
  for (const message of messages) {
    const role = message.type === 'AssistantMessage' ? 'assistant' : 'user';
    const content = blocksOf(message);
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
 * What of the request's body is made of the conversation; `hasTools`: the body defines tools of its own. The thought
 * of a text reply is not sent back; that of tool calls is, as text.
 */
export function anthropicConversation(
  messages: readonly LlmMessage[],
  { hasTools }: { hasTools: boolean },
): AnthropicConversation {
  const system = messages.flatMap((message) => (message.type === 'SystemMessage' ? [message.content] : []));
  const wire = wireMessages(messages);
  return {
    ...(system.some((text) => !isBlank(text)) ? { system: system.join('\n') } : {}),
    messages: wire,
    ...(hasTools ? {} : pastTools(wire)),
  };
}
