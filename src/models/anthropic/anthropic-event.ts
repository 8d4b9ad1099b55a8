// One event of Anthropic's stream (or a whole message that was not streamed), as a chunk of a completion.
import type { Usage } from '../../words/usage.ts';
import { type Fields, isObject, isText, listOf, textOf } from '../config/fields.ts';
import {
  type CompletionChoice,
  type CompletionChunk,
  finishReason,
  Misshapen,
  optional,
  type ReadChunk,
  tokens,
  usageOf,
} from '../openai/completion-chunk.ts';
import { argumentsText, type CallPart, noCalls } from '../reply/call-part.ts';

/** What is in a block of content, or was added to one. Whatever is neither text, thought nor tool call is left out. */
function readBlock(
  value: unknown,
  index: unknown,
  isWhole: boolean,
): Pick<CompletionChoice, 'thought' | 'content' | 'calls'> {
  if (!isObject(value)) throw new Misshapen();
  const { type } = value;
  return {
    thought: type === 'thinking' || type === 'thinking_delta' ? (optional(value.thinking, isText) ?? '') : '',
    content: type === 'text' || type === 'text_delta' ? (optional(value.text, isText) ?? '') : '',
    calls: callsIn(value, index, isWhole),
  };
}

/** The call in a block. What its server calls by itself is none of ours: it stays without a name. */
function callsIn(block: Fields, index: unknown, isWhole: boolean): readonly CallPart[] {
  const { type } = block;
  if (type !== 'tool_use' && type !== 'server_tool_use' && type !== 'input_json_delta') return noCalls;
  const isOurs = type === 'tool_use';
  // A streamed block begins with an empty input, which is not its arguments.
  const input = isWhole || !isEmpty(block.input) ? argumentsText(block.input) : '';
  const part = {
    index: typeof index === 'number' ? index : undefined,
    id: isOurs ? textOf(block.id) : '',
    name: isOurs ? textOf(block.name) : '',
    arguments: type === 'input_json_delta' ? textOf(block.partial_json) : input,
    isWhole,
  };
  return type === 'input_json_delta' && part.arguments === '' ? noCalls : [part];
}

const isEmpty = (input: unknown): boolean => isObject(input) && Object.keys(input).length === 0;

/** A part of a reply, of its block `index`, or (`isWhole`) all of it. */
function part(blocks: unknown[], stopReason: unknown, isWhole: boolean, index?: unknown): CompletionChoice {
  const read = blocks.map((block) => readBlock(block, index, isWhole));
  return {
    index: 0,
    isDelta: !isWhole,
    thought: read.map((block) => block.thought).join(''),
    content: read.map((block) => block.content).join(''),
    calls: read.flatMap((block) => block.calls),
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
        return { choices: [part([event.content_block], undefined, false, event.index)], usage: null };
      case 'content_block_delta':
        return { choices: [part([event.delta], undefined, false, event.index)], usage: null };
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
