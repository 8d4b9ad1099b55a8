// AutoGen's HttpTool: what it sends was seen by running autogen-ext 0.7.5 against a server that writes down requests.
import { afterEach, expect, test } from 'bun:test';
import { callOptions } from '../testing/mcp-servers.ts';
import { callTool } from '../testing/workbench.ts';
import { createHttpTool } from './http-tool.ts';
import { type HttpToolConfig, httpToolConfig } from './http-tool-config.ts';
import { createStaticWorkbench } from './static-workbench.ts';
import { resultText } from './tool.ts';

type Seen = { method: string; path: string; body: string; headers: Headers };
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function serve(answer: (request: Request) => Response | Promise<Response> = () => new Response('done')) {
  const seen: Seen[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      seen.push({ method: request.method, path: pathname + search, body, headers: request.headers });
      return answer(request);
    },
  });
  stops.push(() => server.stop(true));
  return { seen, port: server.port };
}

const schema = {
  type: 'object',
  properties: {
    v: { type: 'string' },
    n: { type: 'integer', default: 3 },
    o: { type: 'string' },
    l: { type: 'array', items: { type: 'string' } },
    b: { type: 'boolean' },
  },
  required: ['v'],
};

const toolAt = (port: number | undefined, more: Partial<Record<keyof HttpToolConfig, unknown>> = {}) =>
  createHttpTool(
    httpToolConfig.parse({
      name: 't',
      description: 'd',
      host: '127.0.0.1',
      port,
      json_schema: schema,
      ...more,
    }),
  );

/** What a call of a tool gives, as a model sees it. */
async function call(port: number | undefined, more: Parameters<typeof toolAt>[1], args: object = { v: 'x' }) {
  const result = await callTool(createStaticWorkbench([toolAt(port, more)]), 't', { ...args }, callOptions());
  return result.isError ? { error: resultText(result) } : resultText(result);
}

test('arguments go into the path, then by method into the query or the body, those left out too', async () => {
  const { seen, port } = serve();
  await call(port, { path: '/p/{v}', method: 'GET' }, { v: 'x', l: ['a', 'b'], b: true, extra: 2 });
  await call(port, { path: '/p', method: 'DELETE' });
  await call(port, { path: '/p/{v}', method: 'POST', headers: { 'X-A': '1' } }, { v: 'x', extra: 2 });
  await call(port, { path: '/p/{v}', method: 'PATCH' }, { v: 'x', o: 'y' });
  await call(port, { path: '/p', method: 'PUT' });
  expect(seen.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['GET', '/p/x?n=3&o=&l=a&l=b&b=true', ''],
    ['DELETE', '/p?v=x&n=3&o=&l=&b=', ''],
    ['POST', '/p/x', '{"n":3,"o":null,"l":null,"b":null}'],
    ['PATCH', '/p/x', '{"n":3,"o":"y","l":null,"b":null}'],
    ['PUT', '/p', '{"v":"x","n":3,"o":null,"l":null,"b":null}'],
  ]);
  const headers = seen[2]?.headers;
  expect(headers?.get('x-a')).toBe('1');
  expect(headers?.get('content-type')).toBe('application/json');
  expect(seen.map(({ headers }) => headers.get('idempotency-key'))).toEqual(Array(5).fill('key-1'));
});

test('an argument is one part of the path, and leads nowhere else', async () => {
  const { seen, port } = serve();
  const at = (v: string) =>
    call(port, { path: '/only/{v}', method: 'GET', json_schema: { properties: { v: {} } } }, { v });
  await at('a b/../../c?d#é%2f');
  expect(seen[0]?.path).toBe('/only/a%20b%2F..%2F..%2Fc%3Fd%23%C3%A9%252f');
  for (const v of ['..', '.', ''])
    expect(await at(v)).toEqual({ error: `The argument 'v' of the path cannot be '${v}'.` });
  expect(seen).toHaveLength(1);
});

