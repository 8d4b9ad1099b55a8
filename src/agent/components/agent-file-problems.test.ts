// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration has placeholders of this form.
import { expect, test } from 'bun:test';
import { assistantFile, client, component, fileProblem, loadFile } from '../../testing/agent-file.ts';

const overMcp =
  'serve it over MCP in ten lines and name that server in an McpWorkbench: docs/agents.md#python-over-mcp';
const noTeams =
  'teams are not here yet; give each participant a file of its own, or let one agent ask the others with AgentTool';

const httpTool = (config: object = {}) =>
  component('HttpTool', { name: 'ask', host: 'h', port: 80, json_schema: { type: 'object' }, ...config });
const withTool = (tool: unknown) => assistantFile({ tools: [tool] });
const inWorkbench = (...tools: object[]) =>
  assistantFile({ workbench: [component('StaticWorkbench', { tools })] });
const withServer = (server_params: unknown, config: object = {}) =>
  assistantFile({ workbench: component('McpWorkbench', { server_params, ...config }) });
const functionTool = component('autogen_core.tools.FunctionTool', {
  source_code: 'def add(a:int,b:int)->int:\n    return a+b\n',
  name: 'add_numbers',
  description: 'Add two numbers',
  global_imports: [],
});
const withoutCalls = component('ReplayChatCompletionClient', {
  chat_completions: ['a'],
  model_info: { function_calling: false },
});

