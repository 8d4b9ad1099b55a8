// Servers that are many, or say too much, too late, by half, or something else each time: a call ends, and others go on.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { startHostileHttp } from '../../testing/hostile-mcp-http.ts';
import { callOptions, hostileProcess, mcpServers, stdioServer } from '../../testing/mcp-servers.ts';
import { eventually } from '../../testing/processes.ts';
import { callTool } from '../../testing/workbench.ts';
import { type OfferedTool, resultText, type ToolProgress, type Workbench } from '../tool.ts';
import { mcpServerParams } from './mcp-server-params.ts';

const { host, workbench, afterThisTest } = mcpServers();
const { signal } = new AbortController();
const quick = { momentMs: 300, pauseMs: 50, patienceMs: 1000 };

const text = async (tools: Workbench, name: string, args = {}) => {
  const result = await callTool(tools, name, args, callOptions());
  return result.isError ? { error: resultText(result) } : resultText(result);
};

const paramsAt = (url: string, more: object = {}) =>
  mcpServerParams.parse({ type: 'StreamableHttpServerParams', url, ...more });

function overHttp(options: Parameters<typeof startHostileHttp>[1] = {}, more: object = {}) {
  const server = startHostileHttp('plain', options);
  afterThisTest(() => server.stop());
  return { server, params: paramsAt(server.url, more) };
}

/** The same over both ways. */
const ways = {
  'a process': () => hostileProcess('plain', { read_timeout_seconds: 2 }),
  HTTP: () => overHttp({}, { sse_read_timeout: 2 }).params,
};

test('a hundred servers at once are each asked, and each answers', async () => {
  const { workbench, started } = host();
  const small = join(import.meta.dir, '../../testing/small-mcp.sh');
  const all = Array.from({ length: 100 }, (_, index) =>
    workbench(stdioServer([], { command: 'sh', args: [small, `server ${index}`], read_timeout_seconds: 60 })),
  );
  const answers = await Promise.all(all.map((tools) => text(tools, 'echo')));
  expect(answers).toEqual(all.map((_, index) => `server ${index}`));
  expect(started).toHaveLength(100);
}, 120_000);

test('a hundred connections over HTTP are open at once, and close', async () => {
  const { workbench } = host();
  const { server } = overHttp();
  const all = Array.from({ length: 100 }, (_, index) =>
    workbench(paramsAt(server.url, { headers: { n: `${index}` } })),
  );
  const said = await Promise.all(all.map((tools, index) => text(tools, 'echo', { text: `${index}` })));
  expect(said).toEqual(all.map((_, index) => `${index}`));
  await Promise.all(all.map((tools) => tools.close()));
  expect(server.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(100);
}, 60_000);

test('one that says without end that it has other tools, and other ones each time, is asked for them no oftener than they are listed', async () => {
  const tools = workbench(hostileProcess('restless'));
  const seen = new Set<string>();
  let lists = 0;
  const listed = async () => {
    lists += 1;
    const [echo, asked] = await tools.list(signal);
    seen.add(JSON.stringify(echo?.parameters));
    return [echo as OfferedTool, asked as OfferedTool] as const;
  };
  expect(await eventually(async () => (await listed()) && seen.size === 5)).toBe(true);
  const [echo, asked] = await listed();
  expect(resultText(await echo.call({ text: 'on' }, callOptions()))).toBe('on');
  const told = JSON.parse(resultText(await asked.call({}, callOptions())));
  expect(told.lists).toBeLessThanOrEqual(lists);
});

test('one that floods its standard error answers all the same, and the end of it alone is kept', async () => {
  const { workbench, started } = host();
  Bun.gc(true);
  const before = process.memoryUsage().heapUsed;
  expect(await text(workbench(hostileProcess('shouting')), 'echo', { text: 'on' })).toBe('on');
  expect(started[0]?.complaints()).toBe('s'.repeat(2000));
  Bun.gc(true);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20 * 1024 ** 2);
}, 60_000);

test('what it wants of us is refused by the protocol’s word for it', async () => {
  const tools = workbench(hostileProcess('plain'));
  await text(tools, 'echo');
  const answered = JSON.parse(String(await text(tools, 'answered'))) as [string, { code: number }][];
  expect(answered.map(([id, { code }]) => [id, code])).toEqual([
    ['sampling/createMessage', -32_601],
    ['roots/list', -32_601],
    ['elicitation/create', -32_601],
  ]);
});

for (const [way, params] of Object.entries(ways)) {
  test(`over ${way}, a result that comes after its cancel, and progress after its result, are nothing`, async () => {
    const tools = workbench(params());
    await text(tools, 'echo');
    const leaving = new AbortController();
    const late = callTool(tools, 'late', {}, callOptions({ signal: leaving.signal }));
    await text(tools, 'echo');
    leaving.abort(new Error('left'));
    await expect(late).rejects.toThrow('left');
    const seen: ToolProgress[] = [];
    const done = await callTool(tools, 'afterwards', {}, callOptions({ progress: (at) => seen.push(at) }));
    expect(resultText(done)).toBe('done');
    expect(await text(tools, 'echo', { text: 'on' })).toBe('on');
    expect(seen).toEqual([]);
  });
}

test('half a line and then nothing is waited for no longer than an answer, and the server is started anew', async () => {
  const { workbench, started } = host({ limits: quick });
  const tools = workbench(hostileProcess('half-line', { read_timeout_seconds: 1 }));
  const error = expect.stringContaining('did not answer within 1 seconds');
  expect(await text(tools, 'echo')).toEqual({ error });
  expect(await eventually(() => started[0]?.hasEnded === true)).toBe(true);
  expect(await text(tools, 'echo')).toEqual({ error });
  expect(started).toHaveLength(2);
});

test('headers with nothing behind them are waited for no longer than an answer', async () => {
  const { params } = overHttp({ bodiless: true }, { sse_read_timeout: 1 });
  const tools = workbench(params);
  const error = expect.stringContaining('did not answer within 1 seconds');
  expect(await text(tools, 'echo')).toEqual({ error });
  expect((await tools.list(signal)).map(({ name }) => name)).toContain('echo');
});

test('a sign-in that is asked for in the midst of a session is told, and the session goes on where it is not any more', async () => {
  const { server, params } = overHttp();
  const { workbench, notices } = host({ limits: quick });
  const tools = workbench(params);
  const other = workbench(overHttp().params);
  expect(await text(tools, 'echo', { text: 'in' })).toBe('in');
  server.refuse(401);
  expect(await text(tools, 'echo')).toEqual({
    error: expect.stringContaining('asks for a sign-in (HTTP 401)'),
  });
  expect(await text(other, 'echo', { text: 'on' })).toBe('on');
  server.refuse(undefined);
  expect(await text(tools, 'echo', { text: 'back' })).toBe('back');
  expect(JSON.stringify(notices)).not.toContain('private words');
});
