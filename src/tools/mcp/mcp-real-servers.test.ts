// The servers of the protocol's own repository, as an operator starts them.
import { expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callOptions, mcpServers, serverProgram, stdioServer } from '../../testing/mcp-servers.ts';
import { eventually } from '../../testing/processes.ts';
import { freePort } from '../../testing/server-process.ts';
import { callTool } from '../../testing/workbench.ts';
import { resultText, type ToolProgress } from '../tool.ts';
import { mcpServerParams } from './mcp-server-params.ts';

const { workbench, afterThisTest } = mcpServers();
const signal = new AbortController().signal;

let killServer = () => {};

async function overHttp(kind: 'streamableHttp' | 'sse') {
  const port = await freePort();
  const server = Bun.spawn([process.execPath, '--no-env-file', serverProgram('everything'), kind], {
    env: { PATH: process.env.PATH ?? '', PORT: String(port) },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  killServer = () => server.kill('SIGKILL');
  afterThisTest(async () => {
    killServer();
    await server.exited;
  });
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
  expect(await eventually(isUp)).toBe(true);
  return mcpServerParams.parse(
    kind === 'sse'
      ? { type: 'SseServerParams', url: `http://127.0.0.1:${port}/sse` }
      : { type: 'StreamableHttpServerParams', url: `http://127.0.0.1:${port}/mcp` },
  );
}

const everything = {
  stdio: async () => stdioServer([serverProgram('everything'), 'stdio']),
  'streamable HTTP': () => overHttp('streamableHttp'),
  'server-sent events': () => overHttp('sse'),
};

for (const [way, start] of Object.entries(everything)) {
  test(`server-everything over ${way}: tools, results of all kinds, progress`, async () => {
    const tools = workbench(await start(), { echo: { name: 'say', description: 'Says it.' } });
    const listed = await tools.list(signal);
    const names = listed.map(({ name }) => name);
    expect(names).toContain('say');
    expect(names).not.toContain('echo');
    expect(listed.find(({ name }) => name === 'say')).toMatchObject({
      description: 'Says it.',
      parameters: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
    });
    expect(await callTool(tools, 'say', { message: 'Grüße' }, callOptions())).toEqual({
      parts: [{ type: 'text', text: 'Echo: Grüße' }],
      isError: false,
    });
    const image = await callTool(tools, 'get-tiny-image', {}, callOptions());
    expect(image.parts.map(({ type }) => type)).toContain('image');
    expect(resultText(image)).toContain('[Image: iVBOR');
    const structured = await callTool(
      tools,
      'get-structured-content',
      { location: 'Chicago' },
      callOptions(),
    );
    expect(resultText(structured)).toContain('"temperature"');
    const links = await callTool(tools, 'get-resource-links', { count: 2 }, callOptions());
    expect(links.parts.filter(({ type }) => type === 'other')).toHaveLength(2);
    const wrong = await callTool(tools, 'say', {}, callOptions());
    expect(wrong.isError).toBe(true);
    const seen: ToolProgress[] = [];
    const slow = { duration: 0.2, steps: 4 };
    const end = await callTool(
      tools,
      'trigger-long-running-operation',
      slow,
      callOptions({ progress: (at) => seen.push(at) }),
    );
    expect(end.isError).toBe(false);
    expect(seen).toEqual([1, 2, 3, 4].map((progress) => ({ progress, total: 4 })));
  }, 30_000);
}

for (const kind of ['streamableHttp', 'sse'] as const) {
  test(`server-everything that is killed in a call (${kind}) is told, long before its time is over`, async () => {
    const tools = workbench(await overHttp(kind));
    const progress = () => killServer();
    const call = callTool(
      tools,
      'trigger-long-running-operation',
      { duration: 250, steps: 1000 },
      callOptions({ progress }),
    );
    const result = await call;
    expect(result.isError).toBe(true);
    expect(resultText(result)).toContain('was lost before it answered');
  }, 30_000);
}

test('server-filesystem reads in its folder, and tells in its own words what it refuses', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-mcp-'));
  afterThisTest(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'note.txt'), 'what is noted');
  const tools = workbench(stdioServer([serverProgram('filesystem'), folder]));
  const read = await callTool(tools, 'read_text_file', { path: join(folder, 'note.txt') }, callOptions());
  expect(resultText(read)).toBe('what is noted');
  const refused = await callTool(tools, 'read_text_file', { path: '/etc/passwd' }, callOptions());
  expect(refused.isError).toBe(true);
  expect(resultText(refused)).toContain('outside allowed directories');
  const [hinted] = (await tools.list(signal)).filter(({ name }) => name === 'read_text_file');
  expect(hinted?.annotations.readOnlyHint).toBe(true);
}, 30_000);

test('server-memory keeps what it was told, for all who share its connection', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-mcp-'));
  afterThisTest(() => rm(folder, { recursive: true, force: true }));
  const env = { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') };
  const tools = workbench(stdioServer([serverProgram('memory')], { env }));
  const entities = [{ name: 'Ada', entityType: 'person', observations: ['writes programs'] }];
  expect((await callTool(tools, 'create_entities', { entities }, callOptions())).isError).toBe(false);
  expect(resultText(await callTool(tools, 'read_graph', {}, callOptions()))).toContain('writes programs');
}, 30_000);