const problems: [string, object | string, string][] = [
  [
    'a tool of Python',
    withTool(functionTool),
    `the FunctionTool "add_numbers" is not supported; nothing here runs Python: ${overMcp}`,
  ],
  [
    'a tool of Python in a workbench',
    inWorkbench(functionTool),
    'the FunctionTool "add_numbers" is not supported',
  ],
  [
    'a tool that runs code',
    withTool(component('autogen_ext.tools.code_execution.PythonCodeExecutionTool', { executor: {} })),
    `PythonCodeExecutionTool is not supported; nothing here runs Python: ${overMcp}`,
  ],
  [
    'a team as a tool',
    withTool(component('TeamTool', { name: 't' })),
    `the TeamTool "t" is not supported; ${noTeams}`,
  ],
  [
    'an MCP tool by itself',
    withTool(component('StdioMcpToolAdapter', { tool: {} })),
    'StdioMcpToolAdapter is not supported; use an McpWorkbench with the same server_params',
  ],
  ['an unknown tool', withTool(component('HttpTol')), 'unknown provider "HttpTol"; did you mean HttpTool?'],
  [
    'a team',
    component('autogen_agentchat.teams.RoundRobinGroupChat'),
    `RoundRobinGroupChat is not supported; ${noTeams}`,
  ],
  ['a swarm', component('Swarm'), 'Swarm is not supported; teams are not here yet'],
  [
    'a person',
    component('UserProxyAgent'),
    'UserProxyAgent is not supported; it stands for a person, who here writes into the session',
  ],
  [
    'an agent that runs code',
    component('CodeExecutorAgent'),
    `CodeExecutorAgent is not supported; nothing here runs Python: ${overMcp}`,
  ],
  ['a filter', component('MessageFilterAgent'), 'put the agent that it wraps in its place'],
  [
    'a tool in the place of an agent',
    httpTool(),
    "HttpTool is no agent; it is a tool: it belongs into an AssistantAgent's tools",
  ],
  [
    'a workbench in the place of an agent',
    component('McpWorkbench'),
    "McpWorkbench is no agent; it is a workbench: it belongs into an AssistantAgent's workbench",
  ],
  [
    'a condition in the place of an agent',
    component('MaxMessageTermination'),
    'MaxMessageTermination is no agent; it is a condition of a team',
  ],
  [
    'an unknown agent',
    component('AssistentAgent'),
    'unknown provider "AssistentAgent"; did you mean AssistantAgent?',
  ],
  [
    'an unknown workbench',
    assistantFile({ workbench: component('McpWorkbanch') }),
    'did you mean McpWorkbench?',
  ],
  [
    'a memory that searches',
    assistantFile({ memory: [component('ChromaDBVectorMemory')] }),
    'ChromaDBVectorMemory is not supported; a ListMemory holds texts',
  ],
  [
    'an image to remember',
    assistantFile({
      memory: [component('ListMemory', { memory_contents: [{ content: 'x', mime_type: 'image/*' }] })],
    }),
    'memory_contents[0].mime_type must be a type of text',
  ],
  [
    'tools beside a workbench',
    assistantFile({ tools: [httpTool()], workbench: [component('StaticStreamWorkbench', { tools: [] })] }),
    'tools cannot be used with a workbench, in AutoGen neither',
  ],
  ['tools that are none', assistantFile({ tools: {} }), 'tools must be a list of components, not a mapping'],
  [
    'two tools of one name',
    assistantFile({ tools: [httpTool(), httpTool()] }),
    'two tools of this agent are called ask: names must be unique',
  ],
  [
    'a handoff called as a tool is',
    assistantFile({ tools: [httpTool()], handoffs: [{ target: 'bob', name: 'ask' }] }),
    'two tools of this agent are called ask',
  ],
  [
    'a handoff to what a tool is called',
    assistantFile({ tools: [httpTool()], handoffs: ['ask'] }),
    'a tool is called ask, as the target of this handoff is',
  ],
  [
    'a handoff to nobody',
    assistantFile({ handoffs: [{ name: 'x' }] }),
    'target is missing: it must be a text',
  ],
  [
    'a handoff of no kind',
    assistantFile({ handoffs: [4] }),
    'a handoff must be the name of an agent, or a mapping with target',
  ],
  [
    'a handoff whose target makes no name',
    assistantFile({ handoffs: ['小红'] }),
    'the handoff "transfer_to_小红" needs a name of at most 64 letters',
  ],
  [
    'no calls of functions',
    assistantFile({
      tools: [httpTool()],
      model_client: { ...client, config: { ...client.config, model_info: { function_calling: false } } },
    }),
    'The model does not support function calling. model_info.function_calling says so: correct it',
  ],
  [
    'canned replies that call nothing',
    assistantFile({ model_client: withoutCalls, handoffs: ['bob'] }),
    'The model does not support function calling, which is needed for handoffs.',
  ],
  [
    'a server over a model without calls',
    assistantFile({
      model_client: withoutCalls,
      workbench: component('McpWorkbench', { server_params: { type: 'StdioServerParams', command: 'x' } }),
    }),
    'The model does not support function calling.',
  ],
  [
    'a server without a type',
    withServer({ command: 'x' }),
    'the type of server_params must be one of StdioServerParams, StreamableHttpServerParams, SseServerParams',
  ],
  ['a server of another type', withServer({ type: 'StdioServerParam' }), 'did you mean StdioServerParams?'],
  ['a server that is none', withServer('x'), 'server_params must be a mapping with a type'],
  [
    'a server without a command',
    withServer({ type: 'StdioServerParams' }),
    'command is missing: it must be a text',
  ],
  [
    'a server without an address',
    withServer({ type: 'SseServerParams', url: 'localhost' }),
    'url must be an http:// or https:// address, not "localhost"',
  ],
  [
    'overrides to one name',
    withServer(
      { type: 'StdioServerParams', command: 'x' },
      { tool_overrides: { a: { name: 'c' }, b: { name: 'c' } } },
    ),
    'another tool is called c already',
  ],
  [
    'a path with an argument that there is not',
    withTool(httpTool({ path: '/{id}' })),
    'path has {id}, which json_schema does not have among its properties',
  ],
  [
    'a host with a scheme',
    withTool(httpTool({ host: 'https://h' })),
    'host must be a host name, without scheme, port or path, not "https://h"',
  ],
  ['a port that is none', withTool(httpTool({ port: 0 })), 'port must be a port, 1 to 65535, not 0'],
  [
    'a tool with a name that no model takes',
    withTool(httpTool({ name: 'a b' })),
    'name must be a name of at most 64 letters',
  ],
  [
    'arguments that are no object',
    withTool(httpTool({ json_schema: { type: 'string' } })),
    'json_schema.type must be object',
  ],
  [
    'no tool iterations',
    assistantFile({ max_tool_iterations: 0 }),
    'max_tool_iterations must be a whole number, 1 or more, not 0',
  ],
  [
    'a summary of what there is not',
    assistantFile({ tool_call_summary_format: '{resul}' }),
    'tool_call_summary_format must be a text with no other braces than {tool_name}, {arguments}, {result}, {is_error}',
  ],
  [
    'an agent without a model',
    component('AssistantAgent'),
    'model_client must be a mapping with provider and config',
  ],
  [
    'an AgentTool without an agent',
    withTool(component('AgentTool')),
    'agent must be a mapping with provider and config',
  ],
  [
    'an AgentTool with a team',
    withTool(component('AgentTool', { agent: component('Swarm') })),
    'Swarm is not supported; teams are not here yet',
  ],
  [
    'an AgentTool with a model',
    withTool(component('AgentTool', { agent: client })),
    'the agent of an AgentTool must be an AssistantAgent',
  ],
  [
    'an agent within an agent that has no name',
    withTool(component('AgentTool', { agent: assistantFile({ name: null }) })),
    'name must be a name of at most 64 letters (A to Z), digits, _ and -: the agent is called so as a tool',
  ],
  [
    'an agent that is a tool and asks the person',
    withTool(component('AgentTool', { agent: assistantFile({ name: 'sub' }, { ask_user: true }) })),
    'an agent that is a tool can ask nobody',
  ],
  [
    'a tool that is called as the question to the person',
    withTool(httpTool({ name: 'ask_user' })),
    'ask_user is the tool that asks the person: give this one another name',
  ],
  [
    'a question that is neither given nor not',
    assistantFile({}, { ask_user: 'maybe' }),
    'ask_user must be true or false',
  ],
  [
    'a question for a model without tools',
    assistantFile(
      {
        model_client: {
          ...client,
          config: {
            ...client.config,
            model_info: {
              vision: false,
              function_calling: false,
              json_output: false,
              family: 'unknown',
              structured_output: false,
            },
          },
        },
      },
      { ask_user: true },
    ),
    'The model does not support function calling',
  ],
  [
    'a rule that there is not',
    assistantFile({}, { approval: 'sometimes' }),
    'approval must be never, writes or always, or a mapping of tools to these',
  ],
  [
    'a rule of a tool that there is not',
    assistantFile({}, { interrupted: { x: 'maybe' } }),
    'interrupted of x must be tell, ask or retry',
  ],
  ['prices that are none', assistantFile({}, { prices: { prompt: 1 } }), 'prices.completion must be a price'],
  [
    'a schema without a name',
    assistantFile({ structured_message_factory: component('StructuredMessageFactory', { json_schema: {} }) }),
    'content_model_name is missing',
  ],
  [
    'a variable that is not set',
    withServer({ type: 'SseServerParams', url: 'http://h', headers: { A: '${TOKEN}' } }),
    'the environment variable TOKEN is not set',
  ],
  ['no component', '[]', 'the file must be a mapping with provider and config'],
  ['an empty file', '', 'the file is empty'],
];

