import { expect, test } from 'bun:test';
import {
  collect,
  eventsOf,
  failure,
  HI,
  lines,
  modelAt,
  modelServers,
  STOP,
} from '../../testing/ask-model.ts';
import { choiceChunk, type ModelStep } from '../../testing/model-server.ts';
import type { LlmMessage } from '../messages.ts';

const { start, ask } = modelServers();
const OK: ModelStep[] = [{ text: 'fine' }];

for (const [name, steps] of [
  ['503', [{ status: 503 }]],
  ['429 with a small Retry-After', [{ status: 429, headers: { 'retry-after': '0.01' } }]],
  ['408', [{ status: 408 }]],
  ['a connection cut before the first piece', [{ cut: true }]],
] as [string, ModelStep[]][]) {
  test(`${name} is asked again`, async () => {
    const reply = await ask((_, index) => (index === 0 ? steps : OK), { max_retries: 2 });
    expect(reply).toMatchObject({ content: 'fine', error: undefined });
    expect(reply.server.calls()).toBe(2);
  });
}

for (const [name, steps] of [
  ['401', [{ status: 401 }]],
  ['400', [{ status: 400 }]],
  ['a used up quota', [{ status: 429, body: { error: { code: 'insufficient_quota' } } }]],
  ['a cut after the first piece', [{ text: 'a' }, { cut: true }]],
  ['garbage', [{ raw: 'data: {\n\n' }]],
] as [string, ModelStep[]][]) {
  test(`${name} is not asked again`, async () => {
    const reply = await ask((_, index) => (index === 0 ? steps : OK), { max_retries: 2 });
    failure(reply);
    expect(reply.server.calls()).toBe(1);
  });
}

test('max_retries is how often a request is repeated', async () => {
  for (const [maxRetries, calls] of [
    [0, 1],
    [1, 2],
    [4, 5],
  ] as const) {
    const reply = await ask([{ status: 500 }], { max_retries: maxRetries });
    failure(reply);
    expect(reply.server.calls()).toBe(calls);
  }
});

test('a long Retry-After is told to the caller at once', async () => {
  const reply = await ask([{ status: 429, headers: { 'retry-after': '30' } }], { max_retries: 2 });
  expect(failure(reply)).toMatchObject({ failure: 'busy', retryAfterSeconds: 30 });
  expect(reply.server.calls()).toBe(1);
});

for (const [name, steps, content] of [
  ['before the first piece', [{ hang: true }], ''],
  ['between two pieces', [{ text: 'a' }, { hang: true }], 'a'],
] as [string, ModelStep[], string][]) {
  test(`silence ${name} is a timeout, and is not asked again`, async () => {
    const reply = await ask(steps, { timeout: 1, max_retries: 2 });
    const error = failure(reply);
    expect(error.failure).toBe('timeout');
    expect(error.reason.en).toContain('1 s');
    expect(reply.content).toBe(content);
    expect(reply.server.calls()).toBe(1);
  });
}

const NO_PIECES: [string, string][] = [
  ['comments', ': keepalive\n\n'],
  ['empty deltas', lines(choiceChunk({ content: '' }))],
  ['chunks without a choice', lines({ choices: [] })],
  ['usage', lines({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } })],
  ['pieces of another choice', lines({ choices: [{ delta: {} }, { index: 1, delta: { content: 'b' } }] })],
  ['empty tool calls', lines(choiceChunk({ tool_calls: [{ index: 0, function: { arguments: '' } }] }))],
  ['lines of no event', 'alive\n'],
];

/** These steps again and again, 250 ms apart, for three seconds. */
function often(...steps: ModelStep[]): ModelStep[] {
  return Array.from({ length: 12 }, () => [{ wait: 250 }, ...steps]).flat();
}

for (const [name, raw] of NO_PIECES) {
  test(`what is no piece does not count as one: ${name}`, async () => {
    const piece = lines(choiceChunk({ content: 'a' }));
    const after = async (first: string, content: string) => {
      const steps = [{ raw: first }, ...often({ raw }), { text: 'late' }, { chunk: STOP }];
      const reply = await ask(steps, { timeout: 1.5, max_retries: 2 });
      expect(failure(reply).failure).toBe('timeout');
      expect(reply.content).toBe(content);
      expect(reply.server.calls()).toBe(1);
    };
    await Promise.all([after(': hello\n\n', ''), after(piece, 'a')]);
  });
}

test('neither the headers of an answer nor another try starts the clock anew', async () => {
  const steps = [{ wait: 600 }, { raw: ': hello\n\n' }, { wait: 600 }, { cut: true as const }];
  const reply = await ask(steps, { timeout: 1.5, max_retries: 5 });
  expect(failure(reply).failure).toBe('timeout');
  expect(reply.server.calls()).toBeLessThanOrEqual(2);
});

for (const [name, delta] of [
  ['content', { content: 'a' }],
  ['thought', { reasoning_content: 'a' }],
  ['a tool call', { tool_calls: [{ index: 0, function: { arguments: '{' } }] }],
] as [string, Record<string, unknown>][]) {
  test(`each piece starts the clock anew: ${name}`, async () => {
    const steps = [...often({ chunk: choiceChunk(delta) }), { text: 'late' }, { chunk: STOP }];
    const reply = await ask(steps, { timeout: 1.5 });
    expect(reply.error).toBeUndefined();
    expect(reply.content).toEndWith('late');
  });
}

