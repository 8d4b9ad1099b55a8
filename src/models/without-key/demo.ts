// The built-in demo model: offline, says what AgentChat is and how to set a real model, piece by piece.

import { sleep } from '../../sleep.ts';
import type { Usage } from '../../words/usage.ts';
import { wellFormed } from '../../words/well-formed.ts';
import type { FunctionCall, LlmMessage } from '../messages.ts';
import { type Asking, type ChatModel, type ModelEvent, mayCall } from '../model.ts';
import { newCallId } from '../reply/call-gatherer.ts';
import { countTokens } from '../tokens.ts';
import { type DemoCall, demoCall } from './demo-call.ts';
import { demoTexts } from './demo-texts.ts';
import { messageText } from './replay.ts';

const DEFAULT_DELAY_MS = 16;
/** However long a text is, it is told in at most so many pieces: about two seconds. */
const MOST_PIECES = 110;
const LONGEST_QUOTE = 40;

/** The beginning of a text on one line, without what Markdown would make of it. */
function shortQuote(text: string): string {
  const line = wellFormed(text)
    .replaceAll(/[\s`*_<>[\]]+/g, ' ')
    .trim();
  const characters = Array.from(new Intl.Segmenter().segment(line), (item) => item.segment);
  return characters.length > LONGEST_QUOTE ? `${characters.slice(0, LONGEST_QUOTE).join('')}…` : line;
}

function userText(message: LlmMessage | undefined): string {
  if (message?.type !== 'UserMessage') return '';
  if (typeof message.content === 'string') return message.content;
  return message.content.filter((part) => typeof part === 'string').join(' ');
}

/** A text in at most `most` pieces of words, or of a few characters where there are no spaces. */
function inPieces(text: string, most: number): string[] {
  const small = text.match(/\s*[!-~]+|\s*[^\s!-~]{1,2}|\s+$/gu) ?? [];
  const each = Math.max(1, Math.ceil(small.length / most));
  return Array.from({ length: Math.ceil(small.length / each) }, (_, index) =>
    small.slice(index * each, (index + 1) * each).join(''),
  );
}

function estimatedUsage(messages: readonly LlmMessage[], reply: string): Usage {
  const prompt = messages.reduce((sum, message) => sum + countTokens(messageText(message)), 0);
  return { prompt_tokens: prompt, completion_tokens: countTokens(reply) };
}

type DemoReply = { thought: string; content: string; calls?: FunctionCall[] };

/**
 * The thought and the reply to a context: the introduction first, something short later; the call of a tool that the
 * message names, and then what it gave.
 */
function demoReply(messages: readonly LlmMessage[], asking: Asking): DemoReply {
  const users = messages.filter((message) => message.type === 'UserMessage');
  const answered = messages.some((message) => message.type === 'AssistantMessage');
  const said = userText(users.at(-1));
  const texts = demoTexts(said);
  const last = messages.at(-1);
  if (last?.type === 'FunctionExecutionResultMessage')
    return { thought: texts.resultThought, content: texts.results(last.content) };
  const tools = mayCall(asking) ? (asking.tools ?? []) : [];
  const call = demoCall(said, tools) ?? neededCall(asking);
  if (call) return { thought: texts.callThought(call.tool.name), content: '', calls: [functionCall(call)] };
  const content = answered || users.length > 1 ? texts.later : texts.first;
  const names = tools.map(({ name }) => name);
  return {
    thought: texts.thought,
    content: content(shortQuote(said)) + (names.length ? texts.tools(names) : ''),
  };
}

/** Where something has to be called, the first tool with what it needs. */
function neededCall({ tools = [], toolChoice }: Asking): DemoCall | undefined {
  const [tool] = tools;
  return toolChoice === 'required' && tool ? demoCall(tool.name, [tool]) : undefined;
}

const functionCall = ({ tool, arguments: given }: DemoCall): FunctionCall => ({
  id: newCallId(),
  arguments: JSON.stringify(given),
  name: tool.name,
});

/**
 * The demo model. `delayMs` is the pause before each piece. When the caller's signal fires, `stream` throws
 * its reason.
 */
export function demoModel(options: { delayMs?: number } = {}): ChatModel {
  const { delayMs = DEFAULT_DELAY_MS } = options;
  return {
    name: 'demo',
    description: {
      en: 'built-in demo model: offline, set a real one in model_config.yaml or with OPENAI_API_KEY',
      'zh-CN': '内置演示模型：离线运行；真实模型在 model_config.yaml 中或用 OPENAI_API_KEY 设置',
    },
    demo: true,
    callsTools: true,
    vision: false,
    structuredOutput: false,
    async stream(messages, signal, take, asking = {}) {
      signal.throwIfAborted();
      const { thought, content, calls } = demoReply(messages, asking);
      const thoughts = inPieces(thought, MOST_PIECES / 5).map((text) => ({ type: 'thought' as const, text }));
      const contents = inPieces(content, MOST_PIECES).map((text) => ({ type: 'content' as const, text }));
      for (const piece of [...thoughts, ...contents]) {
        await sleep(delayMs, signal);
        signal.throwIfAborted();
        if (!take([piece])) return;
      }
      signal.throwIfAborted();
      const called: ModelEvent[] = calls ? [{ type: 'calls', calls }] : [];
      const reply = content + (calls ?? []).map((call) => call.arguments).join('');
      const finishReason = calls ? 'function_calls' : 'stop';
      take([...called, { type: 'end', finishReason, usage: estimatedUsage(messages, reply) }]);
    },
  };
}
