import { expect, test } from 'bun:test';
import {
  anthropicBlock,
  anthropicError,
  anthropicEvent,
  anthropicSteps,
  anthropicStop,
  PING,
  START,
} from '../../testing/anthropic-stream.ts';
import { collect, failure, KEY, lines, modelAt, modelServers, type Script } from '../../testing/ask-model.ts';
import { choiceChunk, type ModelStep } from '../../testing/model-server.ts';

import type { ModelFailure } from '../model.ts';

const { start, ask } = modelServers('AnthropicChatCompletionClient');
const OK = anthropicSteps([{ text: ['fine'] }]);
const TEXT = anthropicBlock({ text: ['a'] });
const overloaded = anthropicError('overloaded_error', `Overloaded ${KEY}`);

const said = (type: string, message: string) => ({ type: 'error', error: { type, message } });
const firstThen =
  (first: ModelStep[], then: ModelStep[]): Script =>
  (_, index) =>
    index === 0 ? first : then;

for (const [name, status, body, expected] of [
  [
    '401',
    401,
    said('authentication_error', `invalid x-api-key ${KEY}`),
    ['refused', 'refused the key (401)'],
  ],
  ['403', 403, said('permission_error', 'no'), ['refused', 'refused access (403)']],
  [
    '404 for a model',
    404,
    said('not_found_error', 'model: gpt-x'),
    ['refused', 'know the model "gpt-x" (404)'],
  ],
  [
    'a context that is too long',
    400,
    said('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    ['too_long', 'too long'],
  ],
  ['413', 413, said('request_too_large', 'x'), ['too_long', 'too long']],
  [
    'a credit that is used up',
    400,
    said('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
    ['refused', 'quota'],
  ],
  ['another 400', 400, said('invalid_request_error', 'x'), ['failed', 'refused the request (400)']],
  ['429', 429, said('rate_limit_error', 'x'), ['busy', 'too many requests (429)']],
  ['500', 500, said('api_error', 'x'), ['failed', 'failed (500)']],
  ['529', 529, said('overloaded_error', 'Overloaded'), ['busy', 'too many requests (529)']],
] as const) {
  test(`status ${name} says what to do`, async () => {
    const [kind, reason] = expected;
    const error = failure(await ask([{ status, body }]));
    expect(error.failure).toBe(kind);
    expect(error.reason.en).toContain(reason);
    expect(error.cause?.message).toBe(`HTTP ${status}, ${body.error.type}`);
  });
}

for (const [name, raw, expected] of [
  ['overloaded_error', overloaded, ['busy', 'too many requests']],
  ['rate_limit_error', anthropicError('rate_limit_error', 'x'), ['busy', 'too many requests']],
  ['api_error', anthropicError('api_error', 'Internal server error'), ['failed', 'failed (500)']],
  ['timeout_error', anthropicError('timeout_error', 'x'), ['timeout', 'timed out']],
  [
    'invalid_request_error',
    anthropicError('invalid_request_error', 'prompt is too long: 2 tokens > 1 maximum'),
    ['too_long', 'too long'],
  ],
  ['an error of a kind not known', anthropicError('new_error', 'x'), ['failed', 'reported an error']],
  ['an error without its event’s name', lines(said('overloaded_error', 'x')), ['busy', 'too many requests']],
] as [string, string, [ModelFailure, string]][]) {
  test(`an error in the stream is told, after what came before it: ${name}`, async () => {
    const reply = await ask([{ raw: START + TEXT + raw }], { max_retries: 2 });
    expect(reply).toMatchObject({ content: 'a', ends: [] });
    const error = failure(reply);
    expect(error.failure).toBe(expected[0]);
    expect(error.reason.en).toContain(expected[1]);
    expect(reply.server.calls()).toBe(1);
  });
}

for (const [name, steps] of [
  ['529', [{ status: 529 }]],
  ['429 with a small Retry-After', [{ status: 429, headers: { 'retry-after': '0.01' } }]],
  ['overloaded_error before the first piece', [{ raw: START + PING + overloaded }]],
  ['api_error before the first piece', [{ raw: START + anthropicError('api_error', 'x') }]],
  ['a connection cut before the first piece', [{ raw: START + PING }, { cut: true }]],
] as [string, ModelStep[]][]) {
  test(`${name} is asked again`, async () => {
    const reply = await ask(firstThen(steps, OK), { max_retries: 2 });
    expect(reply).toMatchObject({ content: 'fine', error: undefined });
    expect(reply.ends).toMatchObject([{ usage: { prompt_tokens: 125, completion_tokens: 7 } }]);
    expect(reply.server.calls()).toBe(2);
  });
}

test('a long Retry-After is told to the caller at once', async () => {
  for (const status of [429, 529]) {
    const reply = await ask([{ status, headers: { 'retry-after': '30' } }], { max_retries: 2 });
    expect(failure(reply)).toMatchObject({ failure: 'busy', retryAfterSeconds: 30 });
    expect(reply.server.calls()).toBe(1);
  }
});

test('an error that cannot be helped is not asked again', async () => {
  for (const type of ['authentication_error', 'invalid_request_error', 'billing_error']) {
    const reply = await ask(firstThen([{ raw: START + anthropicError(type, 'x') }], OK), { max_retries: 2 });
    failure(reply);
    expect(reply.server.calls()).toBe(1);
  }
});

for (const [name, steps, reason] of [
  ['a cut connection', [{ raw: START + TEXT }, { cut: true }], 'before the reply was whole'],
  [
    'a cut connection in the middle of an event',
    [{ raw: `${START}${TEXT}event: content_b` }, { cut: true }],
    'whole',
  ],
  [
    'an event of a reply that is no JSON',
    [{ raw: `${START}event: content_block_delta\ndata: {"type\n\n` }],
    'not a reply',
  ],
  [
    'a block that is none',
    [{ raw: START + anthropicEvent('content_block_delta', { delta: 4 }) }],
    'not a reply',
  ],
  ['chunks of chat completions', [{ raw: lines(choiceChunk({ content: 'a' })) }], 'not a reply'],
  ['a page of HTML', [{ status: 200, body: '<!doctype html><h1>hi</h1>' }], 'web page'],
  ['an empty body', [{ status: 200 }], 'without a reply'],
  ['a beginning alone', [{ raw: START }], 'without a reply'],
  ['only a thought', [{ raw: START + anthropicBlock({ thinking: ['hm'] }) }], 'without a reply'],
] as [string, ModelStep[], string][]) {
  test(`a reply fails on ${name}`, async () => {
    const reply = await ask(steps);
    const error = failure(reply);
    expect(error.failure).toBe('failed');
    expect(error.reason.en).toContain(reason);
    expect(reply.ends).toEqual([]);
  });
}

test('a clean end with text but no stop reason is a whole reply', async () => {
  const reply = await ask([{ raw: START + TEXT }]);
  expect(reply).toMatchObject({ content: 'a', error: undefined, ends: [{ finishReason: 'unknown' }] });
});

test('a connection cut, or silent, after the stop reason does not hurt', async () => {
  for (const after of [{ cut: true as const }, { hang: true as const }]) {
    const reply = await ask([{ raw: START + TEXT + anthropicStop('end_turn') }, after], { timeout: 1 });
    expect(reply).toMatchObject({ content: 'a', error: undefined, ends: [{ finishReason: 'stop' }] });
  }
});

/** This again and again, 250 ms apart, for three seconds. */
const often = (raw: string): ModelStep[] => Array.from({ length: 12 }, () => [{ wait: 250 }, { raw }]).flat();

for (const [name, raw] of [
  ['pings', PING],
  ['beginnings', START],
  ['empty deltas', anthropicEvent('content_block_delta', { delta: { type: 'text_delta', text: '' } })],
  [
    'empty tool calls',
    anthropicEvent('content_block_delta', { delta: { type: 'input_json_delta', partial_json: '' } }),
  ],
] as [string, string][]) {
  test(`what is no piece does not count as one: ${name}`, async () => {
    const after = async (first: string, content: string) => {
      const reply = await ask([{ raw: first }, ...often(raw), ...OK], { timeout: 1.5, max_retries: 2 });
      expect(failure(reply)).toMatchObject({ failure: 'timeout' });
      expect(reply.content).toBe(content);
      expect(reply.server.calls()).toBe(1);
    };
    await Promise.all([after(START, ''), after(START + TEXT, 'a')]);
  });
}

for (const [name, delta] of [
  ['text', { type: 'text_delta', text: 'a' }],
  ['thought', { type: 'thinking_delta', thinking: 'a' }],
  ['a tool call', { type: 'input_json_delta', partial_json: '{' }],
] as [string, object][]) {
  test(`each piece starts the clock anew: ${name}`, async () => {
    const steps = [...often(anthropicEvent('content_block_delta', { index: 0, delta })), ...OK];
    const reply = await ask(steps, { timeout: 1.5 });
    expect(reply.error).toBeUndefined();
    expect(reply.content).toEndWith('fine');
  });
}

test('a server that is not there cannot be reached', async () => {
  const gone = start();
  gone.stop();
  const reply = await collect(modelAt(gone.url, { max_retries: 0 }, 'AnthropicChatCompletionClient'));
  expect(failure(reply).reason.en).toBe('the model server cannot be reached (connection refused)');
});

test('the signal ends the request, and its reason is thrown', async () => {
  const server = start([{ raw: START + TEXT }, { hang: true }]);
  const controller = new AbortController();
  const model = modelAt(server.url, {}, 'AnthropicChatCompletionClient');
  const reply = collect(model, { signal: controller.signal });
  while (server.calls() === 0) await Bun.sleep(5);
  controller.abort(new Error('cancelled by the user'));
  expect((await reply).error).toEqual(new Error('cancelled by the user'));
  while (server.left() === 0) await Bun.sleep(5);
});
