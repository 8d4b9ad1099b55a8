import { expect, test } from 'bun:test';
import { collect, failure, KEY, lines, modelAt, modelServers, STOP } from '../../testing/ask-model.ts';
import { choiceChunk, type ModelStep } from '../../testing/model-server.ts';

const { start, ask } = modelServers();

const BROKEN: [string, ModelStep[], string][] = [
  ['an error as a data line', [{ raw: lines({ error: { message: `bad ${KEY}` } }) }], 'reported an error'],
  ['an error after text', [{ text: 'a' }, { raw: lines({ error: 'oops' }) }], 'reported an error'],
  [
    'an error after the finish reason',
    [{ text: 'a' }, { chunk: STOP }, { raw: lines({ error: {} }) }],
    'error',
  ],
  ['event: error', [{ text: 'a' }, { raw: 'event: error\ndata: {"message":"no"}\n\n' }], 'reported an error'],
  ['finish reason error', [{ text: 'a' }, { chunk: choiceChunk({}, 'error') }], 'reported an error'],
  ['an object of the kind error', [{ raw: '{"object":"error","message":"no","code":400}' }], '(400)'],
  [
    'a bare error line after text',
    [{ text: 'a' }, { raw: '{"error":{"message":"no"}}\n' }],
    'reported an error',
  ],
  ['invalid JSON', [{ raw: 'data: {"choices": [\n\n' }], 'not a reply'],
  ['JSON that is no chunk', [{ raw: 'data: 42\n\n' }], 'not a reply'],
  ['a page of HTML', [{ status: 200, body: '<!doctype html><h1>hi</h1>' }], 'web page'],
  ['an empty body', [{ status: 200 }], 'without a reply'],
  ['only [DONE]', [{ raw: 'data: [DONE]\n\n' }], 'without a reply'],
  ['only a thought', [{ thought: 'hm' }, { end: true }], 'without a reply'],
  ['a cut connection', [{ text: 'a' }, { cut: true }], 'before the reply was whole'],
];

for (const [name, steps, reason] of BROKEN) {
  test(`a reply fails on ${name}`, async () => {
    const reply = await ask(steps);
    const error = failure(reply);
    expect(error.failure).toBe('failed');
    expect(error.reason.en).toContain(reason);
    expect(reply.ends).toEqual([]);
  });
}

test('what came before an error was streamed', async () => {
  expect(await ask([{ text: 'so far' }, { cut: true }])).toMatchObject({ content: 'so far' });
});

test('a clean end with text but no finish reason is a whole reply', async () => {
  const reply = await ask([{ text: 'all' }, { end: true }]);
  expect(reply).toMatchObject({ content: 'all', error: undefined });
  expect(reply.ends).toMatchObject([{ finishReason: 'unknown' }]);
});

test('a connection cut after the finish reason does not hurt', async () => {
  const reply = await ask([{ text: 'all' }, { chunk: STOP }, { cut: true }]);
  expect(reply).toMatchObject({ content: 'all', error: undefined });
  expect(reply.ends).toMatchObject([{ finishReason: 'stop' }]);
});

test('a server that hangs after the finish reason does not hurt', async () => {
  const reply = await ask([{ text: 'all' }, { chunk: STOP }, { hang: true }], { timeout: 1 });
  expect(reply).toMatchObject({ content: 'all', error: undefined });
  expect(reply.ends).toMatchObject([{ finishReason: 'stop' }]);
});

test('a server that keeps the stream open after [DONE] is not waited for', async () => {
  const steps = [{ text: 'a' }, { raw: 'data: [DONE]\n\n' }, { hang: true as const }];
  expect(await ask(steps, { timeout: 3 })).toMatchObject({ content: 'a', error: undefined });
});

test('a line among the events that belongs to none is passed over', async () => {
  const reply = await ask([{ raw: 'proxy says hello\n\n' }, { text: 'a' }, { chunk: STOP }]);
  expect(reply).toMatchObject({ content: 'a', error: undefined });
});

for (const [name, status, body, expected] of [
  [
    '401',
    401,
    { error: { message: `Incorrect API key ${KEY}` } },
    ['refused', 'refused the key (401): correct the key'],
  ],
  ['402', 402, {}, ['refused', 'no credit left (402): add']],
  ['403', 403, 'no', ['refused', '(403): check']],
  [
    '404 for a model',
    404,
    { error: { message: 'model not found' } },
    ['refused', 'know the model "gpt-x" (404): check'],
  ],
  ['404 for an address', 404, 'Not Found', ['refused', 'check base_url']],
  [
    'a context that is too long',
    400,
    { error: { code: 'context_length_exceeded' } },
    ['too_long', 'too long'],
  ],
  ['400', 400, {}, ['failed', 'refused the request (400)']],
  ['429', 429, {}, ['busy', 'too many requests (429)']],
  ['a used up quota', 429, { error: { code: 'insufficient_quota' } }, ['quota', 'is used up (429): raise']],
  ['400 for the quota', 400, { error: { message: 'credit balance too low' } }, ['refused', 'used up (400)']],
  ['500', 500, '<html>', ['failed', 'failed (500)']],
  ['504', 504, '', ['timeout', 'timed out (504)']],
] as const) {
  test(`status ${name} says what to do`, async () => {
    const [kind, reason] = expected;
    const error = failure(await ask([{ status, body }]));
    expect(error.failure).toBe(kind);
    expect(error.reason.en).toContain(reason);
  });
}

