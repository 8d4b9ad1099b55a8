// Calls of tools as servers of chat completions really send them.
import { expect, test } from 'bun:test';
import { collect, failure, lines, modelAt, modelServers, STOP } from '../../testing/ask-model.ts';
import { choiceChunk, type ModelStep } from '../../testing/model-server.ts';
import type { Asking } from '../model.ts';

const { start, ask: askServer } = modelServers();

const tool = (name: string) => ({ name, description: `Does ${name}`, parameters: { type: 'object' } });
const asking: Asking = { tools: ['get_weather', 'get_time', 'ping'].map(tool) };
const ask = (script: ModelStep[], config = {}) => askServer(script, config, { asking });

type Delta = Record<string, unknown>;
const delta = (delta: Delta, finish: string | null = null): ModelStep => ({
  chunk: choiceChunk(delta, finish),
});
/** A delta with pieces of calls. */
const calls = (...tool_calls: Delta[]): ModelStep => delta({ tool_calls });
const called = (name?: string | null, given?: unknown, more: Delta = {}): Delta => ({
  ...more,
  type: 'function',
  function: {
    ...(name === undefined ? {} : { name }),
    ...(given === undefined ? {} : { arguments: given }),
  },
});
const stop = (reason: string): ModelStep => ({ chunk: choiceChunk({}, reason) });
const done: ModelStep = { raw: 'data: [DONE]\n\n' };

const paris = { id: 'call_a', name: 'get_weather', arguments: '{"city":"Paris"}' };
const tokyo = { id: 'call_b', name: 'get_time', arguments: '{"zone":"Tokyo"}' };
const anyId = expect.stringMatching(/^call_[0-9a-f]{24}$/);

