// MCP servers over HTTP that break off, forget, refuse and lead elsewhere.
import { expect, test } from 'bun:test';
import { startHostileHttp } from '../../testing/hostile-mcp-http.ts';
import { callOptions, mcpServers } from '../../testing/mcp-servers.ts';
import { eventually } from '../../testing/processes.ts';
import { callTool } from '../../testing/workbench.ts';
import { resultText, type Workbench } from '../tool.ts';
import { mcpServerParams } from './mcp-server-params.ts';

const { host, afterThisTest } = mcpServers();
const { signal } = new AbortController();

function start(...args: Parameters<typeof startHostileHttp>) {
  const server = startHostileHttp(...args);
  afterThisTest(() => server.stop());
  return server;
}

const paramsFor = (url: string, more: object = {}) =>
  mcpServerParams.parse({ type: 'StreamableHttpServerParams', url, ...more });

const text = async (tools: Workbench, name: string, args = {}) => {
  const result = await callTool(tools, name, args, callOptions());
  return result.isError ? { error: resultText(result) } : resultText(result);
};

for (const as of ['json', 'events'] as const) {
  test(`answers as ${as}: one that is much too long is not read, and the next is`, async () => {
    const tools = host().workbench(paramsFor(start('plain', { as }).url));
    expect(await text(tools, 'echo', { text: 'ä' })).toBe('ä');
    const long = { error: 'The MCP server’s answer is longer than 8 MiB, and was not read.' };
    expect(await text(tools, 'huge', { megabytes: 50 })).toEqual(long);
    expect(await text(tools, 'echo', { text: 'again' })).toBe('again');
  });
}

test('an answer that breaks off is told at once, and not when its time is over', async () => {
  const tools = host().workbench(paramsFor(start().url));
  expect(await text(tools, 'die')).toEqual({ error: expect.stringContaining('was lost before it answered') });
  expect(await text(tools, 'echo', { text: 'again' })).toBe('again');
});

test('a call that took too long, or was cancelled, lets go of its answer', async () => {
  const server = start();
  const { workbench } = host();
  const tools = workbench(paramsFor(server.url, { sse_read_timeout: 0.5 }));
  await text(tools, 'echo');
  const before = server.open();
  expect(await text(tools, 'hang')).toEqual({ error: expect.stringContaining('did not answer') });
  expect(await eventually(() => server.open() === before)).toBe(true);
  const leaving = new AbortController();
  const hanging = callTool(tools, 'hang', {}, callOptions({ signal: leaving.signal }));
  expect(await eventually(() => server.open() > before)).toBe(true);
  leaving.abort(new Error('left'));
  await expect(hanging).rejects.toThrow('left');
  expect(await eventually(() => server.open() === before)).toBe(true);
});

test('a session that the server has forgotten is begun anew, and the call made once', async () => {
  const server = start();
  const { workbench, notices } = host();
  const tools = workbench(paramsFor(server.url));
  await text(tools, 'echo');
  server.forget();
  const result = await callTool(tools, 'cancelled', {}, callOptions({ idempotencyKey: 'after' }));
  expect(JSON.parse(resultText(result)).calls).toEqual(['key-1', 'after']);
  expect(notices).toEqual([]);
  // So too where it is its tools that are asked for.
  await text(tools, 'change');
  server.forget();
  expect((await tools.list(signal)).map(({ name }) => name)).toContain('new0');
});

test('at the end the session is ended, unless the file says otherwise', async () => {
  for (const [terminate_on_close, ended] of [
    [true, 1],
    [false, 0],
  ] as const) {
    const server = start();
    const tools = host().workbench(paramsFor(server.url, { terminate_on_close }));
    await tools.list(signal);
    await tools.close();
    expect(server.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(ended);
    expect(await eventually(() => server.open() === 0)).toBe(true);
  }
});

test('a server that is not there, or refuses, is told by its status and not in its words', async () => {
  const { workbench, notices } = host();
  const gone = startHostileHttp();
  await gone.stop();
  expect(await text(workbench(paramsFor(gone.url)), 'echo')).toEqual({
    error: 'The MCP server cannot be reached.',
  });
  const refused = await text(workbench(paramsFor(start('plain', { status: 500 }).url)), 'echo');
  expect(refused).toEqual({ error: 'The MCP server answered HTTP 500.' });
  const signIn = await text(workbench(paramsFor(start('plain', { status: 401 }).url)), 'echo');
  expect(signIn).toEqual({ error: expect.stringContaining('asks for a sign-in (HTTP 401)') });
  expect(JSON.stringify(notices)).not.toContain('private words');
});

test('the headers of the file go to its server and to nobody else', async () => {
  const elsewhere = start();
  const leading = start('plain', { status: 307, location: elsewhere.url });
  const headers = { Authorization: 'Bearer of-the-file' };
  const tools = host().workbench(paramsFor(leading.url, { headers }));
  expect(await text(tools, 'echo')).toEqual({ error: 'The MCP server answered HTTP 307.' });
  expect(leading.requests[0]?.headers.get('authorization')).toBe('Bearer of-the-file');
  expect(elsewhere.requests).toEqual([]);
});

test('a part that a host brings gives tokens, and new ones where the server asks for them', async () => {
  let tokens = 0;
  const server = start('plain', { as: 'json' });
  const auth = () => ({
    token: async () => `token-${tokens}`,
    async onUnauthorized() {
      tokens += 1;
    },
  });
  const tools = host({ auth }).workbench(paramsFor(server.url));
  expect(await text(tools, 'echo', { text: 'in' })).toBe('in');
  expect(server.requests.at(-1)?.headers.get('authorization')).toBe('Bearer token-0');
  const refusing = start('plain', { status: 401 });
  await text(host({ auth }).workbench(paramsFor(refusing.url)), 'echo');
  expect(tokens).toBe(1);
  expect(refusing.requests.map(({ headers }) => headers.get('authorization'))).toEqual([
    'Bearer token-0',
    'Bearer token-1',
  ]);
});

test('a server that comes back is used again', async () => {
  const server = start();
  const port = Number(new URL(server.url).port);
  const { workbench } = host({ limits: { pauseMs: 10 } });
  const tools = workbench(paramsFor(server.url));
  await text(tools, 'echo');
  await server.stop();
  expect(await text(tools, 'echo')).toMatchObject({ error: expect.any(String) });
  const again = startHostileHttp('plain', { port });
  afterThisTest(() => again.stop());
  expect(await eventually(async () => (await text(tools, 'echo', { text: 'back' })) === 'back')).toBe(true);
});