test('a finish reason starts the clock anew, once', async () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2 };
  const late: ModelStep[] = [
    { wait: 900 },
    { chunk: STOP },
    { wait: 900 },
    { chunk: { choices: [], usage } },
  ];
  const reply = await ask([{ text: 'a' }, ...late, { end: true }], { timeout: 1.5 });
  expect(reply).toMatchObject({ content: 'a', error: undefined, ends: [{ finishReason: 'stop', usage }] });
  const tooLate: ModelStep[] = [...often({ chunk: STOP }), { chunk: { choices: [], usage } }, { end: true }];
  const again = await ask([{ text: 'a' }, ...tooLate], { timeout: 1.5 });
  expect(again).toMatchObject({
    content: 'a',
    error: undefined,
    ends: [{ finishReason: 'stop', usage: null }],
  });
});

test('the cause of a timeout holds why the tries before it failed', async () => {
  const busy: ModelStep[] = [{ status: 503, body: { error: { code: 'warming_up' } } }];
  const reply = await ask((_, index) => (index === 0 ? busy : [{ hang: true }]), {
    timeout: 2,
    max_retries: 1,
  });
  expect(failure(reply).cause?.message).toContain('HTTP 503, warming_up');
});

async function untilLeft(server: { left(): number }) {
  while (server.left() === 0) await Bun.sleep(5);
}

test('who wants no more ends the request', async () => {
  const server = start([{ text: 'a' }, { hang: true }]);
  await modelAt(server.url).stream(HI, new AbortController().signal, () => false);
  await untilLeft(server);
});

test('a piece that comes together with an error is given before it, and nothing is asked again', async () => {
  const together = lines(choiceChunk({ content: 'a' }), { error: { code: 503, message: 'overloaded' } });
  const reply = await ask([{ raw: together }], { max_retries: 2 });
  failure(reply);
  expect(reply.content).toBe('a');
  expect(reply.server.calls()).toBe(1);
  const server = start([{ raw: together }]);
  await modelAt(server.url).stream(HI, new AbortController().signal, () => false);
});

test('the messages are not kept while the reply streams', async () => {
  const server = start([{ text: 'a' }, { hang: true }]);
  const controller = new AbortController();
  let begun = false;
  const ask = () => {
    const messages: LlmMessage[] = [{ type: 'UserMessage', content: 'hi', source: 'user' }];
    const asking = modelAt(server.url).stream(messages, controller.signal, () => {
      begun = true;
      return true;
    });
    return { asking, message: new WeakRef(messages[0] as LlmMessage) };
  };
  const { asking, message } = ask();
  // Until it is collected; kept, it would never be.
  while (!begun || message.deref()) {
    await Bun.sleep(5);
    Bun.gc(true);
  }
  controller.abort(new Error('enough'));
  await expect(asking).rejects.toThrow('enough');
});

test('an attempt that failed is left, also when the next one is read to its end', async () => {
  const failed: ModelStep[] = [
    { raw: 'data: {"error":{"code":503,"message":"overloaded"}}\n\n' },
    { hang: true },
  ];
  const reply = await ask((_, index) => (index === 0 ? failed : OK), { max_retries: 1 });
  expect(reply).toMatchObject({ content: 'fine', error: undefined });
  await untilLeft(reply.server);
});

test('pieces that come together stay apart, unless very many replies are read at once', async () => {
  const together = ['a', 'b', 'c'].map(
    (text) => `data: ${JSON.stringify(choiceChunk({ content: text }))}\n\n`,
  );
  let asked = 0;
  const all = Promise.withResolvers<void>();
  const server = start(() => [
    { wait: all.promise },
    { raw: together.join('') },
    { chunk: STOP },
    { end: true },
  ]);
  const model = modelAt(server.url, { timeout: 20 });
  const piecesOf = async (replies: number) => {
    asked = replies;
    const texts = await Promise.all(
      Array.from({ length: replies }, async () => {
        const events = await eventsOf(model);
        return events.flatMap((event) => (event.type === 'content' ? [event.text] : []));
      }),
    );
    return new Set(texts.map(String));
  };
  const many = piecesOf(250);
  while (server.calls() < asked) await Bun.sleep(5);
  all.resolve();
  const joined = await many;
  for (const texts of joined) expect(texts.replaceAll(',', '')).toBe('abc');
  expect(joined).toContain('abc');
  expect(await piecesOf(1)).toEqual(new Set(['a,b,c']));
});

for (const [name, steps] of [
  ['before the first piece', [{ hang: true }]],
  ['between two pieces', [{ text: 'a' }, { hang: true }]],
] as [string, ModelStep[]][]) {
  test(`the signal ends the request ${name}, and its reason is thrown`, async () => {
    const server = start(steps);
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    const reply = collect(modelAt(server.url), { signal: controller.signal });
    while (server.calls() === 0) await Bun.sleep(5);
    controller.abort(reason);
    expect((await reply).error).toBe(reason);
    await untilLeft(server);
  });
}

test('a signal that had fired before lets no request out', async () => {
  const server = start();
  const reply = await collect(modelAt(server.url), { signal: AbortSignal.abort(new Error('gone')) });
  expect(reply.error).toEqual(new Error('gone'));
  expect(server.calls()).toBe(0);
});
