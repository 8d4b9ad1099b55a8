// Reads an agent's tools: bare ones, and those of workbenches.
import { z } from 'zod';
import {
  type Component,
  entryFor,
  type Reading,
  readComponent,
  readerFor,
} from '../../models/config/component.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import { looseBoolean } from '../../models/config/config-values.ts';
import type { AgentDescription, AgentToolSource, ToolSource } from '../agent-description.ts';
import type { HttpToolSource, ToolOverride } from '../tool-source.ts';
import { readHttpTool } from './http-tool.ts';
import { readMcpServer } from './mcp-server.ts';
import { refuseNotHere } from './not-here.ts';
import { components, toolName } from './values.ts';

/** Reads an agent that is another's tool. */
export type ReadAgent = (component: Component, reading: Reading) => AgentDescription;
type StaticTool = HttpToolSource | AgentToolSource;

const agentTool = z.object({
  agent: z.unknown().optional(),
  return_value_as_last_message: looseBoolean.default(false),
});

const overrides = z
  .record(
    z.string(),
    z.object(
      { name: toolName.optional(), description: z.string({ error: 'a text' }).optional() },
      { error: 'a mapping with name or description' },
    ),
    { error: 'a mapping of tools' },
  )
  .default({});
const staticWorkbench = z.object({ tools: components.default([]), tool_overrides: overrides });
const mcpWorkbench = z.object({
  server_params: z.unknown().optional(),
  tool_overrides: overrides,
  host: z.unknown().optional(),
});

export function readTool(
  value: unknown,
  path: ConfigPath,
  reading: Reading,
  readAgent: ReadAgent,
): StaticTool {
  const component = readComponent(value, path, 'a tool', reading);
  const { name } = component.config;
  refuseNotHere(component, 'tool', reading, typeof name === 'string' ? name : undefined);
  return entryFor(component, tools, [], reading)(component, reading, readAgent);
}

const tools: Record<string, (component: Component, reading: Reading, readAgent: ReadAgent) => StaticTool> = {
  HttpTool: readHttpTool,
  AgentTool(component, reading, readAgent) {
    const config = readerFor(component, reading).read(agentTool);
    const path = [...component.path, 'config', 'agent'];
    const agent = readAgent(readComponent(config.agent, path, 'agent', reading), reading);
    const { name, description } = agent;
    return { kind: 'agent', name, description, agent, returnsLast: config.return_value_as_last_message };
  },
};

/** What a workbench has; an empty one has nothing. */
export function readWorkbench(
  value: unknown,
  path: ConfigPath,
  reading: Reading,
  readAgent: ReadAgent,
): ToolSource[] {
  const component = readComponent(value, path, 'a workbench', reading);
  return entryFor(component, workbenches, [], reading)(component, reading, readAgent);
}

const workbenches: Record<
  string,
  (component: Component, reading: Reading, readAgent: ReadAgent) => ToolSource[]
> = {
  StaticWorkbench: readStatic,
  StaticStreamWorkbench: readStatic,
  McpWorkbench(component, reading) {
    const reader = readerFor(component, reading);
    const config = reader.read(mcpWorkbench);
    if (config.host !== undefined) reader.warn(['host'], 'host is not supported and is ignored');
    const path = [...component.path, 'config'];
    refuseSharedNames(config.tool_overrides, path, reading);
    const server = readMcpServer(config.server_params, [...path, 'server_params'], reading);
    const { label } = component.whole;
    // AutoGen writes the class's name where there is none.
    const own = typeof label === 'string' && label.trim() !== component.className ? label.trim() : '';
    return [{ kind: 'mcp', ...(own && { label: own }), server, overrides: config.tool_overrides }];
  },
};

function readStatic(component: Component, reading: Reading, readAgent: ReadAgent): ToolSource[] {
  const reader = readerFor(component, reading);
  const config = reader.read(staticWorkbench);
  const path = [...component.path, 'config'];
  refuseSharedNames(config.tool_overrides, path, reading);
  const found = config.tools.map((tool, index) =>
    readTool(tool, [...path, 'tools', index], reading, readAgent),
  );
  const names = found.map(({ name }) => name);
  for (const name of Object.keys(config.tool_overrides))
    if (!names.includes(name))
      reader.warn(['tool_overrides', name], `no tool of this workbench is called ${name}`);
  return found.map((tool) => {
    const { name = tool.name, description = tool.description } = config.tool_overrides[tool.name] ?? {};
    return { ...tool, name, description };
  });
}

function refuseSharedNames(given: Record<string, ToolOverride>, path: ConfigPath, { source }: Reading): void {
  const taken = new Set<string>();
  for (const [tool, { name }] of Object.entries(given)) {
    if (name === undefined) continue;
    if (taken.has(name))
      throw source.error([...path, 'tool_overrides', tool], `another tool is called ${name} already`);
    taken.add(name);
  }
}
