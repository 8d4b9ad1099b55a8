// The built-in demo model: offline, says what AgentChat is and how to set a real model, piece by piece.
import { sleep } from '../sleep.ts';
import type { Usage } from '../words/usage.ts';
import { demoTexts } from './demo-texts.ts';
import type { LlmMessage } from './messages.ts';
import type { ChatModel } from './model.ts';
import { messageText } from './replay.ts';
import { countTokens } from './tokens.ts';
import { wellFormed } from './well-formed.ts';

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

/** The thought and the reply to a context: the introduction first, something short later. */
function demoReply(messages: readonly LlmMessage[]): { thought: string; content: string } {
  const users = messages.filter((message) => message.type === 'UserMessage');
  const answered = messages.some((message) => message.type === 'AssistantMessage');
  const said = userText(users.at(-1));
  const texts = demoTexts(said);
  const content = answered || users.length > 1 ? texts.later : texts.first;
  return { thought: texts.thought, content: content(shortQuote(said)) };
}

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
    async stream(messages, signal, take) {
      signal.throwIfAborted();
      const { thought, content } = demoReply(messages);
      const thoughts = inPieces(thought, MOST_PIECES / 5).map((text) => ({ type: 'thought' as const, text }));
      const contents = inPieces(content, MOST_PIECES).map((text) => ({ type: 'content' as const, text }));
      for (const piece of [...thoughts, ...contents]) {
        await sleep(delayMs, signal);
        signal.throwIfAborted();
        if (!take([piece])) return;
      }
      signal.throwIfAborted();
      take([{ type: 'end', finishReason: 'stop', usage: estimatedUsage(messages, content) }]);
    },
  };
}
