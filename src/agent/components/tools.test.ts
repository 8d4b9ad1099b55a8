// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration has placeholders of this form.
import { expect, test } from 'bun:test';
import { assistantFile, client, component, fileProblem, loadFile } from '../../testing/agent-file.ts';
import { toolsOf } from '../known-tools.ts';
import { approvalOf, interruptedOf } from '../tool-rules.ts';

const httpTool = (config: object = {}) =>
  component('autogen_ext.tools.http.HttpTool', {
    name: 'decode',
    description: 'Decodes',
    scheme: 'https',
    host: 'httpbin.org',
    port: 443,
    path: '/base64/{value}',
    method: 'GET',
    headers: { 'X-Key': '${KEY}' },
    json_schema: { type: 'object', properties: { value: { type: 'string' } }, required: ['value'] },
    return_type: 'text',
    timeout: 5,
    ...config,
  });
const env = { KEY: 'secret' };

test('an HttpTool is its request, with its variables filled in', () => {
  const { tools, warnings } = loadFile(assistantFile({ tools: [httpTool()] }), env);
  expect(tools).toEqual([
    {
      kind: 'http',
      name: 'decode',
      description: 'Decodes',
      scheme: 'https',
      host: 'httpbin.org',
      port: 443,
      path: '/base64/{value}',
      method: 'GET',
      headers: { 'X-Key': 'secret' },
      parameters: { type: 'object', properties: { value: { type: 'string' } }, required: ['value'] },
      returnType: 'text',
      timeoutMs: 5000,
    },
  ]);
  expect(warnings).toEqual([]);
});

test('an HttpTool that says little is what AutoGen makes of it', () => {
  const tool = component('HttpTool', { name: 'ask', host: 'localhost', port: 8080, json_schema: {} });
  expect(loadFile(assistantFile({ tools: [tool] })).tools).toEqual([
    {
      kind: 'http',
      name: 'ask',
      description: 'HTTP tool',
      scheme: 'http',
      host: 'localhost',
      port: 8080,
      path: '/',
      method: 'POST',
      headers: {},
      parameters: { type: 'object', properties: {} },
      returnType: 'text',
      timeoutMs: 5000,
    },
  ]);
});

test('workbenches may be one or a list; an empty one is nothing, and tool_overrides rename', () => {
  const empty = component('autogen_core.tools.StaticStreamWorkbench', { tools: [], tool_overrides: {} });
  for (const workbench of [[], empty, [empty]])
    expect(loadFile(assistantFile({ workbench }))).toMatchObject({ tools: [], warnings: [] });
  const full = component('autogen_core.tools.StaticWorkbench', {
    tools: [httpTool()],
    tool_overrides: { decode: { name: 'unpack', description: 'Unpacks' } },
  });
  for (const workbench of [full, [empty, full]])
    expect(loadFile(assistantFile({ workbench }), env).tools).toMatchObject([
      { kind: 'http', name: 'unpack', description: 'Unpacks', path: '/base64/{value}' },
    ]);
});

test('a client for the tokens of an MCP server is read, and what is wrong with it told without its secret', () => {
  const served = (oauth: unknown, type = 'SseServerParams') =>
    assistantFile({
      workbench: component('McpWorkbench', { server_params: { type, url: 'https://x.test/mcp', oauth } }),
    });
  const oauth = { issuer: 'https://id.test', client_id: 'me', client_secret: '${KEY}' };
  const read = { issuer: 'https://id.test', clientId: 'me', clientSecret: 'secret' };
  expect(loadFile(served(oauth), env).tools[0]).toMatchObject({
    server: { oauth: { ...read, resource: 'https://x.test/mcp' } },
  });
  const more = { ...oauth, scope: 'a b', resource: '' };
  expect(loadFile(served(more, 'StreamableHttpServerParams'), env).tools[0]).toMatchObject({
    server: { oauth: { ...read, scope: 'a b', resource: '' } },
  });
  expect(fileProblem(served({ ...oauth, issuer: 'id.test' }), env)).toContain('https://');
  expect(fileProblem(served({ ...oauth, client_id: 7 }), env)).not.toContain('secret:');
  expect(fileProblem(served('secret'), env)).toContain('issuer, client_id and client_secret');
});

