// The program of docs/agents.md that serves a Python function over MCP, as it stands there.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callOptions, mcpServers, stdioServer } from '../../testing/mcp-servers.ts';
import { type PythonPackages, pythonPackages } from '../../testing/python-packages.ts';
import { callTool } from '../../testing/workbench.ts';
import { textResult } from '../tool.ts';

const { workbench } = mcpServers();
let packages: PythonPackages;
let folder: string;
beforeAll(async () => {
  packages = await pythonPackages('mcp', ['mcp==2.3.0']);
  folder = await mkdtemp(join(tmpdir(), 'agentchat-weather-'));
}, 150_000);
afterAll(() => rm(folder, { recursive: true }));

test('a Python function that the docs serve over MCP is listed and called', async () => {
  if (packages.missing !== undefined) return console.warn(`not tried: ${packages.missing}`);
  const docs = await Bun.file(join(import.meta.dir, '..', '..', '..', 'docs', 'agents.md')).text();
  const [, program = ''] = /```python\n(# weather\.py\n[^`]+)```/.exec(docs) ?? [];
  await writeFile(join(folder, 'weather.py'), program);
  const { python } = packages;
  const tools = workbench(
    stdioServer([], {
      command: python,
      args: [join(folder, 'weather.py')],
      env: { PYTHONPATH: packages.folder },
    }),
  );
  expect(await tools.list(new AbortController().signal)).toMatchObject([
    {
      name: 'get_weather',
      description: 'Weather of a city',
      parameters: { properties: { city: { type: 'string' } }, required: ['city'] },
      annotations: { readOnlyHint: true },
    },
  ]);
  expect(await callTool(tools, 'get_weather', { city: '北京' }, callOptions())).toEqual(
    textResult('sunny in 北京'),
  );
}, 60_000);
