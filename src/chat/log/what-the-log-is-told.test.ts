// Whatever a model server or a database says, neither the log nor a caller is told its words.
import { afterEach, beforeAll, expect, test } from 'bun:test';
import { createServer } from 'node:net';
import type { Database } from '../../db/database.ts';
import { createLog } from '../../log.ts';
import { KEY, lines, modelAt } from '../../testing/ask-model.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { type ModelStep, startModelServer } from '../../testing/model-server.ts';
import { testApp } from '../../testing/test-app.ts';

/** What nobody may read; a server may put it anywhere. */
const CANARY = 'tweety the canary';
const said = `${CANARY} ${KEY}`;

const headers = {
  'retry-after': CANARY,
  'x-request-id': CANARY,
  'www-authenticate': `Bearer realm="${said}"`,
  'x-ratelimit': said,
};
const everywhere = { message: said, code: said, type: said, status: said, param: said, [CANARY]: said };

const answers: Record<string, ModelStep[]> = {
  'a refusal': [{ status: 400, headers, body: { error: everywhere } }],
  'a refused key': [{ status: 401, headers, body: { error: everywhere } }],
  'an unknown model': [{ status: 404, headers, body: { error: `no such model: ${said}` } }],
  'too many requests': [{ status: 429, headers, body: said }],
  'a failure': [{ status: 500, headers, body: `<html>${said}</html>` }],
  'a redirect': [{ status: 302, headers: { location: `http://127.0.0.1:9/${encodeURIComponent(said)}` } }],
  'an error in the stream': [{ text: 'so far' }, { raw: lines({ error: everywhere }) }],
  'an error event': [{ raw: `event: error\ndata: ${said}\n\n` }],
  'garbage in the stream': [{ raw: `data: ${said}\n\n` }],
  'a page of HTML': [{ status: 200, headers, body: `<!doctype html><h1>${said}` }],
  'a tool call alone': [
    { raw: lines({ choices: [{ delta: { tool_calls: [{ function: { name: said, arguments: said } }] } }] }) },
  ],
  'a thought without a reply': [{ thought: said }, { raw: lines({ error: said }) }],
};

onEachDatabase('the words of others', (open) => {
  let database: Database;
  const stops: (() => void)[] = [];
  beforeAll(async () => {
    database = await open();
  });
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  /** An app whose model is at `url`, and all that it logs. */
  async function appAt(url: string) {
    const logged: string[] = [];
    const log = createLog({ level: 'debug', format: 'json', write: (line) => logged.push(line) });
    const model = modelAt(url, { max_retries: 1, timeout: 5 });
    return { ...(await testApp(database, { model, log })), logged };
  }

  /** What a turn that fails tells its caller, in each way there is, and the log. */
  async function told(url: string): Promise<string> {
    const { newSession, send, get, logged } = await appAt(url);
    const id = await newSession();
    const blocking = await (await send('POST', `/api/sessions/${id}/chat`, { content: 'hi' })).text();
    const streamed = await send('POST', `/api/sessions/${id}/chat?stream=true`, { content: 'hi' });
    const errors = (await streamed.text()).split('\n\n').filter((event) => event.startsWith('event: error'));
    const turns = await (await get(`/api/sessions/${id}/turns`)).json();
    const outcomes = turns.map(({ status, error }: Record<string, unknown>) => ({ status, error }));
    expect(JSON.stringify(outcomes)).toContain('failed');
    expect(logged.join('\n')).toContain('a turn failed');
    return [blocking, ...errors, JSON.stringify(outcomes), ...logged].join('\n');
  }

  for (const [name, steps] of Object.entries(answers)) {
    test(`${name}: its words reach neither the log nor a caller`, async () => {
      const model = startModelServer(() => steps);
      stops.push(() => model.stop());
      const all = await told(model.url);
      expect(all).not.toContain(CANARY);
      expect(all).not.toContain('tweety');
      expect(all).not.toContain('very-secret');
    });
  }

  test('a reason phrase and what is no HTTP reach neither', async () => {
    for (const answer of [
      `HTTP/1.1 400 ${CANARY}\r\ncontent-length: 0\r\n\r\n`,
      `${CANARY}\r\n\r\n`,
      `HTTP/1.1 200 OK\r\n${CANARY}\r\n\r\n`,
    ]) {
      const server = createServer((socket) =>
        socket.on('error', () => {}).on('data', () => socket.end(answer)),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      stops.push(() => server.close());
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      expect(await told(`http://127.0.0.1:${port}/v1`)).not.toContain('tweety');
    }
  });

  test('what the database says of a row is told as its SQLSTATE', async () => {
    const { store, logged } = await appAt('http://127.0.0.1:9/v1');
    const error = await store.turns
      .find({ owner: 1, session: CANARY, turn: CANARY })
      .catch((thrown: unknown) => thrown);
    expect(String(error instanceof Error && error.cause)).toContain(CANARY);
    for (const format of ['pretty', 'json'] as const)
      createLog({ level: 'info', format, write: (line) => logged.push(line) }).error('failed', { error });
    expect(logged.join('\n')).toContain('SQLSTATE 22P02');
    expect(logged.join('\n')).not.toContain('tweety');
  });
});
