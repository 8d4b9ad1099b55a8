// What of a conversation the model is given: AutoGen's context classes, over the two ends of the
// conversation, so that nothing grows with its length.
import type { LlmMessage } from '../models/messages.ts';
import { countTokens } from '../models/tokens.ts';
import type { ContextPolicy } from './context-policy.ts';
import { gap, nobody } from './valid-conversation.ts';

/** How many messages from either end of the conversation a policy can ever need, and if it tells how many are between. */
export type ContextWindow = { head: number; tail: number; countsSkipped: boolean };

/**
 * A conversation read through a window: its beginning, how many were left out, its end. `name`: under which what was
 * learned of it is remembered, if at all. `instructions` stand behind the agent's own.
 */
export type Conversation = {
  head: LlmMessage[];
  skipped: number;
  tail: LlmMessage[];
  name?: string;
  instructions?: string | null;
  temperature?: number | null;
};

// The least that a message can cost in a token limit: its framing.
const framingTokens = 4;
/** About what servers count for an image, whatever its size. */
const imageTokens = 1000;
/** The default policy reads no more than this, however short the messages are. */
const newestMessages = 200;

export function windowOf(policy: ContextPolicy): ContextWindow {
  switch (policy.kind) {
    case 'unbounded':
      return { head: Number.POSITIVE_INFINITY, tail: 0, countsSkipped: false };
    case 'buffered':
      return { head: 0, tail: policy.size, countsSkipped: false };
    case 'head_and_tail':
      return { head: policy.head, tail: policy.tail, countsSkipped: true };
    case 'token_limited': {
      // Messages are taken out of the middle, so that at most half of what fits is left at either end.
      const half = Math.ceil(policy.limit / framingTokens / 2) + 1;
      return { head: half, tail: half, countsSkipped: false };
    }
    case 'newest_that_fit':
      return { head: 0, tail: newestMessages, countsSkipped: false };
  }
}

/** The messages that the policy keeps. The last one, which is to be answered, is always among them. */
export function view(policy: ContextPolicy, { head, skipped, tail }: Conversation): LlmMessage[] {
  switch (policy.kind) {
    case 'unbounded':
      return [...head, ...tail];
    case 'buffered':
      return [...head, ...tail].slice(-policy.size);
    case 'head_and_tail':
      return headAndTail(policy, { head, skipped, tail });
    case 'token_limited':
      return tokenLimited([...head, ...tail], policy.limit);
    case 'newest_that_fit':
      return newestThatFit([...head, ...tail], policy.limit);
  }
}

function headAndTail(policy: { head: number; tail: number }, conversation: Conversation): LlmMessage[] {
  const all = [...conversation.head, ...conversation.tail];
  const skipped = conversation.skipped + all.length - policy.head - policy.tail;
  if (skipped <= 0) return all;
  return [
    ...all.slice(0, policy.head),
    { content: `Skipped ${skipped} messages.`, source: nobody, type: 'UserMessage' },
    ...all.slice(-policy.tail),
  ];
}

/** AutoGen's way: out of the middle until it fits. A reply whose question is gone is no reply to what is before it. */
function tokenLimited(messages: LlmMessage[], limit: number): LlmMessage[] {
  const costs = messages.map(cost);
  let total = sum(costs);
  if (total <= limit) return messages;
  // What is taken out lies together: what stays is so many from the beginning, and those from `tail` on.
  let head = Math.floor(messages.length / 2);
  let tail = head;
  for (let left = messages.length; total > limit && left > 1; left--) {
    const middle = Math.min(Math.floor(left / 2), left - 2);
    total -= costs[middle < head ? --head : tail++] ?? 0;
  }
  const between = messages[tail]?.type === 'UserMessage' ? [] : [gap];
  return [...messages.slice(0, head), ...between, ...messages.slice(tail)];
}

function newestThatFit(messages: LlmMessage[], limit: number): LlmMessage[] {
  return messages.slice(oldestThatDoNotFit(messages, limit));
}

/** How many of the oldest messages are too much for `limit` tokens. The last message is never one of them. */
export function oldestThatDoNotFit(messages: LlmMessage[], limit: number): number {
  if (fitSurely(messages, limit)) return 0;
  let first = messages.length - 1;
  for (let total = cost(messages[first]); first > 0; first--) {
    total += cost(messages[first - 1]);
    if (total > limit) break;
  }
  return Math.max(0, first);
}

/** About how many tokens these messages are. */
export const estimateTokens = (messages: readonly LlmMessage[]): number => sum(messages.map(cost));

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);

function cost(message: LlmMessage | undefined): number {
  return message ? framingTokens + imageTokens * countImages(message) + countTokens(textOf(message)) : 0;
}

/** No text has more tokens than UTF-16 units; most conversations are so short that nobody need count. */
function fitSurely(messages: LlmMessage[], limit: number): boolean {
  const most = (message: LlmMessage) =>
    framingTokens + imageTokens * countImages(message) + textOf(message).length;
  return messages.reduce((total, message) => total + most(message), 0) <= limit;
}

const isImage = (part: unknown): boolean => typeof part === 'object' && part !== null && 'data' in part;

const countImages = ({ content }: LlmMessage): number =>
  typeof content === 'string' ? 0 : content.filter(isImage).length;

const textOf = ({ content }: LlmMessage): string =>
  typeof content === 'string' ? content : JSON.stringify(content.filter((part) => !isImage(part)));