test('MCP servers of each kind are described, and none is started', () => {
  const mcp = (server_params: object, tool_overrides: object = {}) =>
    component('autogen_ext.tools.mcp.McpWorkbench', { server_params, tool_overrides });
  const { tools, warnings } = loadFile(
    assistantFile({
      workbench: [
        mcp(
          {
            command: '/nowhere/uvx',
            args: ['mcp-server-fetch', '--port', 8080],
            env: { TOKEN: '${KEY}' },
            cwd: '/tmp',
            encoding: 'utf-8',
            encoding_error_handler: 'strict',
            type: 'StdioServerParams',
            read_timeout_seconds: 60,
          },
          { fetch: { name: 'web_fetch', description: 'Fetch!' } },
        ),
        mcp({ type: 'StdioServerParams', command: 'x' }),
        mcp({
          type: 'StreamableHttpServerParams',
          url: 'http://localhost:3000/mcp/',
          headers: { Authorization: 'Bearer ${KEY}' },
          timeout: 20,
          sse_read_timeout: 200,
          terminate_on_close: false,
        }),
        mcp({ type: 'StreamableHttpServerParams', url: 'http://localhost:3000/mcp' }),
        mcp({ type: 'SseServerParams', url: 'http://localhost:3000/sse' }),
      ],
    }),
    env,
  );
  expect(warnings).toEqual([]);
  expect(tools).toEqual([
    {
      kind: 'mcp',
      server: {
        type: 'stdio',
        command: '/nowhere/uvx',
        args: ['mcp-server-fetch', '--port', '8080'],
        env: { TOKEN: 'secret' },
        cwd: '/tmp',
        readTimeoutMs: 60_000,
      },
      overrides: { fetch: { name: 'web_fetch', description: 'Fetch!' } },
    },
    {
      kind: 'mcp',
      server: { type: 'stdio', command: 'x', args: [], env: {}, cwd: undefined, readTimeoutMs: 5000 },
      overrides: {},
    },
    {
      kind: 'mcp',
      server: {
        type: 'http',
        url: 'http://localhost:3000/mcp/',
        headers: { Authorization: 'Bearer secret' },
        timeoutMs: 20_000,
        readTimeoutMs: 200_000,
        terminateOnClose: false,
      },
      overrides: {},
    },
    {
      kind: 'mcp',
      server: {
        type: 'http',
        url: 'http://localhost:3000/mcp',
        headers: {},
        timeoutMs: 30_000,
        readTimeoutMs: 300_000,
        terminateOnClose: true,
      },
      overrides: {},
    },
    {
      kind: 'mcp',
      server: {
        type: 'sse',
        url: 'http://localhost:3000/sse',
        headers: {},
        timeoutMs: 5000,
        readTimeoutMs: 300_000,
      },
      overrides: {},
    },
  ]);
});

test('handoffs are names or Handoffs, with AutoGen’s words where there are none', () => {
  const to = { target: 'alice', description: 'Ask Alice', name: 'to_alice', message: 'Over to you.' };
  const handoffs = ['Bob', to, component('Handoff', { target: 'carol' })];
  expect(loadFile(assistantFile({ handoffs })).tools).toEqual([
    {
      kind: 'handoff',
      name: 'transfer_to_bob',
      description: 'Handoff to Bob.',
      target: 'Bob',
      message: 'Transferred to Bob, adopting the role of Bob immediately.',
    },
    { kind: 'handoff', ...to },
    {
      kind: 'handoff',
      name: 'transfer_to_carol',
      description: 'Handoff to carol.',
      target: 'carol',
      message: 'Transferred to carol, adopting the role of carol immediately.',
    },
  ]);
});

