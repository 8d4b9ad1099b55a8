// AutoGen's classes that are not here, and what can be done instead: half a sentence each.
import type { Component, Reading } from '../../models/config/component.ts';

/** Where it is told how Python is served over MCP. */
const overMcp =
  'serve it over MCP in ten lines and name that server in an McpWorkbench: docs/agents.md#python-over-mcp';
const noTeams =
  'teams are not here yet; give each participant a file of its own, or let one agent ask the others with AgentTool';
const noPython = `nothing here runs Python: ${overMcp}`;

const agents: Readonly<Record<string, string>> = {
  RoundRobinGroupChat: noTeams,
  SelectorGroupChat: noTeams,
  Swarm: noTeams,
  MagenticOneGroupChat: noTeams,
  GraphFlow: noTeams,
  SocietyOfMindAgent: `its inner team is one, and ${noTeams}`,
  UserProxyAgent:
    'it stands for a person, who here writes into the session: leave the file out; an AssistantAgent with ask_user: true beside its config asks them',
  CodeExecutorAgent: noPython,
  MagenticOneCoderAgent: 'give the file an AssistantAgent with the same system_message',
  MessageFilterAgent:
    'put the agent that it wraps in its place, with a model_context that says how much it is shown',
  MultimodalWebSurfer: noPython,
  FileSurfer: noPython,
  VideoSurfer: noPython,
  OpenAIAgent: 'use an AssistantAgent with OpenAIChatCompletionClient',
  OpenAIAssistantAgent: 'use an AssistantAgent with OpenAIChatCompletionClient',
  AzureAIAgent: 'use an AssistantAgent with AzureOpenAIChatCompletionClient',
};

const sameServer = 'use an McpWorkbench with the same server_params';

const tools: Readonly<Record<string, string>> = {
  FunctionTool: noPython,
  PythonCodeExecutionTool: noPython,
  LangChainToolAdapter: noPython,
  GlobalSearchTool: noPython,
  LocalSearchTool: noPython,
  AzureAISearchTool: noPython,
  TeamTool: noTeams,
  StdioMcpToolAdapter: sameServer,
  SseMcpToolAdapter: sameServer,
  StreamableHttpMcpToolAdapter: sameServer,
};

const elsewhere = 'a ListMemory holds texts; what is to be searched can be a tool, served over MCP';

const memories: Readonly<Record<string, string>> = {
  ChromaDBVectorMemory: elsewhere,
  Mem0Memory: elsewhere,
  RedisMemory: elsewhere,
  TextCanvasMemory: elsewhere,
};

/** What is a part of an agent or a team, by the end of its class's name, and where it belongs. */
const parts: readonly [RegExp, string][] = [
  [/(Tool|ToolAdapter)$/, "it is a tool: it belongs into an AssistantAgent's tools"],
  [/Workbench$/, "it is a workbench: it belongs into an AssistantAgent's workbench"],
  [/ChatCompletionContext$/, "it is a context: it belongs into an AssistantAgent's model_context"],
  [/Memory$/, "it is a memory: it belongs into an AssistantAgent's memory"],
  [/Termination(Condition)?$/, `it is a condition of a team's, and ${noTeams}`],
  [/CodeExecutor$/, noPython],
  [/^StructuredMessageFactory$/, "it belongs into an AssistantAgent's structured_message_factory"],
];

export type NotHere = 'agent' | 'tool' | 'memory';
const known = { agent: agents, tool: tools, memory: memories };

/** Throws a ModelConfigError for a class that AutoGen has and that is not here; `name` is that of the tool. */
export function refuseNotHere(
  { className, path, key }: Component,
  kind: NotHere,
  { source }: Reading,
  name?: string,
): void {
  const table = known[kind];
  const listed = Object.hasOwn(table, className) ? table[className] : undefined;
  const instead =
    listed ?? (kind === 'agent' ? parts.find(([ending]) => ending.test(className))?.[1] : undefined);
  if (instead === undefined) return;
  const what = name === undefined ? className : `the ${className} ${JSON.stringify(name)}`;
  const verb = listed === undefined ? 'is no agent' : 'is not supported';
  throw source.error([...path, key], `${what} ${verb}; ${instead}`);
}
