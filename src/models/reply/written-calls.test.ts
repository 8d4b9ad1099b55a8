// Calls that a model writes into its text, where its server does not read them.
import { expect, test } from 'bun:test';
import { HI, modelAt, modelServers } from '../../testing/ask-model.ts';
import { choiceChunk, type ModelStep } from '../../testing/model-server.ts';
import type { Asking } from '../model.ts';

const { start, ask: askServer } = modelServers();

const asking: Asking = {
  tools: ['add', 'now'].map((name) => ({ name, description: '', parameters: { type: 'object' } })),
};
const ask = (steps: ModelStep[], config = {}) => askServer(steps, config, { asking });

const add = { name: 'add', arguments: '{"a":1,"b":2}' };
const now = { name: 'now', arguments: '{}' };
const written = '{"name": "add", "arguments": {"a": 1, "b": 2}}';
const closed = `<tool_call>\n${written}\n</tool_call>`;

const REPLIES: [string, string, content: string, calls: object[] | undefined][] = [
  ['a call alone', closed, '', [add]],
  ['behind text', `I add.\n${closed}`, 'I add.\n', [add]],
  ['behind a thought', `<think>hm</think>\n\n${closed}`, '', [add]],
  ['before text', `${closed}\n\nDone.`, 'Done.', [add]],
  ['two of them', `${closed}\n<tool_call>{"name":"now"}</tool_call>`, '', [add, now]],
  ['one that is not closed', `I add.<tool_call>${written}`, 'I add.', [add]],
  ['two that are not closed', `<tool_call>${written}\n<tool_call>{"name":"now"}`, '', [add, now]],
  ['with parameters', `<tool_call>{"name":"add","parameters":{"a":1,"b":2}}</tool_call>`, '', [add]],
  [
    'with arguments as text',
    `<tool_call>{"name":"add","arguments":"{\\"a\\":1,\\"b\\":2}"}</tool_call>`,
    '',
    [add],
  ],
  [
    'with an angle bracket in it',
    `<tool_call>{"name":"add","arguments":{"a":"</tool"}}</tool_call>`,
    '',
    [{ name: 'add', arguments: '{"a":"</tool"}' }],
  ],
  ...[
    '<tool_call>{"name": "add", "arguments": {"a": 1</tool_call> so',
    '<tool_call>{"name": "subtract", "arguments": {}}</tool_call> so',
    '<tool_call>{"arguments": {}}</tool_call>',
    '<tool_call>{"name": "add", "arguments": [1]}</tool_call>',
    'The tag <tool_call> opens, </tool_call> closes.',
    '<tool_call>  \n',
    'a <tool_call',
    'a < b, <tool>, </tool_call>',
    `<tool_call>{"name": "add", "argu`,
  ].map((text): [string, string, string, undefined] => [`no call: ${text}`, text, text, undefined]),
];

/** Cut so, and so again into single characters. */
const cuts = (text: string): string[][] => [
  [text],
  [...text],
  text.match(/[\s\S]{1,3}/g) ?? [],
  text.split(/(?=<)/),
];

for (const [name, text, content, expected] of REPLIES) {
  test(`what is a call is taken out of the text, wherever it is cut: ${name}`, async () => {
    for (const pieces of cuts(text)) {
      const reply = await ask(pieces.map((piece) => ({ text: piece })));
      expect(reply).toMatchObject({ content, error: undefined });
      const calls = reply.calls?.map(({ name, arguments: given }) => ({ name, arguments: given }));
      expect<unknown>(calls).toEqual(expected);
      expect(reply.ends).toMatchObject([{ finishReason: expected ? 'function_calls' : 'stop' }]);
      for (const { id } of reply.calls ?? []) expect(id).toMatch(/^call_[0-9a-f]{24}$/);
    }
  });
}

test('who only speaks of the tag is not held back', async () => {
  const said = Promise.withResolvers<void>();
  const steps: ModelStep[] = [{ text: 'The tag <tool_call>' }, { text: ' opens' }, { wait: said.promise }];
  const seen: string[] = [];
  const server = start(steps);
  await modelAt(server.url).stream(
    HI,
    new AbortController().signal,
    (events) => {
      for (const event of events) if ('text' in event) seen.push(event.text);
      if (seen.join('').endsWith('opens')) said.resolve();
      return true;
    },
    asking,
  );
  expect(seen.join('')).toBe('The tag <tool_call> opens');
});

test('calls that the server tells of as well are taken once', async () => {
  const call = { index: 0, id: 'call_a', function: { name: 'add', arguments: add.arguments } };
  const reply = await ask([{ text: closed }, { chunk: choiceChunk({ tool_calls: [call] }) }]);
  expect(reply).toMatchObject({ content: '', calls: [{ ...add, id: 'call_a' }], error: undefined });
});

test('a call that was cut for its length stays text, and what stood before it calls nothing', async () => {
  const end: ModelStep[] = [{ chunk: choiceChunk({}, 'length') }, { raw: 'data: [DONE]\n\n' }];
  const reply = await ask([{ text: `I add.${closed}` }, { text: '<tool_call>{"name": "no' }, ...end]);
  expect(reply).toMatchObject({
    content: 'I add.<tool_call>{"name": "no',
    calls: undefined,
    ends: [{ finishReason: 'length' }],
  });
});

test('what comes of a call is no silence', async () => {
  const pause = { wait: 700 };
  const steps = [
    { text: '<tool_call>{"name":' },
    pause,
    { text: '"add",' },
    pause,
    { text: '"arguments":{}}' },
  ];
  expect(await ask(steps, { timeout: 1 })).toMatchObject({ error: undefined, calls: [{ name: 'add' }] });
});

test('a call longer than any is text', async () => {
  const text = `<tool_call>{"name":"add","arguments":{"a":"${'x'.repeat(1_100_000)}"}}</tool_call>`;
  for (const size of [text.length, 100_000]) {
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => ({
      text: text.slice(at * size, (at + 1) * size),
    }));
    const reply = await ask([...pieces, { text: ` And so.${closed}` }]);
    expect([reply.content.length, reply.calls?.length, reply.error]).toEqual([text.length + 8, 1, undefined]);
  }
});
