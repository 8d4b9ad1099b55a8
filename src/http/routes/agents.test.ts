// GET /api/agents and /api/models, and agents of files in one server.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import type { AgentDescription } from '../../agent/agent-description.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { describedAgents } from '../../agent/described-agents.ts';
import { createToolHost } from '../../agent/workbench.ts';
import { startProcess } from '../../cli/serve/start-process.ts';
import type { Database } from '../../db/database.ts';
import { assistantFile, component, loadFile } from '../../testing/agent-file.ts';
import { setLimits } from '../../testing/allowances.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import type { HostileMode } from '../../testing/hostile-mcp.ts';
import { makeKey } from '../../testing/keys.ts';
import { callOptions, hostileProcess } from '../../testing/mcp-servers.ts';
import { newOwner } from '../../testing/owners.ts';
import { eventually } from '../../testing/processes.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { callTool } from '../../testing/workbench.ts';
import type { McpLimits } from '../../tools/mcp/mcp-parts.ts';

/** What a file with this config describes, asked through a scripted model of this name. */
function described(
  name: string,
  modelName: string,
  config: object = {},
  beside: object = {},
): AgentDescription {
  const model = { ...scriptedModel(), name: modelName };
  return { ...loadFile(assistantFile(config, beside)), name, model };
}

const tools = [
  component('HttpTool', {
    name: 'weather',
    description: 'Weather of a city',
    host: 'weather.internal',
    port: 8443,
    method: 'GET',
    headers: { Authorization: 'Bearer hunter2' },
    json_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  }),
];

const mcp = (mode: HostileMode, tool_overrides: object = {}) => {
  const { type, ...server } = hostileProcess(mode);
  return component('McpWorkbench', { server_params: { type, ...server }, tool_overrides });
};

function mcpToolHost(limits: Partial<McpLimits>) {
  const commands: string[] = [];
  const host = createToolHost({
    limits,
    startProcess: (command) => {
      commands.push(String(command.args.at(-1)));
      return startProcess(command);
    },
  });
  return { host, started: (mode: HostileMode) => commands.filter((one) => one === mode).length };
}

async function eventuallyTold<T>(told: () => Promise<T>, isRight: (told: T) => boolean): Promise<T> {
  let last = await told();
  await eventually(async () => {
    last = await told();
    return isRight(last);
  });
  return last;
}

const names = (list: { name: string }[]) => list.map(({ name }) => name);

