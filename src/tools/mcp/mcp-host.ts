// The one connection that a process has to each of its MCP servers.
import { createMcpConnection, type McpConnection } from './mcp-connection.ts';
import { type McpParts, mcpLimits } from './mcp-parts.ts';
import type { McpServerParams } from './mcp-server-params.ts';

export type McpHost = {
  /** The connection to this server, shared by all who ask for the same; each of them has to `release` it. */
  connection(server: McpServerParams): McpConnection;
  release(server: McpServerParams): Promise<void>;
};

/** One for a process. Nothing is started before a tool is listed or called. */
export function createMcpHost(parts: McpParts): McpHost {
  const connections = new Map<string, { connection: McpConnection; users: number }>();
  const limits = { ...mcpLimits, ...parts.limits };
  const keyOf = (server: McpServerParams) => JSON.stringify(server);

  return {
    connection(server) {
      const key = keyOf(server);
      const shared = connections.get(key) ?? {
        connection: createMcpConnection(server, { ...parts, limits }),
        users: 0,
      };
      shared.users += 1;
      connections.set(key, shared);
      return shared.connection;
    },
    async release(server) {
      const key = keyOf(server);
      const shared = connections.get(key);
      if (!shared) return;
      shared.users -= 1;
      if (shared.users > 0) return;
      connections.delete(key);
      await shared.connection.close();
    },
  };
}
