// One event of Anthropic's stream (or a whole message that was not streamed), as a chunk of a completion.
import type { Usage } from '../words/usage.ts';
import {
  type CompletionChoice,
  type CompletionChunk,
  type Fields,
  finishReason,
  isObject,
  isText,
  listOf,
  Misshapen,
  optional,
  type ReadChunk,
  textOf,
  tokens,
  usageOf,
} from './completion-chunk.ts';

/** What is in a block of content, or was added to one. Whatever is neither text, thought nor tool call is left out. */
function readBlock(value: unknown): Pick<CompletionChoice, 'thought' | 'content' | 'callsTool'> {
  if (!isObject(value)) throw new Misshapen();
  const { type } = value;
  return {
    thought: type === 'thinking' || type === 'thinking_delta' ? (optional(value.thinking, isText) ?? '') : '',
    content: type === 'text' || type === 'text_delta' ? (optional(value.text, isText) ?? '') : '',
    callsTool: callsTool(value),
  };
}

function callsTool({ type, partial_json }: Fields): boolean {
  if (type === 'input_json_delta') return textOf(partial_json) !== '';
  return type === 'tool_use' || type === 'server_tool_use';
}

/** A part of a reply; `isWhole`: all of it. */
function part(blocks: unknown[], stopReason: unknown, isWhole: boolean): CompletionChoice {
  const read = blocks.map(readBlock);
  return {
    index: 0,
    isDelta: !isWhole,
    thought: read.map((block) => block.thought).join(''),
    content: read.map((block) => block.content).join(''),
    callsTool: read.some((block) => block.callsTool),
    finishReason: textOf(stopReason) === '' ? undefined : finishReason(textOf(stopReason)),
  };
}

const INPUT = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];

/** Adds up what is said of tokens: the input at the beginning of a reply, the output as it grows. */
function createTokenCount(): (usage: unknown) => Usage | null {
  const counts = new Map<string, number>();
  return (usage) => {
    if (!isObject(usage)) return null;
    for (const name of [...INPUT, 'output_tokens']) {
      if (typeof usage[name] === 'number') counts.set(name, tokens(usage[name]));
    }
    // Input that was read from the cache, or put there, is not in `input_tokens`.
    const prompt = INPUT.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
    return usageOf(prompt, counts.get('output_tokens'));
  };
}

/** A reader of the events of one answer. What is no event is no chunk either; one of a kind not known is empty. */
export function createAnthropicReader(): ReadChunk {
  const count = createTokenCount();

  function read(event: Fields): CompletionChunk {
    switch (event.type) {
      case 'message_start':
        return { choices: [], usage: count(optional(event.message, isObject)?.usage) };
      case 'content_block_start':
        return { choices: [part([event.content_block], undefined, false)], usage: null };
      case 'content_block_delta':
        return { choices: [part([event.delta], undefined, false)], usage: null };
      case 'message_delta': {
        const delta = optional(event.delta, isObject);
        return { choices: [part([], delta?.stop_reason, false)], usage: count(event.usage) };
      }
      case 'message':
        return {
          choices: [part(listOf(event.content), event.stop_reason, true)],
          usage: count(event.usage),
        };
      default:
        return { choices: [], usage: null };
    }
  }

  return (value) => {
    if (!isObject(value) || !isText(value.type)) throw new Misshapen();
    return read(value);
  };
}
