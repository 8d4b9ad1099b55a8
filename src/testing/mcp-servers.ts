// MCP servers for the tests of one file, real and hostile, and hosts for them; all are gone after each test.
import { afterEach } from 'bun:test';
import { join } from 'node:path';
import { startProcess } from '../cli/serve/start-process.ts';
import { createMcpHost } from '../tools/mcp/mcp-host.ts';
import type { McpNotice, McpParts, StartedProcess } from '../tools/mcp/mcp-parts.ts';
import { type McpServerParams, mcpServerParams } from '../tools/mcp/mcp-server-params.ts';
import { createMcpWorkbench } from '../tools/mcp/mcp-workbench.ts';
import type { CallOptions, ToolOverrides, Workbench } from '../tools/tool.ts';
import type { HostileMode } from './hostile-mcp.ts';

/** The servers of the protocol's own repository, by what they are published as. */
export const serverProgram = (name: string) =>
  join(
    import.meta.dir,
    '..',
    '..',
    'node_modules',
    '@modelcontextprotocol',
    `server-${name}`,
    'dist',
    'index.js',
  );

export function stdioServer(args: readonly string[], more: object = {}): McpServerParams {
  return mcpServerParams.parse({
    type: 'StdioServerParams',
    command: process.execPath,
    args: ['--no-env-file', ...args],
    read_timeout_seconds: 20,
    ...more,
  });
}

export const hostileProcess = (mode: HostileMode, more: object = {}) =>
  stdioServer([join(import.meta.dir, 'hostile-mcp.ts'), mode], more);

export const callOptions = (more: Partial<CallOptions> = {}): CallOptions => ({
  idempotencyKey: 'key-1',
  signal: new AbortController().signal,
  ...more,
});

/** Call it at the top of a file. */
export function mcpServers() {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** A host that remembers what was started and told. */
  function host(parts: McpParts = {}) {
    const started: (StartedProcess & { hasEnded: boolean })[] = [];
    const notices: McpNotice[] = [];
    const made = createMcpHost({
      async startProcess(command) {
        const process = { ...(await startProcess(command)), hasEnded: false };
        process.ended.then(() => {
          process.hasEnded = true;
        });
        started.push(process);
        return process;
      },
      tell: (notice) => notices.push(notice),
      ...parts,
    });
    const workbench = (server: McpServerParams, overrides?: ToolOverrides): Workbench => {
      const one = createMcpWorkbench(server, made, overrides);
      ends.push(() => one.close());
      return one;
    };
    return { workbench, started, notices };
  }

  return {
    host,
    /** The workbench of a host of its own. */
    workbench: (server: McpServerParams, overrides?: ToolOverrides) => host().workbench(server, overrides),
    afterThisTest: (end: () => unknown) => {
      ends.push(end);
    },
  };
}
