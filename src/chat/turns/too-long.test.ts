// A conversation that is more than the model's server takes is cut to what it takes, within the same turn.
import { afterEach, beforeAll, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import { modelAt, STOP } from '../../testing/ask-model.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectProblem } from '../../testing/expect-problem.ts';
import {
  choiceChunk,
  type ModelServer,
  type RecordedRequest,
  startModelServer,
} from '../../testing/model-server.ts';
import { testApp } from '../../testing/test-app.ts';

const textOf = ({ body }: RecordedRequest): string => JSON.stringify(body.messages);
const lengthOf = (request: RecordedRequest) => textOf(request).length;
/** Some four hundred tokens, which each server below counts as one for each three characters. */
const long = 'some more words '.repeat(80);

onEachDatabase('a conversation that is too long for the server', (open) => {
  let database: Database;
  const servers: ModelServer[] = [];
  beforeAll(async () => {
    database = await open();
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.stop();
  });

  /** A server that takes `limit` tokens, and says so in these words. */
  function serverThatTakes(limit: number, refusal: (counted: number) => string) {
    const server = startModelServer((request) => {
      const counted = Math.ceil(lengthOf(request) / 3);
      if (counted < limit) return [{ text: 'ok' }];
      return [{ status: 400, body: { error: { message: refusal(counted), code: 400 } } }];
    });
    servers.push(server);
    return server;
  }

  const openAppAt = (server: ModelServer, config = {}) =>
    testApp(database, { model: modelAt(server.url, { max_retries: 0, ...config }) });
  type App = Awaited<ReturnType<typeof testApp>>;

  async function say(app: App, id: string, content: string) {
    const response = await app.send('POST', `/api/sessions/${id}/chat`, { content });
    return { response, reply: response.ok ? await response.clone().json() : undefined };
  }

  const told = (limit: number) => (counted: number) =>
    `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${counted} tokens.`;

  test('is cut to its limit, which is remembered and told', async () => {
    const server = serverThatTakes(2048, told(2048));
    const app = await openAppAt(server);
    const id = await app.newSession();
    for (let message = 1; message <= 4; message++) {
      const { reply } = await say(app, id, `${message}. ${long}`);
      expect(reply.metadata).toEqual({ model: 'gpt-x' });
    }
    expect(server.calls()).toBe(4);
    const { reply } = await say(app, id, `5. ${long}`);
    expect(reply.content).toBe('ok');
    expect(reply.metadata).toMatchObject({
      context_limit: '2048',
      context_left_out: expect.stringMatching(/^\d+$/),
    });
    expect(server.calls()).toBe(6);
    const [, refused, accepted] = server.requests.slice(-3);
    expect(textOf(accepted as RecordedRequest)).toContain('5. some');
    expect(textOf(accepted as RecordedRequest)).not.toContain('1. some');
    expect(lengthOf(accepted as RecordedRequest)).toBeLessThan(lengthOf(refused as RecordedRequest));

    // The next one, of another session too, is cut before it is asked.
    expect((await say(app, id, `6. ${long}`)).reply.metadata.context_limit).toBe('2048');
    expect(server.calls()).toBe(7);
    const other = await app.newSession();
    expect((await say(app, other, 'short')).reply.metadata).toEqual({ model: 'gpt-x' });
    expect(server.calls()).toBe(8);
  });

  test('is halved where the server gives no number, and at last the message goes alone', async () => {
    const server = serverThatTakes(700, () => 'Please reduce the length of the messages or completion.');
    const app = await openAppAt(server);
    const id = await app.newSession();
    for (let message = 1; message <= 8; message++) {
      const { response, reply } = await say(app, id, `${message}. ${long}`);
      expect(response.status).toBe(200);
      expect(reply.metadata.context_limit).toBeUndefined();
    }
    // The limit that was found by trying is remembered too, but for this conversation alone.
    const before = server.calls();
    expect((await say(app, id, long)).response.status).toBe(200);
    expect(server.calls()).toBe(before + 1);
    const other = await app.newSession();
    for (const number of ['first', 'second', 'third'])
      expect((await say(app, other, `${number} ${'a '.repeat(280)}`)).reply.metadata).toEqual({
        model: 'gpt-x',
      });
    expect(textOf(server.requests.at(-1) as RecordedRequest)).toContain('first');
    expect(server.calls()).toBe(before + 4);
  });

  test('a message that can never fit says so in both languages, and is not asked for again and again', async () => {
    const server = serverThatTakes(300, told(300));
    const app = await openAppAt(server);
    const id = await app.newSession();
    const { response } = await say(app, id, long);
    const problem = await expectProblem(response, 413);
    expect(problem.type).toBe('urn:agentchat:problem:model_too_long');
    expect(problem.detail).toContain(
      'the model server takes 300 tokens, and with the system message it is about',
    );
    expect(problem.detail).not.toContain('try again');
    expect(server.calls()).toBe(1);
    const [turn] = await (await app.get(`/api/sessions/${id}/turns`, { 'accept-language': 'zh-CN' })).json();
    expect(turn.error.detail).toContain('模型服务只能处理 300 个 token');
    // What one message did not fit into is no limit for others.
    expect((await say(app, id, 'short')).response.status).toBe(200);
    expect(server.requests.at(-1)?.body.messages).toHaveLength(2);
  });

  test('a reply that leaves no room for a conversation says what to set', async () => {
    const refusal = (counted: number) =>
      `'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 2048 tokens and your request has ${counted} input tokens.`;
    const app = await openAppAt(serverThatTakes(1, refusal), { max_tokens: 4096 });
    const { response } = await say(app, await app.newSession(), 'hi');
    expect((await expectProblem(response, 413)).detail).toContain('lower max_tokens');
  });

  test('what was said in the middle of a reply is not asked for again', async () => {
    const server = startModelServer(() => [
      { text: 'some' },
      { raw: `event: error\ndata: {"message":"Reached context length of 4096 tokens"}\n\n` },
    ]);
    servers.push(server);
    const app = await openAppAt(server);
    const { response } = await say(app, await app.newSession(), 'hi');
    await expectProblem(response, 502);
    expect(server.calls()).toBe(1);
  });

  test('a cancelled reply says what was left out too', async () => {
    const server = startModelServer((request) =>
      lengthOf(request) > 2500
        ? [{ status: 400, body: { error: { message: told(1000)(1100) } } }]
        : textOf(request).includes('hang')
          ? [{ text: 'so far' }, { hang: true }]
          : [{ text: 'ok' }, { chunk: STOP }, { chunk: choiceChunk({}) }],
    );
    servers.push(server);
    const app = await openAppAt(server);
    const id = await app.newSession();
    await say(app, id, long);
    const reading = await app.send('POST', `/api/sessions/${id}/chat?stream=true`, {
      content: `hang ${long}`,
    });
    const reader = reading.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    while (!seen.includes('so far')) seen += (await reader?.read())?.value ?? '';
    const [turn] = await (await app.get(`/api/sessions/${id}/turns`)).json();
    const ended = await app.request(`/api/sessions/${id}/turns/${turn.id}/cancel`, { method: 'POST' });
    expect((await ended.json()).reply.metadata).toMatchObject({
      cancelled: 'true',
      context_left_out: '1',
      context_limit: '1000',
    });
    await reader?.cancel();
  });
});