const STREAMS: [string, ModelStep[], unknown[]][] = [
  [
    'OpenAI’s: the id and name first, the arguments in pieces, two in parallel',
    [
      delta({ role: 'assistant', content: null }),
      calls(called('get_weather', '', { index: 0, id: 'call_a' })),
      calls(called(undefined, '{"ci', { index: 0 })),
      calls(called(undefined, 'ty":"Paris"}', { index: 0 })),
      calls(called('get_time', '', { index: 1, id: 'call_b' })),
      calls(called(undefined, '{"zone":', { index: 1 })),
      calls(called(undefined, '"Tokyo"}', { index: 1 })),
      stop('tool_calls'),
      done,
    ],
    [paris, tokyo],
  ],
  [
    'indices not from 0, and pieces that alternate',
    [
      calls(called('get_weather', '{"city"', { index: 1, id: 'call_a' })),
      calls(called('get_time', '{"zone":"Tok', { index: 2, id: 'call_b' })),
      calls(called(undefined, ':"Paris"}', { index: 1 }), called(undefined, 'yo"}', { index: 2 })),
      stop('tool_calls'),
      done,
    ],
    [paris, tokyo],
  ],
  [
    'no index',
    [
      calls(called('get_weather', '{"city":', { id: 'call_a' })),
      calls(called(undefined, '"Paris"}')),
      calls(called('get_time', '{"zone":', { id: 'call_b' })),
      calls(called(undefined, '"Tokyo"}')),
      stop('tool_calls'),
      done,
    ],
    [paris, tokyo],
  ],
  [
    'no index, and the id with each piece, in turn',
    [
      calls(called('get_weather', '{"city":', { id: 'call_a' })),
      calls(called('get_time', '{"zone":', { id: 'call_b' })),
      calls(called(undefined, '"Paris"}', { id: 'call_a' })),
      calls(called(undefined, '"Tokyo"}', { id: 'call_b' })),
      stop('tool_calls'),
      done,
    ],
    [paris, tokyo],
  ],
  [
    'Gemini’s: whole calls, all with index 0',
    [
      calls(called('get_weather', '{"city":"Paris"}', { index: 0, id: 'call_a' })),
      calls(called('get_time', '{"zone":"Tokyo"}', { index: 0, id: 'call_b' })),
      stop('tool_calls'),
      done,
    ],
    [paris, tokyo],
  ],
  [
    'the same without ids, and of one tool',
    [
      calls(called('get_weather', '{"city":"Paris"}', { index: 0, id: '' })),
      calls(called('get_weather', '{"city":"Oslo"}', { index: 0, id: '' })),
      stop('stop'),
      done,
    ],
    [
      { ...paris, id: anyId },
      { ...paris, id: anyId, arguments: '{"city":"Oslo"}' },
    ],
  ],
  [
    'another id with each piece',
    [
      calls(called('get_weather', '', { index: 0, id: 'call_a' })),
      calls(called(undefined, '{"city":', { index: 0, id: 'call_x' })),
      calls(called(undefined, '"Paris"}', { index: 0, id: 'call_y' })),
      stop('tool_calls'),
      done,
    ],
    [paris],
  ],
  [
    'the id and the name with each piece',
    [
      calls(called('get_weather', '{"city":', { index: 0, id: 'call_a' })),
      calls(called('get_weather', '"Paris"}', { index: 0, id: 'call_a' })),
      stop('tool_calls'),
      done,
    ],
    [paris],
  ],
  [
    'the id and the name with each piece, cut between brackets in a text',
    [
      calls(called('get_weather', '{"city":"{Par}', { index: 0, id: 'call_a' })),
      calls(called('get_weather', '{is}"}', { index: 0, id: 'call_a' })),
      stop('tool_calls'),
      done,
    ],
    [{ ...paris, arguments: '{"city":"{Par}{is}"}' }],
  ],
  [
    'no index, and the id before the name',
    [
      calls(called(undefined, undefined, { id: 'call_a' })),
      calls(called('get_weather', '{"city":"Paris"}')),
      calls(called(undefined, undefined, { id: 'call_b' })),
      calls(called('get_time', '{"zone":"Tokyo"}')),
      stop('tool_calls'),
      done,
    ],
    [paris, tokyo],
  ],
  [
    'the name alone with each piece',
    [
      calls(called('get_weather', '{"city":', { index: 0 })),
      calls(called('get_weather', '"Paris"}', { index: 0 })),
      stop('tool_calls'),
      done,
    ],
    [{ ...paris, id: anyId }],
  ],
  [
    'the name in pieces, with the id only then',
    [
      calls(called('get_', undefined, { index: 0 })),
      calls(called('weather', undefined, { index: 0 })),
      calls(called(null, '{"city":"Paris"}', { index: 0, id: 'call_a' })),
      stop('tool_calls'),
      done,
    ],
    [paris],
  ],
  [
    'empty arguments before the real ones',
    [
      calls(called('get_weather', '{}', { index: 0, id: 'call_a' })),
      calls(called(undefined, '{"city":', { index: 0 })),
      calls(called(undefined, '"Paris"}', { index: 0 })),
      stop('tool_calls'),
      done,
    ],
    [paris],
  ],
  [
    'everything in one chunk, with the finish reason',
    [
      delta({ tool_calls: [called('get_weather', '{"city":"Paris"}', { id: 'call_a' })] }, 'tool_calls'),
      done,
    ],
    [paris],
  ],
  [
    'arguments as an object',
    [
      calls(called('get_weather', { city: 'Paris' }, { id: 'call_a' })),
      calls(called('get_weather', { city: 'Oslo' })),
      stop('tool_calls'),
      done,
    ],
    [paris, { ...paris, id: anyId, arguments: '{"city":"Oslo"}' }],
  ],
  ...[undefined, null, '', ' ', '{}', 'null'].map((given): [string, ModelStep[], unknown[]] => [
    `no arguments, as ${JSON.stringify(given)}`,
    [calls(called('ping', given, { index: 0, id: 'call_a' })), stop('tool_calls'), done],
    [{ id: 'call_a', name: 'ping', arguments: '{}' }],
  ]),
  [
    'arguments that are no JSON, for the model to be told',
    [calls(called('get_weather', '{"city": Paris', { index: 0, id: 'call_a' })), stop('tool_calls'), done],
    [{ ...paris, arguments: '{"city": Paris' }],
  ],
  [
    'the older function_call',
    [
      delta({ function_call: { name: 'get_weather' } }),
      delta({ function_call: { arguments: '{"city":' } }),
      delta({ function_call: { arguments: '"Paris"}' } }),
      stop('function_call'),
      done,
    ],
    [{ ...paris, id: anyId }],
  ],
  [
    'one id for two, so that the second gets its own',
    [
      calls(called('get_weather', '{"city":"Paris"}', { index: 0, id: 'call_a' })),
      calls(called('get_time', '{"zone":"Tokyo"}', { index: 1, id: 'call_a' })),
      stop('tool_calls'),
      done,
    ],
    [paris, { ...tokyo, id: anyId }],
  ],
  [
    'a name of none of the tools, for the model to be told',
    [calls(called('get_wether', '{}', { index: 0, id: 'call_a' })), stop('tool_calls'), done],
    [{ id: 'call_a', name: 'get_wether', arguments: '{}' }],
  ],
  [
    'neither a finish reason nor [DONE], and yet whole',
    [calls(called('get_weather', '{"city":"Paris"}', { index: 0, id: 'call_a' })), { end: true }],
    [paris],
  ],
  [
    'a finish reason nobody knows',
    [calls(called('get_weather', '{"city":"Paris"}', { index: 0, id: 'call_a' })), stop('whatever'), done],
    [paris],
  ],
];

