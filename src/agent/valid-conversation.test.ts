// What a model is sent, held against the strictest reading that any server has of a conversation.
import { expect, test } from 'bun:test';
import type { LlmMessage } from '../models/messages.ts';
import { view } from './context.ts';
import type { ContextPolicy } from './context-policy.ts';
import { gap, isToolCalls, validConversation } from './valid-conversation.ts';

type User = Extract<LlmMessage, { type: 'UserMessage' }>;
const user = (content: User['content'], source = 'user'): User => ({ content, source, type: 'UserMessage' });
const system = (content: string): LlmMessage => ({ content, type: 'SystemMessage' });
const assistant = (content: string, thought: string | null = null): LlmMessage => ({
  content,
  thought,
  source: 'assistant',
  type: 'AssistantMessage',
});
const calls = (ids: string[], thought: string | null = null): LlmMessage => ({
  content: ids.map((id) => ({ id, arguments: '{}', name: 'f' })),
  thought,
  source: 'assistant',
  type: 'AssistantMessage',
});
const results = (...ids: string[]): LlmMessage => ({
  content: ids.map((call_id) => ({ content: `is ${call_id}`, name: 'f', call_id, is_error: false })),
  type: 'FunctionExecutionResultMessage',
});

const roleOf = (message: LlmMessage | undefined) => message?.type;
const textsOf = ({ content }: LlmMessage): string[] =>
  typeof content === 'string' ? [content] : content.map((part) => (typeof part === 'string' ? part : 'x'));

/** Fails unless the strictest server would take it. */
function expectValid(messages: LlmMessage[]) {
  const isSystem = (message: LlmMessage) => message.type === 'SystemMessage';
  const turns = messages.slice(messages[0] && isSystem(messages[0]) ? 1 : 0);
  expect(turns.filter(isSystem)).toEqual([]);
  expect(roleOf(turns[0])).toBe('UserMessage');
  expect(['UserMessage', 'FunctionExecutionResultMessage']).toContain(String(roleOf(turns.at(-1))));
  turns.forEach((message, index) => {
    const next = turns[index + 1];
    expect(textsOf(message).length).toBeGreaterThan(0);
    for (const text of textsOf(message)) expect(text.trim()).not.toBe('');
    if (isToolCalls(message)) {
      const ids = message.content.map(({ id }) => id);
      expect(
        next?.type === 'FunctionExecutionResultMessage' && next.content.map((one) => one.call_id),
      ).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
    } else if (message.type === 'FunctionExecutionResultMessage') {
      expect(isToolCalls(turns[index - 1])).toBe(true);
      expect([undefined, 'AssistantMessage']).toContain(roleOf(next));
    } else {
      expect([undefined, message.type === 'UserMessage' ? 'AssistantMessage' : 'UserMessage']).toContain(
        roleOf(next),
      );
    }
  });
}

test('a valid conversation stays as it is', () => {
  const conversation = [
    system('be brief'),
    user('a'),
    calls(['1', '2'], 'let me look'),
    results('1', '2'),
    assistant('b', 'hm'),
    user(['c', { data: 'QUJD' }], 'anna'),
  ];
  expect(validConversation(conversation)).toEqual(conversation);
});

test('system messages come first, joined as AutoGen joins them; a model that takes several gets each in its place', () => {
  const conversation = [system('one'), user('a'), system('two'), user('b')];
  expect(validConversation(conversation)).toEqual([system('one\ntwo'), user('a\n\nb')]);
  expect(validConversation(conversation, { multipleSystemMessages: true })).toEqual(conversation);
});

test('messages of a role that stand side by side are one', () => {
  expect(
    validConversation([user('a'), user('b'), assistant('c', 'x'), assistant('d', 'y'), user('e')]),
  ).toEqual([user('a\n\nb'), assistant('c\n\nd'), user('e')]);
});

test('what was said before calls goes with them', () => {
  expect(validConversation([user('a'), assistant('b'), calls(['1'], 'c'), results('1')])).toEqual([
    user('a'),
    calls(['1'], 'b\n\nc'),
    results('1'),
  ]);
});

test('users of one name keep it, users of several say who they are', () => {
  expect(validConversation([user('a', 'anna'), user('b', 'anna')])).toEqual([user('a\n\nb', 'anna')]);
  expect(validConversation([user('a', 'anna'), user('b', '小明'), user('c', 'System')])).toEqual([
    user('anna said:\na\n\n小明 said:\nb\n\nc'),
  ]);
});

test('namePrefixes puts the name before every text of a user, once, also beside images', () => {
  const rules = { namePrefixes: true };
  const image = { data: 'QUJD' };
  expect(validConversation([user('a', 'anna')], rules)).toEqual([user('anna said:\na', 'anna')]);
  expect(validConversation([user(['look', image], 'anna'), user('b', 'bob'), user([image])], rules)).toEqual([
    user(['anna said:\nlook', image, 'bob said:\nb\n\nuser said:\n', image]),
  ]);
});

