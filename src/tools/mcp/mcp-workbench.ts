// AutoGen's McpWorkbench: the tools of one MCP server.

import {
  type CallOptions,
  errorResult,
  type OfferedTool,
  type ToolOverrides,
  type Workbench,
} from '../tool.ts';
import { ServerRefusal } from './mcp-failure.ts';
import type { McpHost } from './mcp-host.ts';
import { readResult } from './mcp-result.ts';
import type { McpServerParams } from './mcp-server-params.ts';
import { type ListedTool, nameTools } from './mcp-tools.ts';
import { ToolServerError } from './tool-server-error.ts';

/** `isOutdated`: the server may have other tools than it listed last. */
export type McpWorkbench = Workbench & { isOutdated(): boolean };

/**
 * The connection is shared by all workbenches of the host with the same server, and made with the first list or call.
 * Throws where `overrides` give two tools one name.
 */
export function createMcpWorkbench(
  server: McpServerParams,
  host: McpHost,
  overrides: ToolOverrides = {},
): McpWorkbench {
  const names = Object.values(overrides).flatMap(({ name }) => (name ? [name] : []));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two tools of one workbench are named '${twice}'.`);
  const connection = host.connection(server);
  let isClosed = false;
  let offered: { of: ListedTool[]; tools: OfferedTool[] } = { of: [], tools: [] };

  async function call(original: string, args: Record<string, unknown>, options: CallOptions) {
    try {
      return readResult(await connection.call(original, args, options));
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof ToolServerError || error instanceof ServerRefusal)
        return errorResult(error.message);
      return errorResult('The call of the MCP server failed.');
    }
  }

  return {
    async list(signal) {
      const of = await connection.tools(signal);
      if (of !== offered.of) {
        const tools = nameTools(of, overrides).map(({ original, ...tool }) => ({
          ...tool,
          call: (args: Record<string, unknown>, options: CallOptions) => call(original, args, options),
        }));
        offered = { of, tools };
      }
      return offered.tools;
    },
    isOutdated: connection.isOutdated,
    async close() {
      if (isClosed) return;
      isClosed = true;
      await host.release(server);
    },
  };
}
