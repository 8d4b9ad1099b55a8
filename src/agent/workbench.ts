// The workbench of an agent: the tools that its file names, wherever they are.
import { createHttpTool } from '../tools/http-tool.ts';
import { type Inventory, joinWorkbenches } from '../tools/join-workbenches.ts';
import { fewAtOnce } from '../tools/mcp/few-at-once.ts';
import { createMcpHost } from '../tools/mcp/mcp-host.ts';
import { type McpParts, mcpLimits } from '../tools/mcp/mcp-parts.ts';
import type { McpServerParams } from '../tools/mcp/mcp-server-params.ts';
import { createMcpWorkbench } from '../tools/mcp/mcp-workbench.ts';
import { type RememberedTools, rememberTools, type ToldTools } from '../tools/mcp/told-tools.ts';
import { createStaticWorkbench, type StaticTool } from '../tools/static-workbench.ts';
import { type Tool, textResult, type Workbench } from '../tools/tool.ts';
import type { Bilingual } from '../words/bilingual.ts';
import type { AgentDescription, ToolSource } from './agent-description.ts';
import { agentTool } from './agent-tool.ts';
import { ASK_USER, askUserTool } from './ask-user.ts';
import { createAssistant } from './assistant.ts';
import { joinTold, type KnownTools, toolsOf } from './known-tools.ts';
import { serverNames } from './server-names.ts';
import type { HandoffSource, HttpToolSource, McpServer } from './tool-source.ts';

/** What a process brings for the tools of all its agents. `leftOut`: the tools of a server are missing, for this reason. */
export type ToolParts = McpParts & { leftOut?(error: unknown, server: string): void };

/** `told` is of its tools as people read of them. */
export type AgentWorkbench = Workbench & {
  told(): Promise<KnownTools>;
  inventory(signal: AbortSignal): Promise<Inventory>;
};

/** Connects to nothing before a tool is needed. */
export type ToolHost = {
  /** Undefined for who has no tools. */
  workbenchOf(agent: Pick<AgentDescription, 'tools' | 'approval'>): AgentWorkbench | undefined;
  /** Ends what was connected to, and started. */
  close(): Promise<void>;
};

/**
 * One for a process.
 *
 * @example
 * const host = createToolHost({ startProcess });
 * const workbench = host.workbenchOf(description);
 */
export function createToolHost({ leftOut = () => {}, ...parts }: ToolParts = {}): ToolHost {
  const mcp = createMcpHost(parts);
  const limits = { ...mcpLimits, ...parts.limits };
  const inTurn = fewAtOnce(limits.askedAtOnce, limits.askedMs);
  const made = new Set<Workbench>();
  const http = { ...(parts.fetch && { fetch: parts.fetch }) };

  function workbench(
    source: ToolSource,
    agent: Pick<AgentDescription, 'tools' | 'approval'>,
  ): Workbench & { told?(): Promise<ToldTools> } {
    switch (source.kind) {
      case 'mcp':
        return withoutQuestions(
          rememberTools(
            createMcpWorkbench(paramsOf(source.server), mcp, overridesOf(source.overrides)),
            inTurn,
          ),
        );
      case 'question':
        return createStaticWorkbench([askUserTool]);
      case 'http':
        return createStaticWorkbench([createHttpTool(httpConfigOf(source), http)]);
      case 'handoff':
        return createStaticWorkbench([handoffTool(source, agent)]);
      case 'agent': {
        const its = workbenchOf(source.agent);
        const asked = agentTool(source, createAssistant({ ...source.agent, workbench: its }));
        return { ...createStaticWorkbench([asked]), close: async () => its?.close() };
      }
    }
  }

  function workbenchOf(agent: Pick<AgentDescription, 'tools' | 'approval'>): AgentWorkbench | undefined {
    const { tools, approval } = agent;
    if (tools.length === 0) return undefined;
    const names = serverNames(tools);
    const sources = tools.map((source) => ({ source, from: workbench(source, agent) }));
    const joined = joinWorkbenches(
      sources.map(({ source, from }) => ({ ...from, server: names.get(source) ?? '' })),
      leftOut,
    );
    const told = sources.map(({ source, from }) => async () => {
      return from.told?.() ?? { tools: toolsOf({ tools: [source], approval }), missing: [] };
    });
    const all: AgentWorkbench = {
      ...joined,
      told: async () => joinTold(await Promise.all(told.map((one) => one())), approval),
      async close() {
        made.delete(all);
        await joined.close();
      },
    };
    made.add(all);
    return all;
  }

  return {
    workbenchOf,
    close: async () => {
      await Promise.allSettled([...made].map((one) => one.close()));
    },
  };
}

/** A server's tool that is called as the question to the person would be taken for one. */
function withoutQuestions(server: RememberedTools): RememberedTools {
  const isOther = ({ name }: Tool) => name !== ASK_USER;
  return {
    ...server,
    list: async (signal) => (await server.list(signal)).filter(isOther),
    async told() {
      const { tools, missing } = await server.told();
      const others = tools.filter(isOther);
      return { tools: others, missing: others.length < tools.length ? [...missing, nameTaken] : missing };
    },
  };
}

const nameTaken: Bilingual = {
  en: `The MCP server’s tool ${ASK_USER} is called as the one that asks the person, and is left out. \`tool_overrides\` can give it another name.`,
  'zh-CN': `MCP 服务器的工具 ${ASK_USER} 与向人提问的工具同名，已略去。可以用 \`tool_overrides\` 为它改名。`,
};

const overridesOf = (
  overrides: Record<string, { name?: string | undefined; description?: string | undefined }>,
) =>
  Object.fromEntries(
    Object.entries(overrides).map(([tool, { name = null, description = null }]) => [
      tool,
      { name, description },
    ]),
  );

function handoffTool(source: HandoffSource, { approval }: Pick<AgentDescription, 'approval'>): StaticTool {
  const [known] = toolsOf({ tools: [source], approval });
  if (!known) throw new Error('a handoff is a tool');
  const { name, description, parameters, annotations } = known;
  return { name, description, parameters, annotations, run: async () => textResult(source.message) };
}

const httpConfigOf = (source: HttpToolSource) => ({
  name: source.name,
  description: source.description,
  scheme: source.scheme,
  host: source.host,
  port: source.port,
  path: source.path,
  method: source.method,
  headers: source.headers,
  json_schema: source.parameters,
  return_type: source.returnType,
  timeout: source.timeoutMs / 1000,
});

function paramsOf(server: McpServer): McpServerParams {
  if (server.type === 'stdio')
    return {
      type: 'StdioServerParams',
      command: server.command,
      args: server.args,
      env: server.env,
      cwd: server.cwd,
      encoding: 'utf-8',
      encoding_error_handler: 'strict',
      read_timeout_seconds: server.readTimeoutMs / 1000,
    };
  const reached = {
    url: server.url,
    headers: server.headers,
    ...(server.oauth && { oauth: server.oauth }),
    timeout: server.timeoutMs / 1000,
    sse_read_timeout: server.readTimeoutMs / 1000,
  };
  return server.type === 'http'
    ? { type: 'StreamableHttpServerParams', ...reached, terminate_on_close: server.terminateOnClose }
    : { type: 'SseServerParams', ...reached };
}
