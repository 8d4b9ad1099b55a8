// Asks an MCP server for its tools and calls one, on whatever runtime this runs.
import { createMcpHost } from '../../tools/mcp/mcp-host.ts';
import type { McpParts } from '../../tools/mcp/mcp-parts.ts';
import { type McpServerParams, mcpServerParams } from '../../tools/mcp/mcp-server-params.ts';
import { createMcpWorkbench } from '../../tools/mcp/mcp-workbench.ts';
import { resultText } from '../../tools/tool.ts';
import { callTool } from '../workbench.ts';

/** Whether it lists `echo`, what that says, and what an answer that breaks off is told as. */
export async function probe(server: McpServerParams, parts: McpParts = {}): Promise<unknown> {
  const tools = createMcpWorkbench(server, createMcpHost(parts));
  const { signal } = new AbortController();
  const call = async (name: string, args = {}) =>
    resultText(await callTool(tools, name, args, { idempotencyKey: 'k', signal }));
  const listed = (await tools.list(signal)).some(({ name }) => name === 'echo');
  const said = [await call('echo', { text: 'grüß' }), await call('die'), await call('echo', { text: 'on' })];
  await tools.close();
  return { listed, said };
}

export const overHttp = (url: string): McpServerParams =>
  mcpServerParams.parse({ type: 'StreamableHttpServerParams', url });