test('an AgentTool has an agent of its own, under the rules of the one that asks it', () => {
  const sub = assistantFile({ name: 'sub', description: 'sub agent', system_message: 'Be brief.' });
  const strict = { ...assistantFile({ name: 'strict' }), approval: 'always' };
  const tools = [
    component('autogen_agentchat.tools.AgentTool', { agent: sub, return_value_as_last_message: true }),
    component('AgentTool', { agent: strict }),
  ];
  const agent = loadFile(assistantFile({ tools }, { approval: 'never', interrupted: 'ask' }));
  expect(agent).toMatchObject({
    warnings: [],
    tools: [
      {
        kind: 'agent',
        name: 'sub',
        description: 'sub agent',
        returnsLast: true,
        agent: {
          name: 'sub',
          systemMessage: 'Be brief.',
          approval: [{ tool: '*', rule: 'never' }],
          interrupted: [{ tool: '*', rule: 'ask' }],
        },
      },
      {
        kind: 'agent',
        name: 'strict',
        returnsLast: false,
        agent: { approval: [{ tool: '*', rule: 'always' }] },
      },
    ],
  });
});

test('ask_user gives the question to the person, which waits whatever the rules say', () => {
  const file = (ask_user: unknown) => loadFile(assistantFile({}, { ask_user, approval: 'never' }));
  for (const none of [undefined, null, false]) expect(file(none)).toMatchObject({ tools: [], warnings: [] });
  const { tools, approval, warnings } = file(true);
  expect(tools).toMatchObject([{ kind: 'question', name: 'ask_user' }]);
  expect(toolsOf({ tools, approval })).toMatchObject([{ name: 'ask_user', approval: 'always' }]);
  expect(warnings).toEqual([]);
});

test('rules hold for all tools, or for those that their names fit, the one that says most first', () => {
  const { approval, interrupted } = loadFile(
    assistantFile(
      {
        workbench: component('McpWorkbench', { server_params: { type: 'StdioServerParams', command: 'x' } }),
      },
      {
        approval: {
          '*': 'never',
          'delete_*': 'always',
          delete_draft: 'writes',
          '*_file': 'writes',
          'send*': 'always',
          send: 'never',
        },
        interrupted: 'retry',
      },
    ),
  );
  const says = (tool: string) => approvalOf(approval, tool);
  const tools = ['get', 'delete_all', 'delete_draft', 'read_file', 'delete_file', 'xdelete_', 'send'];
  expect(tools.map(says).join()).toBe('never,always,writes,writes,always,never,never');
  expect(interruptedOf(interrupted, 'get')).toBe('retry');
  expect([approvalOf([], 'x'), interruptedOf([], 'x')]).toEqual(['writes', 'tell']);
});

test('what is known of the tools has no address, header or variable in it; of MCP servers nothing is', () => {
  const server_params = { type: 'StdioServerParams', command: 'x' };
  const sub = assistantFile({ name: 'sub', description: 'sub agent' });
  const tools = [
    httpTool(),
    httpTool({ name: 'send', method: 'POST' }),
    component('AgentTool', { agent: sub }),
  ];
  const agent = loadFile(
    assistantFile(
      {
        workbench: [component('StaticWorkbench', { tools }), component('McpWorkbench', { server_params })],
        handoffs: ['bob'],
      },
      { approval: { send: 'always' } },
    ),
    env,
  );
  const known = toolsOf(agent);
  const none = { type: 'object', required: [], properties: {}, additionalProperties: false };
  expect(known).toMatchObject([
    { name: 'decode', annotations: { readOnlyHint: true }, approval: 'writes' },
    { name: 'send', annotations: { readOnlyHint: false }, approval: 'always' },
    {
      name: 'sub',
      description: 'sub agent',
      parameters: { properties: { task: { type: 'string' } }, required: ['task'] },
      annotations: { readOnlyHint: true },
    },
    { name: 'transfer_to_bob', parameters: none, annotations: { readOnlyHint: true } },
  ]);
  expect(JSON.stringify(known)).not.toMatch(/secret|httpbin|X-Key/);
});

test('a model that says nothing of tools is offered them', () => {
  const model_client = component('ReplayChatCompletionClient', { chat_completions: ['a'] });
  for (const one of [client, model_client])
    expect(loadFile(assistantFile({ model_client: one, tools: [httpTool()] }), env).tools).toHaveLength(1);
});