for (const [name, steps, expected] of STREAMS) {
  test(`calls are given whole, right before the end: ${name}`, async () => {
    const reply = await ask(steps);
    expect(reply).toMatchObject({
      content: '',
      error: undefined,
      ends: [{ finishReason: 'function_calls' }],
    });
    expect<unknown>(reply.calls).toEqual(expected);
    expect(new Set(reply.calls?.map(({ id }) => id)).size).toBe(expected.length);
  });
}

test('text and reasoning beside calls come as they are, and the finish reason is that of calls', async () => {
  for (const reason of ['tool_calls', 'stop', 'eos']) {
    const reply = await ask([
      delta({ reasoning_content: 'hm' }),
      { text: 'I look ' },
      { text: 'it up.' },
      calls(called('get_weather', '{"city":"Paris"}', { index: 0, id: 'call_a' })),
      stop(reason),
      { chunk: { choices: [], usage: { prompt_tokens: 5, completion_tokens: 6 } } },
      done,
    ]);
    expect(reply).toMatchObject({
      thought: 'hm',
      content: 'I look it up.',
      calls: [paris],
      error: undefined,
    });
    expect(reply.ends).toEqual([
      {
        type: 'end',
        finishReason: 'function_calls',
        usage: { prompt_tokens: 5, completion_tokens: 6 },
      },
    ]);
  }
});

test('a whole message has its calls, once', async () => {
  const message = {
    role: 'assistant',
    content: 'I look.',
    tool_calls: [
      called('get_weather', '{"city":"Paris"}', { id: 'call_a' }),
      called('get_time', '{"zone":"Tokyo"}', { id: 'call_b' }),
      called(undefined, '{"nameless":true}'),
    ],
  };
  const body = { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] };
  const whole = await ask([{ status: 200, body }]);
  expect(whole).toMatchObject({ content: 'I look.', calls: [paris, tokyo], error: undefined });
  const repeated = await ask([
    { text: 'I look.' },
    calls(called('get_weather', '{"city":"Paris"}', { index: 0, id: 'call_a' })),
    { chunk: { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] } },
    done,
  ]);
  expect(repeated).toMatchObject({ content: 'I look.', calls: [paris], error: undefined });
});

test('NUL and halves of surrogate pairs go, also where they are written as escapes', async () => {
  // The pair is cut between two pieces; the escapes are those of JSON inside JSON.
  const first = String.raw`{"index":0,"id":"c\u0000","function":{"name":"pi\ud800ng","arguments":"{\"a\":\"x\u0000\ud83d"}}`;
  const second = String.raw`{"index":0,"function":{"arguments":"\ude00\\u0000\\ud83d\\ude00\\ud83dy\\\\u0000\"}"}}`;
  const reply = await ask([
    { raw: `data: {"choices":[{"index":0,"delta":{"tool_calls":[${first}]}}]}\n\n` },
    { raw: `data: {"choices":[{"index":0,"delta":{"tool_calls":[${second}]}}]}\n\n` },
    { raw: `${lines(STOP)}data: [DONE]\n\n` },
  ]);
  // Bun escapes what is no ASCII in a raw text.
  const given = `{"a":"x😀${String.raw`\ud83d\ude00\ufffdy\\u0000"}`}`;
  expect(reply.calls).toEqual([{ id: 'c', name: 'pi\ufffdng', arguments: given }]);
  expect(JSON.parse(given)).toEqual({ a: 'x😀😀\ufffdy\\u0000' });
});

for (const [name, reason] of [
  ['for its length', 'length'],
  ['by a filter', 'content_filter'],
] as const) {
  test(`an answer that was cut ${name} calls nothing`, async () => {
    for (const given of ['{"city":"Pa', '{"city":"Paris"}']) {
      const reply = await ask([calls(called('get_weather', given, { index: 0 })), stop(reason), done]);
      expect(reply).toMatchObject({ calls: undefined, error: undefined, ends: [{ finishReason: reason }] });
    }
  });
}

test('calls without a name are none', async () => {
  const reply = await ask([
    calls(called(null, '{"a":1}', { index: 0, id: 'call_a' })),
    stop('tool_calls'),
    done,
  ]);
  expect(reply).toMatchObject({ calls: undefined, ends: [{ finishReason: 'function_calls' }] });
});