test('wrong arguments are told, and nothing is sent', async () => {
  const { seen, port } = serve();
  expect(await call(port, {}, {})).toEqual({ error: expect.stringContaining('Wrong arguments: v:') });
  expect(await call(port, {}, { v: 5 })).toEqual({ error: expect.stringContaining('expected string') });
  expect(await call(port, { path: '/{w}' })).toEqual({ error: "The argument 'w' of the path has no value." });
  expect(await call(port, { path: '/{o}' })).toEqual({ error: "The argument 'o' of the path has no value." });
  expect(seen).toEqual([]);
});

test('the answer is text, or JSON as the server wrote it', async () => {
  const long = '12345678901234567890';
  const { port } = serve(() => new Response(` {"a": ${long}} `));
  expect(await call(port, {})).toBe(` {"a": ${long}} `);
  expect(await call(port, { return_type: 'json' })).toBe(`{"a": ${long}}`);
  const word = serve(() => new Response('"word"'));
  expect(await call(word.port, { return_type: 'json' })).toBe('word');
  const none = serve(() => new Response('<html>'));
  expect(await call(none.port, { return_type: 'json' })).toEqual({ error: 'The answer is no JSON.' });
});

test('a failure of the server is an error with its text, or with its status', async () => {
  const { port } = serve(() => new Response('no such thing', { status: 404 }));
  expect(await call(port, {})).toEqual({ error: 'no such thing' });
  const silent = serve(() => new Response('', { status: 503 }));
  expect(await call(silent.port, {})).toEqual({ error: 'The server answered HTTP 503.' });
});

test('a redirect is not followed, not even within its server', async () => {
  const { seen, port } = serve(() => new Response('', { status: 302, headers: { location: '/else' } }));
  expect(await call(port, { headers: { Authorization: 'Bearer secret' } })).toEqual({
    error: 'The server answered HTTP 302: it points elsewhere, which is not followed.',
  });
  expect(seen).toHaveLength(1);
});

test('a server that is away, is late, or never ends its answer, is told in a sentence', async () => {
  const gone = serve();
  await stops.pop()?.();
  expect(await call(gone.port, {})).toEqual({
    error: 'The server cannot be reached, or broke off its answer.',
  });
  const late = serve(() => new Promise<Response>(() => {}));
  expect(await call(late.port, { timeout: 0.3 })).toEqual({
    error: 'The server did not answer within 0.3 seconds.',
  });
  const bytes = new Uint8Array(64 * 1024).fill(120);
  const endless = serve(() => new Response(new ReadableStream({ pull: (to) => to.enqueue(bytes) })));
  const kept = String(await call(endless.port, {}));
  expect(kept).toEndWith('[Cut here: only the first 1048576 bytes of the answer were read.]');
  expect(kept.length).toBeLessThan(1024 * 1024 + 100);
});

test('a call that is cancelled rejects with the signal’s reason', async () => {
  const { port, seen } = serve(() => new Promise<Response>(() => {}));
  const leaving = new AbortController();
  const options = callOptions({ signal: leaving.signal });
  const call = callTool(createStaticWorkbench([toolAt(port)]), 't', { v: 'x' }, options);
  while (seen.length === 0) await Bun.sleep(5);
  leaving.abort(new Error('left'));
  await expect(call).rejects.toThrow('left');
});

test('what a file of AutoGen says is read, with its defaults', async () => {
  const written = {
    name: 'base64_decode',
    description: 'd',
    scheme: 'https',
    host: 'httpbin.org',
    port: 443,
    path: '/base64/{value}',
    method: 'GET',
    headers: { A: 'b' },
    json_schema: { type: 'object', properties: { value: { type: 'string' } }, required: ['value'] },
    return_type: 'text',
    timeout: 5.0,
  };
  const config = httpToolConfig.parse(written);
  expect(config as unknown).toEqual(written);
  const { name, host, port, json_schema } = written;
  expect(
    httpToolConfig.parse({ name, host, port, json_schema, description: null, headers: null }),
  ).toMatchObject({
    description: 'HTTP tool',
    scheme: 'http',
    path: '/',
    method: 'POST',
    headers: {},
    return_type: 'text',
    timeout: 5,
  });
  // What only reads may be asked without anybody's leave.
  expect(createHttpTool(config).annotations.readOnlyHint).toBe(true);
});
