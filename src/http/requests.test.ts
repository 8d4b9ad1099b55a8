import { beforeAll, expect, jest, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectInvalid, expectProblem } from '../testing/expect-problem.ts';
import { testApp } from '../testing/test-app.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

onEachDatabase('a request body', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  // A string would bring a content type of its own.
  async function poster(settings: { maxBodyBytes?: number } = {}) {
    const app = await testApp(database, { settings });
    return (body: Uint8Array<ArrayBuffer> | string, contentType: string | null = 'application/json') =>
      app.request('/api/sessions', {
        method: 'POST',
        headers: contentType === null ? {} : { 'content-type': contentType },
        body: typeof body === 'string' ? bytes(body) : body,
      });
  }

  for (const [title, body] of [
    ['nothing but space', '  \n'],
    ['a word', 'hello'],
    ['a cut object', '{"name":"x"'],
    ['a cut string', '{"name":"x'],
    ['a second value', '{} {}'],
    ['a comma too much', '{"name":"x",}'],
    ['single quotes', "{'name':'x'}"],
    ['a comment', '{} // none'],
    ['NaN', '{"metadata":{"a":NaN}}'],
    ['Infinity', '{"metadata":{"a":-Infinity}}'],
    ['a raw line end in a string', '{"name":"a\nb"}'],
    ['a bad escape', '{"name":"\\x41"}'],
    ['100,000 brackets that nobody closes', '['.repeat(100_000)],
    ['a byte that is no UTF-8', new Uint8Array([...bytes('{"name":"'), 0xff, ...bytes('"}')])],
    ['half a UTF-8 character', new Uint8Array([...bytes('{"name":"'), 0xe4, 0xbd, ...bytes('"}')])],
    ['a surrogate in UTF-8', new Uint8Array([...bytes('{"name":"'), 0xed, 0xa0, 0x80, ...bytes('"}')])],
    ['UTF-16', new Uint8Array(Buffer.from('{"name":"x"}', 'utf16le'))],
    ['NUL', new Uint8Array(1)],
  ] as const) {
    test(`of ${title} is 400`, async () => {
      const post = await poster();
      const { detail } = await expectProblem(await post(body as string), 400);
      expect(detail).toContain('send it again');
    });
  }

  test('may begin with a byte order mark', async () => {
    const post = await poster();
    const response = await post(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes('{"name":"x"}')]));
    expect(await response.json()).toMatchObject({ name: 'x' });
  });

  for (const body of ['null', 'true', '42', '"x"', '[]', '[{"name":"x"}]']) {
    test(`of ${body} is 422, it must be an object`, async () => {
      const post = await poster();
      expect(await expectInvalid(await post(body), ['body'])).toBe('must be an object');
    });
  }

  test('nested 100,000 levels deep is answered in time, whether it is used or not', async () => {
    const post = await poster();
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    await expectInvalid(await post(deep), ['body']);
    expect((await post(`{"unknown":${deep}}`)).status).toBe(201);
    expect(await expectInvalid(await post(`{"metadata":{"a":${deep}}}`), ['body', 'metadata'])).toContain(
      'deep',
    );
  });

  for (const type of [
    'application/json',
    'APPLICATION/JSON',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'application/json ; charset="utf-8"',
    'application/json;',
    'application/json; profile=x',
  ]) {
    test(`may be sent as ${type}`, async () => {
      const post = await poster();
      const response = await post('{"name":"x"}', type);
      expect(response.status).toBe(201);
      expect(await response.json()).toMatchObject({ name: 'x' });
    });
  }

  for (const type of [
    null,
    '',
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json, text/plain',
    'text/json',
    'application/json; charset=gbk',
    'application/json; charset=utf-16',
    'json',
    '*/*',
  ]) {
    test(`sent as ${type ?? 'no type at all'} is 415`, async () => {
      const post = await poster();
      const { detail } = await expectProblem(await post('{"name":"x"}', type), 415);
      expect(detail).toContain('Content-Type: application/json');
    });
  }

  test('that is empty is no body, whatever its type says', async () => {
    const post = await poster();
    for (const type of [null, 'application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      expect((await post('', type)).status).toBe(201);
    }
  });

  test('may be as large as the limit; one byte more is 413', async () => {
    const post = await poster({ maxBodyBytes: 2000 });
    const sized = (size: number) => `{"padding":"${'x'.repeat(size - 14)}"}`;
    expect(sized(2000)).toHaveLength(2000);
    // A new session may bring its conversation along, which is larger than a message.
    expect((await post(sized(32_000))).status).toBe(201);
    expect((await expectProblem(await post(sized(32_001)), 413)).detail).toContain('32000');
    const app = await testApp(database, { settings: { maxBodyBytes: 2000 } });
    const id = await app.newSession();
    expect((await app.send('PATCH', `/api/sessions/${id}`, sized(2000))).status).toBe(200);
    const larger = await app.send('PATCH', `/api/sessions/${id}`, sized(2001));
    expect((await expectProblem(larger, 413)).detail).toContain('2000');
  });

  test('that says it is too large is 413, and is read on only for a moment', async () => {
    const app = await testApp(database);
    const endless = new Uint8Array(1024 * 1024);
    let read = 0;
    const body = new ReadableStream({
      pull(controller) {
        read++;
        controller.enqueue(endless);
      },
    });
    const response = await app.request('/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': '1048577' },
      body,
    });
    await expectProblem(response, 413);
    expect(read).toBeLessThan(100);
  });

  test('without a length and without an end is given up', async () => {
    const app = await testApp(database, { settings: { maxBodyBytes: 10_000 } });
    let read = 0;
    const body = new ReadableStream({
      pull(controller) {
        read += 1_000_000;
        controller.enqueue(new Uint8Array(1_000_000).fill(32));
      },
    });
    const response = await app.request('/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await expectProblem(response, 413);
    expect(read).toBeLessThan(80_000_000);
  });

  test('that does not come to its end is given up after a minute, and its connection closed', async () => {
    const app = await testApp(database);
    try {
      for (const headers of [{}, { 'content-length': '100' }]) {
        jest.useRealTimers();
        // What is known of the caller is asked for before.
        await app.get('/api/me');
        jest.useFakeTimers();
        const answer = app.request('/api/sessions', {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: new ReadableStream({ pull: () => new Promise(() => {}) }),
        });
        // What comes before the body is waited for needs no timer.
        for (let step = 0; step < 100; step++) await Promise.resolve();
        jest.advanceTimersByTime(60_000);
        const response = await answer;
        expect(response.headers.get('connection')).toBe('close');
        await expectProblem(response, 408);
      }
    } finally {
      jest.useRealTimers();
    }
  });

  test('that comes in many pieces is one body', async () => {
    const app = await testApp(database);
    const all = bytes('{"name":"你好👩‍👩‍👧"}');
    const body = new ReadableStream({
      start(controller) {
        for (const byte of all) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const response = await app.request('/api/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await response.json()).toMatchObject({ name: '你好👩‍👩‍👧' });
  });

  test('may hold fields that nobody knows, as AutoGen clients send them', async () => {
    const app = await testApp(database);
    const id = await app.newSession({ id: 'mine', created_at: 'now', owner: 'me', message_count: 9 });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const response = await app.send('POST', `/api/sessions/${id}/chat`, {
      id: '1',
      source: 'user',
      models_usage: null,
      metadata: {},
      created_at: 'yesterday',
      content: 'hi',
      type: 'TextMessage',
      thought: 'hm',
      session_id: 'other',
      role: 'assistant',
    });
    expect(response.status).toBe(200);
    const [message] = await (await app.get(`/api/sessions/${id}/history`)).json();
    expect(message).toMatchObject({ session_id: id, source: 'user', content: 'hi' });
    expect(message.thought).toBeUndefined();
    expect(message.id).not.toBe('1');
  });
});
