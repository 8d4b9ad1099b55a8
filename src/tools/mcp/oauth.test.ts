// A real MCP server behind a door that asks for tokens, and a real authorization server that gives them.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { jwtVerify } from 'jose';
import { startIdentityProvider } from '../../testing/identity.ts';
import { callOptions, mcpServers, serverProgram } from '../../testing/mcp-servers.ts';
import { eventually } from '../../testing/processes.ts';
import { freePort } from '../../testing/server-process.ts';
import { callTool } from '../../testing/workbench.ts';
import { resultText, type Workbench } from '../tool.ts';
import { mcpServerParams } from './mcp-server-params.ts';

const { host, afterThisTest } = mcpServers();
let provider: Awaited<ReturnType<typeof startIdentityProvider>>;
beforeAll(async () => {
  provider = await startIdentityProvider();
});
afterAll(() => provider.stop());

/** server-everything, for those alone who bring a token that is meant for it. `refuse` turns all away that came before. */
async function guarded(kind: 'streamableHttp' | 'sse' = 'streamableHttp') {
  const inner = await freePort();
  const server = Bun.spawn([process.execPath, '--no-env-file', serverProgram('everything'), kind], {
    env: { PATH: process.env.PATH ?? '', PORT: String(inner) },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const refused = new Set<string>();
  const seen = new Set<string>();
  const door = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    async fetch(request): Promise<Response> {
      const token = (request.headers.get('authorization') ?? '').replace('Bearer ', '');
      const asked = { issuer: provider.issuer, audience: 'urn:agentchat' };
      const isGood = await jwtVerify(token, provider.key.publicKey, asked).then(
        () => !refused.has(token),
        () => false,
      );
      if (!isGood) {
        const lead = `Bearer resource_metadata="http://127.0.0.1:1/elsewhere"`;
        return new Response('private words', { status: 401, headers: { 'www-authenticate': lead } });
      }
      seen.add(token);
      const { pathname, search } = new URL(request.url);
      const { method, body, signal } = request;
      const headers = new Headers(request.headers);
      headers.delete('host');
      return fetch(`http://127.0.0.1:${inner}${pathname}${search}`, { method, headers, body, signal });
    },
  });
  afterThisTest(async () => {
    server.kill('SIGKILL');
    await Promise.all([server.exited, door.stop(true)]);
  });
  const isUp = () =>
    fetch(`http://127.0.0.1:${inner}/`).then(
      () => true,
      () => false,
    );
  expect(await eventually(isUp)).toBe(true);
  const path = kind === 'sse' ? 'sse' : 'mcp';
  return {
    type: kind === 'sse' ? 'SseServerParams' : 'StreamableHttpServerParams',
    url: `http://127.0.0.1:${door.port}/${path}`,
    seen,
    refuse: () => {
      for (const token of seen) refused.add(token);
    },
  };
}

const client = (more: object = {}) => ({
  issuer: provider.issuer,
  clientId: 'agentchat',
  clientSecret: 'agentchat-secret',
  scope: 'chat',
  resource: 'urn:agentchat',
  ...more,
});

const say = async (tools: Workbench, message: string) => {
  const result = await callTool(tools, 'echo', { message }, callOptions());
  return result.isError ? { error: resultText(result) } : resultText(result);
};

for (const kind of ['streamableHttp', 'sse'] as const) {
  test(`a client gets a token for a server over ${kind}, keeps it, and another when it is refused`, async () => {
    const { seen, refuse, ...server } = await guarded(kind);
    await provider.be();
    const { workbench, notices } = host();
    const tools = workbench(mcpServerParams.parse({ ...server, oauth: client() }));
    const answers = await Promise.all([say(tools, 'one'), say(tools, 'two'), say(tools, 'three')]);
    expect(answers).toEqual(['Echo: one', 'Echo: two', 'Echo: three']);
    expect(seen.size).toBe(1);
    expect((await provider.asked())['/token']).toBe(1);
    refuse();
    expect(await say(tools, 'again')).toBe('Echo: again');
    expect(seen.size).toBe(2);
    expect(notices).toEqual([]);
  });
}

test('a token that is not given is told with OAuth’s word for it, to the model and the log, without a secret', async () => {
  const { seen, refuse: _, ...server } = await guarded();
  const oauth = client({ clientSecret: 'not-the-secret' });
  const { workbench, notices } = host();
  const refused = workbench(mcpServerParams.parse({ ...server, oauth }));
  const sentence =
    'No token was given for the MCP server: its authorization server says invalid_client. Check `oauth` in the agent’s file.';
  expect(await say(refused, 'x')).toEqual({ error: sentence });
  expect(notices[0]?.happened).toBe(sentence);
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const away = workbench(mcpServerParams.parse({ ...server, oauth: client({ issuer }) }));
  expect(await say(away, 'x')).toEqual({ error: expect.stringContaining('cannot be used') });
  const wrongTarget = workbench(mcpServerParams.parse({ ...server, oauth: client({ resource: 'urn:x' }) }));
  expect(await say(wrongTarget, 'x')).toEqual({ error: expect.stringContaining('invalid_target') });
  expect(JSON.stringify(notices)).not.toMatch(/not-the-secret|agentchat-secret|private words/);
  expect(seen.size).toBe(0);
});

test('without a client, and with a token that is not meant for the server, that is what is said', async () => {
  const { seen, refuse: _, ...server } = await guarded();
  const signIn = { error: expect.stringContaining('asks for a sign-in (HTTP 401)') };
  const { workbench } = host();
  expect(await say(workbench(mcpServerParams.parse(server)), 'x')).toEqual(signIn);
  const headers = { Authorization: `Bearer ${await provider.token()}` };
  expect(await say(workbench(mcpServerParams.parse({ ...server, headers })), 'x')).toEqual(signIn);
  expect(seen.size).toBe(0);
});

test('a secret goes to no server that the authorization server points to', async () => {
  const elsewhere: string[] = [];
  const other = Bun.serve({
    port: 0,
    fetch(request) {
      elsewhere.push(request.url);
      return new Response();
    },
  });
  const leading = Bun.serve({ port: 0, fetch: () => Response.redirect(other.url.href, 307) });
  afterThisTest(() => Promise.all([other.stop(true), leading.stop(true)]));
  const { seen: _, refuse: __, ...server } = await guarded();
  const oauth = client({ issuer: leading.url.origin });
  const tools = host().workbench(mcpServerParams.parse({ ...server, oauth }));
  expect(await say(tools, 'x')).toEqual({ error: expect.stringContaining('No token was given') });
  expect(elsewhere).toEqual([]);
});
