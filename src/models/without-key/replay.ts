// AutoGen's ReplayChatCompletionClient: canned replies in their order, without a network.

import type { Usage } from '../../words/usage.ts';
import { wellFormed } from '../../words/well-formed.ts';
import { capabilities } from '../capabilities.ts';
import type { CreateResult } from '../config/config-schemas.ts';
import { reasons } from '../failure-reasons.ts';
import type { FunctionCall, LlmMessage } from '../messages.ts';
import { type Asking, type ChatModel, ModelError, type ModelEvent, mayCall } from '../model.ts';
import { wellFormedJson } from '../well-formed.ts';

/** Tokens as the canned models count them: words between whitespace. */
function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

/** Every text in a message, for counting. */
export function messageText(message: LlmMessage): string {
  if (typeof message.content === 'string') return message.content;
  return message.content
    .map((part) => (typeof part === 'string' ? part : 'content' in part ? part.content : ''))
    .join(' ');
}

/** The usage that a canned reply reports. */
function wordUsage(messages: readonly LlmMessage[], reply: string): Usage {
  const prompt = messages.reduce((sum, message) => sum + wordCount(messageText(message)), 0);
  return { prompt_tokens: prompt, completion_tokens: wordCount(reply) };
}

/** A text as words, each with the whitespace after it (the first one also with what is before it). */
export function words(text: string): string[] {
  return text.match(/^\s*\S+\s*|\S+\s*|^\s+$/g) ?? [];
}

/**
 * The events of one canned reply. A text comes word by word, a CreateResult in one piece; calls of tools as they are, and
 * only where some may be called.
 */
function* replyEvents(
  reply: string | CreateResult,
  messages: readonly LlmMessage[],
  asking: Asking,
): Generator<ModelEvent> {
  if (typeof reply === 'string') {
    const text = wellFormed(reply);
    for (const word of words(text)) yield { type: 'content', text: word };
    yield { type: 'end', finishReason: 'stop', usage: wordUsage(messages, text) };
    return;
  }
  const thought = wellFormed(reply.thought ?? '');
  if (thought !== '') yield { type: 'thought', text: thought };
  if (typeof reply.content !== 'string') {
    const calls = reply.content.map(storable);
    if (mayCall(asking)) yield { type: 'calls', calls };
    const usage = reply.usage ?? wordUsage(messages, calls.map((call) => call.arguments).join(' '));
    yield { type: 'end', finishReason: 'function_calls', usage };
    return;
  }
  const content = wellFormed(reply.content);
  if (content !== '') yield { type: 'content', text: content };
  const usage = reply.usage ?? wordUsage(messages, content);
  yield { type: 'end', finishReason: reply.finish_reason ?? 'stop', usage };
}

const storable = (call: FunctionCall): FunctionCall => ({
  id: wellFormed(call.id),
  arguments: wellFormedJson(wellFormed(call.arguments)),
  name: wellFormed(call.name),
});

/**
 * A ChatModel that gives the replies one after the other, whoever asks, and then fails. When the caller's
 * signal fires, `stream` throws its reason. `info` is AutoGen's `model_info`.
 */
export function replayModel(
  replies: readonly (string | CreateResult)[],
  info?: Record<string, unknown>,
): ChatModel {
  let next = 0;
  return {
    name: 'replay',
    description: {
      en: `Replay client, ${replies.length} canned replies`,
      'zh-CN': `Replay 客户端，${replies.length} 条预设回复`,
    },
    demo: false,
    ...capabilities('replay', info),
    async stream(messages, signal, take, asking = {}) {
      signal.throwIfAborted();
      const reply = replies[next];
      if (reply === undefined) throw new ModelError('failed', reasons.noMoreReplies);
      next += 1;
      for (const event of replyEvents(reply, messages, asking)) {
        signal.throwIfAborted();
        if (!take([event])) return;
      }
    },
  };
}