onEachDatabase('agents', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const three = () =>
    describedAgents(
      [
        described('writer', 'm-1', { description: 'Writes.' }, { label: 'Writer' }),
        described('critic', 'm-2', { tools }, { approval: { weather: 'never' } }),
        described('poet', 'm-1'),
      ],
      createToolHost(),
    );

  test('are told with what is known of their tools, and nothing of where these are', async () => {
    const { get } = await testApp(database, { agents: three() });
    const answer = await get('/api/agents');
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).not.toMatch(/hunter2|Authorization|internal|8443/);
    expect(JSON.parse(text)).toEqual([
      {
        name: 'writer',
        label: 'Writer',
        description: 'Writes.',
        models: ['m-1'],
        tools: [],
        missing: [],
        default: true,
      },
      {
        name: 'critic',
        label: 'helper',
        description: '',
        models: ['m-2'],
        tools: [
          {
            name: 'weather',
            description: 'Weather of a city',
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
            annotations: { readOnlyHint: true },
            approval: 'never',
          },
        ],
        missing: [],
        default: false,
      },
      {
        name: 'poet',
        label: 'helper',
        description: '',
        models: ['m-1'],
        tools: [],
        missing: [],
        default: false,
      },
    ]);
  });

  test('are told with the tools that their MCP servers have, and why those of others are missing', async () => {
    const { host, started } = mcpToolHost({ startMs: 60_000 });
    const agents = describedAgents(
      [
        described('one', 'm-1', { workbench: [mcp('plain'), mcp('garbage-list')] }, { approval: 'always' }),
        described('two', 'm-1', { workbench: [mcp('never-ready'), mcp('dies-at-start'), mcp('many-tools')] }),
      ],
      host,
    );
    const { get } = await testApp(database, { agents });
    type Told = { tools: { name: string; approval: string; parameters: object }[]; missing: string[] };
    const told = async (): Promise<Told[]> => (await get('/api/agents', { 'accept-language': 'en' })).json();
    // Their processes may need longer to begin than is waited for them.
    const [one, two] = await eventuallyTold(told, ([, two]) => (two?.tools.length ?? 0) > 0);
    expect(names(one?.tools ?? [])).toContain('echo');
    expect(names(one?.tools ?? [])).toContain('hints');
    expect(one?.tools.every(({ approval }) => approval === 'always')).toBe(true);
    expect(one?.missing).toEqual([]);
    expect(two?.tools).toHaveLength(512);
    expect(two?.missing[0]).toBe('The MCP server has not told its tools yet. Ask again.');
    expect(two?.missing[1]).toMatch(/ended before it was ready|has not told/);
    expect((await (await get('/api/agents', { 'accept-language': 'zh-CN' })).json())[1].missing[0]).toContain(
      'MCP 服务器尚未给出工具列表',
    );
    // Who only reads of them starts nothing again that was told.
    const begun = started('plain');
    await told();
    expect(started('plain')).toBe(begun);
    await host.close();
    expect((await told())[0]).toEqual(one ?? expect.anything());
  }, 60_000);

  test('are told at once, however many servers there are: a few are asked at a time, and those that hang keep none waiting for long', async () => {
    // Those that are alike share a connection.
    const hang = Array.from({ length: 5 }, (_, n) =>
      component('McpWorkbench', { server_params: { ...hostileProcess('never-ready'), env: { N: `${n}` } } }),
    );
    const one = described('one', 'm-1', { workbench: [...hang, mcp('plain')] });
    for (const askedMs of [60_000, 50]) {
      const { host, started } = mcpToolHost({ startMs: 60_000, askedAtOnce: 2, askedMs });
      const { get } = await testApp(database, { agents: describedAgents([one], host) });
      const told = async (): Promise<{ tools: object[]; missing: string[] }[]> =>
        (await get('/api/agents', { 'accept-language': 'en' })).json();
      const [first] = await told();
      if (askedMs === 60_000) {
        expect(started('never-ready')).toBe(2);
        expect(first?.missing[5]).toBe('The MCP server has not told its tools yet. Ask again.');
      } else {
        const [its] = await eventuallyTold(told, ([agent]) => (agent?.tools.length ?? 0) > 0);
        expect(its?.missing).toHaveLength(5);
      }
      await host.close();
    }
  }, 60_000);

  test('are told anew what a server has once it says that this changed, or was started again', async () => {
    const { host, started } = mcpToolHost({ startMs: 60_000 });
    const one = described('one', 'm-1', { workbench: mcp('plain') });
    const { get } = await testApp(database, { agents: describedAgents([one], host) });
    const told = async (): Promise<string[]> => names((await (await get('/api/agents')).json())[0].tools);
    await eventuallyTold(told, (tools) => tools.includes('echo'));
    const workbench = host.workbenchOf(one);
    const call = (name: string) => workbench && callTool(workbench, name, {}, callOptions());
    await call('change');
    await eventuallyTold(told, (tools) => tools.includes('new0'));
    const begun = started('plain');
    await call('die');
    // What it had is told until it is there again, without what it had learnt.
    expect(await told()).toContain('echo');
    await eventuallyTold(told, (tools) => !tools.includes('new0'));
    expect(started('plain')).toBe(begun + 1);
    await host.close();
  }, 60_000);

  test('are told, and offered, no tool of a server that would be taken for the question to the person', async () => {
    const { host } = mcpToolHost({ startMs: 60_000 });
    const one = described('one', 'm-1', { workbench: mcp('plain', { echo: { name: 'ask_user' } }) });
    const { get } = await testApp(database, { agents: describedAgents([one], host) });
    const offered = await host.workbenchOf(one)?.list(new AbortController().signal);
    expect(names(offered ?? [])).toContain('die');
    expect(names(offered ?? [])).not.toContain('ask_user');
    const told = async (): Promise<{ tools: { name: string }[]; missing: string[] }[]> =>
      (await get('/api/agents', { 'accept-language': 'en' })).json();
    const [its] = await eventuallyTold(told, ([agent]) => (agent?.tools.length ?? 0) > 0);
    expect(names(its?.tools ?? [])).not.toContain('ask_user');
    expect(its?.missing).toEqual([expect.stringContaining('tool ask_user is called as the one that asks')]);
    await host.close();
  }, 60_000);

  test('share a model, which is told once', async () => {
    const { get } = await testApp(database, { agents: three() });
    expect(await (await get('/api/models')).json()).toEqual([
      {
        name: 'm-1',
        agents: ['writer', 'poet'],
        temperature: null,
        demo: false,
        vision: true,
        default: true,
      },
      { name: 'm-2', agents: ['critic'], temperature: null, demo: false, vision: true, default: false },
    ]);
  });

  test('are told to whom may ask them: what a key, or the limits of its owner or its own, leave out is not there', async () => {
    const { get } = await testApp(database, { agents: three(), settings: { ways: ['keys'] } });
    const toldTo = async (key: string, path: string) =>
      names(await (await get(path, { authorization: `Bearer ${key}` })).json());
    const one = await makeKey(database, { agents: ['critic', 'poet'], role: 'viewer' });
    expect(await toldTo(one.key, '/api/agents')).toEqual(['critic', 'poet']);
    await setLimits(database, { key: one.id }, { agents: ['writer', 'critic'] });
    expect(await toldTo(one.key, '/api/agents')).toEqual(['critic']);
    expect(await toldTo(one.key, '/api/models')).toEqual(['m-2']);

    const owner = await newOwner(database);
    await setLimits(database, owner, { agents: ['poet'] });
    const limited = await testApp(database, { agents: three(), owner });
    expect(names(await (await limited.get('/api/agents')).json())).toEqual(['poet']);
    expect((await get('/api/agents')).status).toBe(401);
  });

  test('of several files work in one server, each with its own model, system message, memory and context', async () => {
    const memory = [
      component('ListMemory', { memory_contents: [{ content: 'likes tea' }, { content: 'is old' }] }),
    ];
    const buffered = component('BufferedChatCompletionContext', { buffer_size: 1 });
    const alice = described('alice', 'm-a', { system_message: 'You are Alice.', memory });
    const bob = described('bob', 'm-b', { model_context: buffered });
    const owner = await newOwner(database);
    const app = await testApp(database, { agents: describedAgents([alice, bob], createToolHost()), owner });
    // Who is asked where nobody is named: this is how the other is.
    const turned = await testApp(database, {
      agents: describedAgents([bob, alice], createToolHost()),
      owner,
    });
    const id = await app.newSession();
    const say = async ({ send }: typeof app, content: string) =>
      (await (await send('POST', `/api/sessions/${id}/chat`, { content })).json()).source;
    expect([await say(app, 'one'), await say(turned, 'two')]).toEqual(['alice', 'bob']);

    const turns = await (await app.get(`/api/sessions/${id}/turns`)).json();
    const shown = await Promise.all(
      turns.map(async ({ id: turn }: { id: string }) => {
        const path = `/api/sessions/${id}/turns/${turn}?context=true`;
        const { context } = await (await app.get(path)).json();
        return context.messages.map(({ content }: { content: string }) => content);
      }),
    );
    const remembered = '\nRelevant memory content (in chronological order):\n1. likes tea\n2. is old\n';
    expect(shown).toEqual([['two'], [`You are Alice.\n${remembered}`, 'one']]);
    const used = await (await app.get('/api/usage?by=model')).json();
    expect(names(used.rows).sort()).toEqual(['m-a', 'm-b']);
  });

  test('of code are told as they are made', async () => {
    const { get } = await testApp(database, {
      agents: createAgents(
        createAssistant({
          model: scriptedModel(),
          systemMessage: null,
          contextPolicy: { kind: 'unbounded' },
        }),
      ),
    });
    expect(await (await get('/api/agents')).json()).toEqual([
      {
        name: 'assistant',
        label: 'assistant',
        description: '',
        models: ['scripted'],
        tools: [],
        missing: [],
        default: true,
      },
    ]);
  });
});