const half = calls(called('get_weather', '{"city":"Pa', { index: 0, id: 'call_a' }));
const BREAKS: [string, ModelStep[]][] = [
  ['a cut connection', [half, { cut: true }]],
  ['an end without a finish reason', [half, { end: true }]],
  ['a finish reason in each chunk, and a cut', [delta({ tool_calls: [] }, 'stop'), half, { cut: true }]],
];

for (const [name, broken] of BREAKS) {
  test(`an answer that breaks off in a call is asked for again: ${name}`, async () => {
    const server = start((_, index) =>
      index === 0
        ? broken
        : [calls(called('get_weather', paris.arguments, { id: 'call_a' })), stop('stop'), done],
    );
    const reply = await collect(modelAt(server.url, { timeout: 20, max_retries: 1 }), { asking });
    expect(reply).toMatchObject({ calls: [paris], error: undefined });
    expect(server.calls()).toBe(2);
  });

  test(`but not behind a piece, and it gives no call then: ${name}`, async () => {
    const reply = await ask([{ text: 'I look.' }, ...broken], { max_retries: 1 });
    expect(failure(reply).reason.en).toContain('before the reply was whole');
    expect(reply).toMatchObject({ content: 'I look.', calls: undefined, ends: [] });
    expect(reply.server.calls()).toBe(1);
  });
}

test('what comes in calls alone is no silence', async () => {
  const piece = (text: string) => calls(called(undefined, text, { index: 0 }));
  const pause = { wait: 700 };
  const reply = await ask(
    [
      calls(called('get_weather', '', { index: 0, id: 'call_a' })),
      pause,
      piece('{"city":'),
      pause,
      piece('"Paris"}'),
      stop('tool_calls'),
      done,
    ],
    { timeout: 1 },
  );
  expect(reply).toMatchObject({ calls: [paris], error: undefined });
});

test('a finish reason with the first piece, and then silence, gives what is whole', async () => {
  const given = (text: string) =>
    delta({ tool_calls: [called('get_weather', text, { id: 'call_a' })] }, 'stop');
  const whole = await ask([given(paris.arguments), { hang: true }], { timeout: 1 });
  expect(whole).toMatchObject({
    calls: [paris],
    error: undefined,
    ends: [{ finishReason: 'function_calls' }],
  });
  const half = await ask([given('{"city":'), { hang: true }], { timeout: 1 });
  expect(half).toMatchObject({ calls: undefined, ends: [], error: { failure: 'timeout' } });
});

test('more calls, and longer arguments, than any reply needs are a failure', async () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => calls(called('ping', '{}', { index, id: `c${index}` })));
  expect((await ask([...many(128), stop('tool_calls'), done])).calls).toHaveLength(128);
  const long = (length: number) =>
    calls(called('ping', JSON.stringify({ a: 'x'.repeat(length) }), { index: 0, id: 'c' }));
  expect((await ask([long(1_000_000), stop('tool_calls'), done])).calls).toHaveLength(1);
  const pieces = Array.from({ length: 5 }, () => calls(called(undefined, 'x'.repeat(250_000), { index: 0 })));
  for (const steps of [many(129), [long(1_100_000)], [long(1), ...pieces]]) {
    const reply = await ask([...steps, stop('tool_calls'), done], { max_retries: 1 });
    expect(failure(reply)).toMatchObject({ failure: 'failed' });
    expect(failure(reply).reason.en).toContain('longer arguments, than is taken');
    expect(reply).toMatchObject({ calls: undefined, ends: [] });
    expect(reply.server.calls()).toBe(1);
  }
});

test('pieces of a call that bring nothing do not go on for ever', async () => {
  const reply = await ask([
    { raw: lines(choiceChunk({ tool_calls: [called('ping', undefined, { index: 0, id: 'c' })] })) },
    {
      endless: lines(choiceChunk({ tool_calls: [called('ping', undefined, { index: 0, id: 'c' })] })).repeat(
        2000,
      ),
    },
  ]);
  expect(failure(reply).reason.en).toContain('than is taken');
});

test('without tools, or where none may be called, there are no calls', async () => {
  const steps = [
    { text: '<tool_call>{"name":"ping","arguments":{}}</tool_call>' },
    calls(called('ping', '{}', { index: 0, id: 'call_a' })),
    stop('tool_calls'),
    done,
  ];
  for (const asked of [
    {},
    { asking: { tools: [] } },
    { asking: { ...asking, toolChoice: 'none' as const } },
  ]) {
    const reply = await askServer(steps, {}, asked);
    expect(reply).toMatchObject({
      calls: undefined,
      error: undefined,
      ends: [{ finishReason: 'function_calls' }],
    });
    expect(reply.content).toContain('<tool_call>');
  }
});
