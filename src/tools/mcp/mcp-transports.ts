// The transports of MCP servers: a process's lines, streamable HTTP, and the older server-sent events.
import type { Transport } from '@modelcontextprotocol/client';
import { deliver } from '../deliver.ts';
import { boundedFetch, createEndingTransport } from './http-transport.ts';
import { failures } from './mcp-failure.ts';
import type { McpLimits, McpParts } from './mcp-parts.ts';
import type { HttpServerParams, McpServerParams, StdioServerParams } from './mcp-server-params.ts';
import { oauthTokens } from './oauth.ts';
import { createStdioTransport } from './stdio-transport.ts';
import type { ToolServerError } from './tool-server-error.ts';

export type McpClientParts = McpParts & { limits: McpLimits };

export type Sdk = typeof import('@modelcontextprotocol/client');

type OpenTransport = {
  transport: Transport;
  /** Ends the session at the server, where it has one. */
  terminate(): Promise<void>;
  complaints(): string;
  /** Why an answer was broken off by us, once. */
  takeBroken(): ToolServerError | undefined;
};

export function createTransport(sdk: Sdk, server: McpServerParams, parts: McpClientParts): OpenTransport {
  return server.type === 'StdioServerParams'
    ? processTransport(sdk, server, parts)
    : httpTransport(sdk, server, parts);
}

function processTransport(sdk: Sdk, server: StdioServerParams, parts: McpClientParts): OpenTransport {
  const { startProcess, limits } = parts;
  const transport = createStdioTransport(
    async () => {
      if (!startProcess) throw failures.noProcesses();
      return startProcess(server).catch(() => {
        throw failures.notStarted();
      });
    },
    {
      parse: sdk.parseJSONRPCMessage,
      longestLine: limits.messageBytes,
      tooLong(id) {
        if (id === undefined) return void transport.close();
        const { message } = failures.tooLong(limits.messageBytes);
        transport.onmessage?.({ jsonrpc: '2.0', id, error: { code: -32_000, message } });
      },
    },
  );
  return {
    transport,
    terminate: async () => {},
    complaints: () => transport.complaints(),
    takeBroken: () => undefined,
  };
}

function httpTransport(sdk: Sdk, server: HttpServerParams, parts: McpClientParts): OpenTransport {
  let broken: ToolServerError | undefined;
  const { limits } = parts;
  const takeBroken = () => {
    const error = broken;
    broken = undefined;
    return error;
  };
  const authProvider = parts.auth?.(server) ?? (server.oauth && oauthTokens(server.oauth, parts.fetch));
  const options = {
    requestInit: { headers: server.headers },
    fetch: boundedFetch(parts.fetch ?? fetch, limits.messageBytes, () => {
      broken = failures.tooLong(limits.messageBytes);
    }),
    ...(authProvider ? { authProvider } : {}),
  };
  const url = new URL(server.url);
  if (server.type === 'SseServerParams') {
    const transport = new sdk.SSEClientTransport(url, options);
    return {
      transport: createSseTransport(transport),
      terminate: async () => {},
      complaints: () => '',
      takeBroken,
    };
  }
  const inner = new sdk.StreamableHTTPClientTransport(url, {
    ...options,
    // A server's own word on it may be 0, or a year.
    reconnectionScheduler(reconnect, delay) {
      const timer = setTimeout(reconnect, Math.min(Math.max(delay, 1000), 30_000));
      return () => clearTimeout(timer);
    },
  });
  const transport = createEndingTransport(inner, () => (takeBroken() ?? failures.lost()).message);
  return {
    transport,
    terminate: async () => {
      if (server.terminate_on_close) await inner.terminateSession();
    },
    complaints: () => '',
    takeBroken,
  };
}

/** A stream that was lost is not taken up again: what the server answered in between is gone. */
function createSseTransport(inner: InstanceType<Sdk['SSEClientTransport']>): Transport {
  const start = inner.start.bind(inner);
  inner.start = async () => {
    const { onmessage } = inner;
    inner.onmessage = (message) => deliver({ onmessage }, message);
    await start();
    const tell = inner.onerror;
    inner.onerror = (error) => {
      tell?.(error);
      if (error.name === 'SseError' || error.message.startsWith('SSE error')) void inner.close();
    };
  };
  return inner;
}
