import { expect, test } from 'bun:test';
import type { LlmMessage } from '../models/messages.ts';
import { type Conversation, view, windowOf } from './context.ts';
import type { ContextPolicy } from './context-policy.ts';

const user = (content: string): LlmMessage => ({ content, source: 'user', type: 'UserMessage' });
const messages = (count: number): LlmMessage[] => Array.from({ length: count }, (_, n) => user(`m${n}`));
const contents = (list: LlmMessage[]) => list.map((message) => message.content);

/** The conversation as it is read through the policy's window. */
function readThrough(policy: ContextPolicy, all: LlmMessage[]): Conversation {
  const window = windowOf(policy);
  const head = all.slice(0, window.head);
  const tail = all.slice(head.length).slice(window.tail === 0 ? all.length : -window.tail);
  return { head, skipped: all.length - head.length - tail.length, tail };
}
const seen = (policy: ContextPolicy, all: LlmMessage[]) => view(policy, readThrough(policy, all));

test('unbounded: all', () => {
  expect(seen({ kind: 'unbounded' }, messages(500))).toEqual(messages(500));
});

test('buffered: the last n', () => {
  expect(contents(seen({ kind: 'buffered', size: 3 }, messages(10)))).toEqual(['m7', 'm8', 'm9']);
});

test('head and tail: both ends, and how many were skipped', () => {
  const policy: ContextPolicy = { kind: 'head_and_tail', head: 2, tail: 2 };
  expect(contents(seen(policy, messages(4)))).toEqual(['m0', 'm1', 'm2', 'm3']);
  expect(seen(policy, messages(10))).toEqual([
    user('m0'),
    user('m1'),
    { content: 'Skipped 6 messages.', source: 'System', type: 'UserMessage' },
    user('m8'),
    user('m9'),
  ]);
});

test('an image counts as one, however large it is', () => {
  const image: LlmMessage = {
    content: ['look', { data: 'A'.repeat(1e6) }],
    source: 'user',
    type: 'UserMessage',
  };
  expect(seen({ kind: 'newest_that_fit', limit: 2000 }, [image, user('b')])).toEqual([image, user('b')]);
  expect(seen({ kind: 'newest_that_fit', limit: 500 }, [image, user('b')])).toEqual([user('b')]);
});

test('token limited: taken out of the middle until it fits, the same as over the whole conversation', () => {
  const policy: ContextPolicy = { kind: 'token_limited', limit: 30 };
  const all = messages(100);
  const left = contents(seen(policy, all));
  expect(left).toEqual(contents(view(policy, { head: all.slice(), skipped: 0, tail: [] })));
  expect(left[0]).toBe('m0');
  expect(left.at(-1)).toBe('m99');
  expect(left.length).toBeLessThan(10);
});

test('token limited: one after the other out of the middle, as AutoGen does, also of many', () => {
  // Each costs five tokens.
  const oneByOne = (all: LlmMessage[], limit: number): LlmMessage[] => {
    const left = [...all];
    while (left.length * 5 > limit && left.length > 1)
      left.splice(Math.min(Math.floor(left.length / 2), left.length - 2), 1);
    return left;
  };
  for (let count = 1; count < 20; count++) {
    const all = Array.from({ length: count }, (_, n) => user(String.fromCharCode(97 + n)));
    for (let limit = 1; limit <= 5 * count; limit += 3) {
      const left = view({ kind: 'token_limited', limit }, { head: all, skipped: 0, tail: [] });
      expect(contents(left)).toEqual(contents(oneByOne(all, limit)));
    }
  }
  const many = view(
    { kind: 'token_limited', limit: 50 },
    { head: messages(1_000_000), skipped: 0, tail: [] },
  );
  expect(many.at(-1)).toEqual(user('m999999'));
});

test('newest that fit: from the end backwards', () => {
  const policy: ContextPolicy = { kind: 'newest_that_fit', limit: 15 };
  expect(contents(seen(policy, messages(50)))).toEqual(['m47', 'm48', 'm49']);
});

test('the message to be answered is always sent, however long', () => {
  const long = user('长'.repeat(100_000));
  for (const policy of [
    { kind: 'newest_that_fit', limit: 10 },
    { kind: 'token_limited', limit: 10 },
    { kind: 'buffered', size: 1 },
    { kind: 'head_and_tail', head: 1, tail: 1 },
  ] as const) {
    expect(seen(policy, [...messages(20), long]).at(-1)).toEqual(long);
  }
});