for (const [what, file, expected] of problems) {
  test(`${what} stops the start, with file, line and cause`, () => {
    expect(fileProblem(file)).toContain(expected);
  });
}

test('the line is that of what is wrong, however deep', () => {
  const yaml = `
provider: AssistantAgent
config:
  model_client: {provider: OpenAIChatCompletionClient, config: {model: m, api_key: k}}
  workbench:
    - provider: StaticWorkbench
      config:
        tools:
          - provider: FunctionTool
            config: {name: f}
`;
  expect(fileProblem(yaml)).toStartWith('agents/helper.yaml:9: the FunctionTool "f"');
});

test('no header and no variable of a server is in any error', () => {
  const token = { TOKEN: 'hunter2' };
  for (const server of [
    { type: 'StdioServerParams', command: 'x', env: ['hunter2'] },
    { type: 'StdioServerParams', command: 'x', env: 'hunter2' },
    { type: 'StdioServerParams', command: 'x', env: { A: { b: 'hunter2' } } },
    { type: 'StdioServerParams', command: 'x', read_timeout_seconds: '${TOKEN}' },
    { type: 'SseServerParams', url: 'http://h', headers: 'hunter2' },
    { type: 'SseServerParams', url: 'http://h', headers: { A: 'hunter2\n' } },
    { type: 'SseServerParams', url: 'ftp://me:hunter2@h' },
    { type: 'SseServerParams', url: '${TOKEN}' },
  ])
    expect(fileProblem(withServer(server), token)).not.toContain('hunter2');
});

test('what is mistyped and does no harm is a warning, with the nearest name', () => {
  const { warnings } = loadFile(
    assistantFile(
      {
        tools: [httpTool({ retries: 3 })],
        system_mesage: 'x',
      },
      { aproval: 'never', approval: { asks: 'always', '*': 'never' } },
    ),
  );
  expect(warnings.map((line) => line.replace(/^agents\/helper\.yaml:\d+: /, ''))).toEqual([
    'unknown key "aproval" is ignored; did you mean approval?',
    'unknown key "system_mesage" is ignored; did you mean system_message?',
    'unknown key "retries" is ignored',
    'approval names asks, which is no tool of this agent; did you mean ask?',
  ]);
  expect(
    loadFile(withServer({ type: 'StdioServerParams', command: 'x', arg: [] }, { host: {} })).warnings,
  ).toEqual([
    expect.stringContaining('host is not supported and is ignored'),
    expect.stringContaining('unknown key "arg" is ignored; did you mean args?'),
  ]);
});
