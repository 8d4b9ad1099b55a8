// Everything that AutoGen wrote for us: each file is an agent, or refused with a sentence that says what can be done.
import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelConfigError } from '../agent-config.ts';
import { toolsOf } from '../known-tools.ts';
import { parseAgentFile } from './agent-file.ts';

const folder = join(import.meta.dir, '../../../../shared/fixtures/autogen/components');
const here = existsSync(folder);
const absent = here ? '' : ' (skipped: ../shared/fixtures is not here)';

const toldBy = async (file: string) => {
  const text = await Bun.file(join(folder, file)).text();
  try {
    return parseAgentFile(text, file, file.replace('.json', ''), {});
  } catch (error) {
    if (error instanceof ModelConfigError) return error.message;
    throw error;
  }
};

const mcp = {
  kind: 'mcp',
  server: { type: 'stdio', command: 'uvx', env: { A: 'b' }, readTimeoutMs: 60_000 },
};
const agents: Record<string, object> = {
  agent_context: { contextPolicy: { kind: 'buffered', size: 5, initialMessages: [{ content: 'u' }] } },
  agent_handoffs: {
    tools: [
      { kind: 'handoff', name: 'transfer_to_bob' },
      { name: 'to_alice', target: 'alice' },
    ],
  },
  agent_mcp: { tools: [mcp] },
  agent_memory: { memory: [[{ content: 'likes tea', mime_type: 'text/plain', metadata: { a: 'b' } }]] },
  agent_minimal: {
    systemMessage: expect.stringMatching(/TERMINATE/),
    tools: [],
    contextPolicy: { kind: 'unbounded' },
  },
  agent_nosystem: { systemMessage: '' },
};

const noTeam = /is not supported; .*teams are not here yet; give each participant a file of its own/;
const noPython =
  /nothing here runs Python: serve it over MCP in ten lines .* docs\/agents\.md#python-over-mcp$/;
const refusals: [RegExp, RegExp][] = [
  [
    /^agent_tools$/,
    /^agent_tools\.json:\d+: the FunctionTool "get_weather" is not supported; nothing here runs Python/,
  ],
  [/^agent_code$/, noPython],
  [/^agent_society$/, noTeam],
  [/^agent_filter$/, /MessageFilterAgent is not supported; put the agent that it wraps in its place/],
  [/^userproxy$/, /UserProxyAgent is not supported; it stands for a person/],
  [/^team_/, noTeam],
  [/^tool_/, /is no agent; it is a tool: it belongs into an AssistantAgent's tools$/],
  [/^workbench_/, /is no agent; it is a workbench: it belongs into an AssistantAgent's workbench$/],
  [/^context_/, /is no agent; it is a context: it belongs into an AssistantAgent's model_context$/],
  [/^memory_/, /is no agent; it is a memory: it belongs into an AssistantAgent's memory$/],
  [/^termination_/, /is no agent; it is a condition of a team's, and teams are not here yet/],
  [/^assistant_states$/, /the file has no provider/],
  [/^mcp_list_tools$/, /the file must be a mapping with provider and config$/],
];

test.skipIf(!here)(`each file is an agent, or refused by name${absent}`, async () => {
  const files = (await readdir(folder)).map((file) => file.replace('.json', ''));
  expect(files.length).toBeGreaterThan(40);
  for (const file of files) {
    const told = await toldBy(`${file}.json`);
    const expected = agents[file] ?? refusals.find(([name]) => name.test(file))?.[1];
    if (expected instanceof RegExp) expect([file, told]).toEqual([file, expect.stringMatching(expected)]);
    else expect(told).toMatchObject({ name: file, label: file, warnings: [], ...expected });
  }
});

const wrapped: Record<string, RegExp | object> = {
  tool_http: { tools: [{ kind: 'http', name: 'base64_decode', headers: { A: 'b' }, timeoutMs: 5000 }] },
  tool_agent: { tools: [{ kind: 'agent', name: 'sub', description: 'sub agent', returnsLast: true }] },
  tool_team: /the TeamTool "team_tool" is not supported; teams are not here yet/,
  tool_function: /the FunctionTool "get_weather" is not supported; nothing here runs Python/,
  tool_function_strict: /the FunctionTool "add_numbers" is not supported; nothing here runs Python/,
  tool_code: noPython,
  workbench_mcp_stdio: { tools: [mcp] },
  workbench_mcp_http: { tools: [{ server: { type: 'http', url: 'http://localhost:3000/mcp' } }] },
  workbench_mcp_sse: { tools: [{ server: { type: 'sse', url: 'http://localhost:3000/sse' } }] },
  workbench_mcp_override: { tools: [{ overrides: { fetch: { name: 'web_fetch', description: 'Fetch!' } } }] },
  workbench_static: /the FunctionTool "get_weather" is not supported; nothing here runs Python/,
  context_buffered: { contextPolicy: { kind: 'buffered', size: 5 } },
  context_headtail: { contextPolicy: { kind: 'head_and_tail', head: 2, tail: 3 } },
  context_token: { contextPolicy: { kind: 'token_limited', limit: 100 } },
  context_unbounded: { contextPolicy: { kind: 'unbounded' } },
  memory_list: { memory: [[{ content: 'likes tea' }]] },
};

test.skipIf(!here)(
  `each part does in an agent what it says, or is refused there by name${absent}`,
  async () => {
    const minimal = await Bun.file(join(folder, 'agent_minimal.json')).json();
    const files = (await readdir(folder)).map((file) => file.replace('.json', ''));
    const parts = files.filter((file) => /^(tool|workbench|context|memory)_/.test(file));
    expect(parts.sort()).toEqual(Object.keys(wrapped).sort());
    for (const [file, expected] of Object.entries(wrapped)) {
      const part = await Bun.file(join(folder, `${file}.json`)).json();
      const { workbench, ...config } = minimal.config;
      const given = file.startsWith('tool')
        ? { tools: [part] }
        : file.startsWith('context')
          ? { workbench, model_context: part }
          : file.startsWith('memory')
            ? { workbench, memory: [part] }
            : { workbench: [part] };
      const text = JSON.stringify({ ...minimal, config: { ...config, ...given } }, null, 1);
      const read = () => parseAgentFile(text, `${file}.json`, file, {});
      if (expected instanceof RegExp) expect(read).toThrow(expected);
      else expect(read()).toMatchObject({ warnings: [], ...expected });
    }
  },
);

test.skipIf(!here)(`a handoff is offered as AutoGen offers it${absent}`, async () => {
  const agent = await toldBy('agent_handoffs.json');
  if (typeof agent === 'string') throw new Error(agent);
  const events = Bun.file(join(folder, '../events/handoff_single_agent.json'));
  const [[{ tools }]] = (await events.json()).sent_to_model;
  const [offered] = toolsOf(agent);
  const { strict: _, ...expected } = tools[0];
  expect(offered).toMatchObject(expected);
});