test('a server that is not there cannot be reached', async () => {
  const gone = start();
  gone.stop();
  const reply = await collect(modelAt(gone.url, { max_retries: 0 }));
  expect(failure(reply).reason).toEqual({
    'zh-CN': '无法连接模型服务（连接被拒绝）',
    en: 'the model server cannot be reached (connection refused)',
  });
});

const SAID = 'what the provider says';

for (const [name, body, cause] of [
  ['an object', { error: { message: `${SAID} ${KEY}`, code: 'invalid_key', type: SAID } }, ', invalid_key'],
  [
    'names',
    { error: { type: 'a_type', param: 'messages[0].role', code: 1301 } },
    ', 1301, a_type, messages[0].role',
  ],
  [
    'a status of its own',
    { error: { code: 400, message: SAID, status: 'INVALID_ARGUMENT' } },
    ', INVALID_ARGUMENT',
  ],
  ['a key as a name', { error: { code: KEY, type: 'sk-another-key-5678', param: `${SAID}` } }, ''],
  ['a text', { error: `${SAID} ${KEY}` }, ''],
  ['no `error`', { object: 'error', message: `${SAID} ${KEY}` }, ''],
  ['a detail', { detail: [{ msg: `${SAID} ${KEY}` }] }, ''],
  ['a list', [{ error: { message: `${SAID} ${KEY}`, code: 'one' } }], ', one'],
  ['no JSON', `${SAID} sk-another-key-5678 ${KEY}`, ''],
  ['great length', `${SAID} ${KEY} ${'x'.repeat(300_000)}`, ''],
  ['a long name', { error: { code: 'x'.repeat(300_000) } }, ''],
] as [string, unknown, string][]) {
  test(`the cause holds the status and the names of the error, none of its words: ${name}`, async () => {
    const error = failure(await ask([{ status: 400, body }]));
    expect(error.cause?.message).toBe(`HTTP 400${cause}`);
  });
}

for (const [name, steps, told] of [
  [
    'an error in the stream',
    [{ raw: lines({ error: { message: SAID, code: 'a_code' } }) }],
    'error in the stream, a_code',
  ],
  ['a page of HTML', [{ status: 200, body: `<h1>${SAID}` }], '26 characters of no event'],
  ['garbage', [{ raw: `data: {${SAID}\n\n` }], 'not JSON, 23 characters'],
  ['no completion', [{ raw: lines([SAID]) }], 'JSON that is no completion, 26 characters'],
  ['an answer without a reply', [{ status: 200 }], 'no text'],
  ['a cut connection', [{ text: 'a' }, { cut: true }], 'ECONNRESET'],
] as [string, ModelStep[], string][]) {
  test(`the cause of ${name} says what it was, in no words of its own`, async () => {
    expect(failure(await ask(steps)).cause?.message).toBe(told);
  });
}

test('the cause of no connection is the system’s name for it, without an address', async () => {
  const gone = start();
  gone.stop();
  const { cause } = failure(await collect(modelAt(gone.url, { max_retries: 0 })));
  expect(cause?.message).toMatch(/^[A-Za-z_, ]+$/);
});

const KIBIBYTES = 'x'.repeat(64 * 1024);

for (const [name, steps] of [
  ['one line', [{ endless: KIBIBYTES }]],
  ['lines of no event', [{ text: 'a' }, { endless: `${KIBIBYTES}\n` }]],
  ['lines of no event between events', [{ endless: `${KIBIBYTES}\ndata: {}\n\n` }]],
  ['one event', [{ endless: `data: ${KIBIBYTES}\n` }]],
  ['comments', [{ endless: `: ${KIBIBYTES}\n\n` }]],
] as [string, ModelStep[]][]) {
  test(`a body without end is given up: ${name}`, async () => {
    const reply = await ask(steps, { timeout: 60 });
    expect(failure(reply).reason.en).toContain('not a reply');
    while (reply.server.left() === 0) await Bun.sleep(5);
  });
}

test('of an error’s body without end the beginning is enough', async () => {
  const reply = await ask([{ status: 500 }, { endless: KIBIBYTES }], { timeout: 60 });
  expect(failure(reply)).toMatchObject({ reason: { en: 'the model server failed (500)' } });
  while (reply.server.left() === 0) await Bun.sleep(5);
});