test('images stay where they are among the texts', () => {
  const image = { data: 'QUJD' };
  expect(validConversation([user('a'), user([' ', image, 'b']), user('c'), user([image])])).toEqual([
    user(['a', image, 'b\n\nc', image]),
  ]);
});

test('empty messages are left out', () => {
  const empty = [
    assistant('', 'only thought'),
    assistant(' \n'),
    user(''),
    user(['\n']),
    system(' '),
    calls([]),
  ];
  expect(validConversation([...empty, user('a'), ...empty, user('b')])).toEqual([user('a\n\nb')]);
});

test('a conversation that does not begin or end with a user’s message gets one that says nothing', () => {
  expect(validConversation([assistant('How can I help?'), user('a')])).toEqual([
    gap,
    assistant('How can I help?'),
    user('a'),
  ]);
  expect(validConversation([user('a'), assistant('b'), user(' ')])).toEqual([user('a'), assistant('b'), gap]);
  expect(validConversation([])).toEqual([gap]);
});

test('calls go with their results, and neither without the other', () => {
  expect(
    validConversation([
      results('0'),
      user('a'),
      calls(['1', '2', '3', '3']),
      results('3'),
      results('9', '1', '3'),
      assistant('b'),
      results('1'),
      calls(['4']),
      user('c'),
    ]),
  ).toEqual([user('a'), calls(['1', '3']), results('1', '3'), assistant('b'), user('c')]);
});

test('between results and the next user stands what was told of them', () => {
  expect(validConversation([user('a'), calls(['1', '2']), results('1', '2'), user('b')])).toEqual([
    user('a'),
    calls(['1', '2']),
    results('1', '2'),
    assistant('is 1\nis 2'),
    user('b'),
  ]);
});

test('a reply whose question was taken out of the middle is no reply to another', () => {
  const all = [user('a'), assistant('b'), user('long '.repeat(20)), assistant('d'), user('e')];
  const kept = view({ kind: 'token_limited', limit: 30 }, { head: all, skipped: 0, tail: [] });
  expect(validConversation(kept)).toEqual([user('a'), assistant('b'), gap, assistant('d'), user('e')]);
});

/** Numbers that look random, and are the same each time. */
function randomFrom(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const policies: ContextPolicy[] = [
  { kind: 'unbounded' },
  ...[1, 2, 3, 5].map((size) => ({ kind: 'buffered' as const, size })),
  ...[1, 2, 3].map((head) => ({ kind: 'head_and_tail' as const, head, tail: 4 - head })),
  ...[1, 20, 60].map((limit) => ({ kind: 'token_limited' as const, limit })),
  ...[1, 20, 60].map((limit) => ({ kind: 'newest_that_fit' as const, limit })),
];

test('whatever the messages and the policy, it is valid and has every text of a user that the policy kept', () => {
  const random = randomFrom(7);
  const ids = () => Array.from({ length: random(4) }, () => String(random(4)));
  const makers: ((text: string) => LlmMessage)[] = [
    (text) => user(text, ['user', 'anna', '小明', 'System'][random(4)]),
    (text) => user([text, { data: 'QUJD' }, ...(random(2) ? [' '] : [])]),
    (text) => assistant(text, 'hm'),
    () => assistant(['', ' ', '\n\n'][random(3)] ?? '', 'only thought'),
    () => user([' ', ['']][random(2)] ?? ''),
    () => calls(ids(), ['', null, 'look'][random(3)]),
    () => results(...ids()),
    (text) => system(text),
  ];
  for (let round = 0; round < 2000; round++) {
    const all = Array.from({ length: random(14) }, (_, index) => {
      const maker = makers[random(makers.length)];
      return maker ? maker(`text${index}.`) : user('');
    });
    all.push(user('the last'));
    for (const policy of policies) {
      const kept = view(policy, { head: all.slice(), skipped: 0, tail: [] });
      for (const namePrefixes of [false, true]) {
        const sent = validConversation([system('first'), ...kept], { namePrefixes });
        expectValid(sent);
        const said = JSON.stringify(sent.filter(({ type }) => type === 'UserMessage'));
        for (const text of kept.flatMap((message) =>
          message.type === 'UserMessage' ? textsOf(message) : [],
        ))
          if (text.trim() !== '' && text !== 'x') expect(said).toContain(JSON.stringify(text).slice(1, -1));
        expect(validConversation(sent)).toEqual(sent);
      }
    }
  }
});

test('system messages that say the same are told once, where they are told as one', () => {
  const system = (content: string) => ({ type: 'SystemMessage' as const, content });
  const hi = { type: 'UserMessage' as const, content: 'hi', source: 'user' };
  const messages = [system('be kind'), hi, system('likes tea'), system('likes tea')];
  expect(validConversation(messages)).toEqual([system('be kind\nlikes tea'), hi]);
});
