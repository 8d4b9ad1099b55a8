// One running connection to an MCP server: made, asked, closed. That it is made anew is the matter of mcp-connection.
import type { Client, Transport } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { orAborted } from '../../sleep.ts';
import type { CallOptions } from '../tool.ts';
import { failureOf, failures, httpStatus } from './mcp-failure.ts';
import { readProgress } from './mcp-result.ts';
import { answerMs, type McpServerParams } from './mcp-server-params.ts';
import { createTransport, type McpClientParts } from './mcp-transports.ts';

/** What is asked rejects with a ToolServerError, with a ServerRefusal in the server's words, or as `signal` says. */
export type McpClient = {
  /** One page of its tools, unread. */
  listPage(cursor: string | undefined, signal: AbortSignal): Promise<z.infer<typeof toolsPage>>;
  /** What it answered to a call, unread. */
  callTool(
    name: string,
    args: Record<string, unknown>,
    options: CallOptions,
  ): Promise<Record<string, unknown>>;
  /** Whether it answers at all. */
  isAlive(): Promise<boolean>;
  /** True of a session that the server has forgotten: what was asked was not done. */
  isForgotten(error: unknown): boolean;
  complaints(): string;
  close(): Promise<void>;
};

const toolsPage = z.object({
  tools: z.array(z.unknown()),
  nextCursor: z.string().optional().catch(undefined),
});
const callAnswer = z.record(z.string(), z.unknown());

/** A call may go on for as long as its server tells of its progress; even so there is an end. */
const LONGEST_CALL_MS = 60 * 60_000;

/**
 * Connects, or rejects with a ToolServerError; so too when `ending` fires. `lost` is told of an end that is not ours,
 * `listChanged` that the server has other tools now, `complained` what it wrote to its standard error before it failed to
 * start. What the server wants of us (sampling, roots, elicitation) is
 * refused by the protocol's own words.
 */
export async function openMcpClient(
  server: McpServerParams,
  parts: McpClientParts,
  told: { lost: () => void; listChanged: () => void; complained: (text: string) => void },
  ending: AbortSignal,
): Promise<McpClient> {
  // When it is first needed: it takes longer to load than all of the rest.
  const sdk = await import('@modelcontextprotocol/client');
  const startMs = server.type === 'StdioServerParams' ? parts.limits.startMs : server.timeout * 1000;
  const { transport, terminate, complaints, takeBroken } = createTransport(sdk, server, parts);
  const client = new sdk.Client(
    { name: 'agentchat', version: '1' },
    // What a tool's own schema says of its results is not held against it: they are shown as they are.
    {
      jsonSchemaValidator: {
        getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
      },
    },
  );
  client.onerror = () => {};
  client.setNotificationHandler('notifications/tools/list_changed', told.listChanged);
  try {
    const connected = client.connect(transport, { timeout: startMs });
    connected.catch(() => {});
    const late = AbortSignal.timeout(startMs);
    await orAborted(connected, AbortSignal.any([late, ending])).catch((error: unknown) => {
      if (ending.aborted) throw failures.closed();
      throw late.aborted ? failures.slowStart(startMs) : error;
    });
  } catch (error) {
    await transport.close().catch(() => {});
    told.complained(complaints());
    throw takeBroken() ?? failureOf(error, { sdk, waitedMs: startMs, isStarting: true });
  }
  let isClosing = false;
  client.onclose = () => isClosing || told.lost();

  const waitedMs = answerMs(server);
  async function ask<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
    // What broke off before, by itself, is not why this fails.
    takeBroken();
    try {
      return await asked;
    } catch (error) {
      signal.throwIfAborted();
      if (isForgotten(error)) throw error;
      throw takeBroken() ?? failureOf(error, { sdk, waitedMs, isStarting: false });
    }
  }
  const isForgotten = (error: unknown) => httpStatus(error) === 404 && transport.sessionId !== undefined;

  return {
    listPage: (cursor, signal) =>
      ask(
        client.request({ method: 'tools/list', params: cursor === undefined ? {} : { cursor } }, toolsPage, {
          signal,
          timeout: waitedMs,
        }),
        signal,
      ),
    callTool: (name, args, { idempotencyKey, signal, progress }) =>
      ask(
        client.request(
          {
            method: 'tools/call',
            params: { name, arguments: args, _meta: { 'agentchat/idempotency-key': idempotencyKey } },
          },
          callAnswer,
          {
            signal,
            timeout: waitedMs,
            resetTimeoutOnProgress: true,
            maxTotalTimeout: LONGEST_CALL_MS,
            onprogress: (at) => progress?.(readProgress(at)),
          },
        ),
        signal,
      ),
    isAlive: () =>
      client.ping({ timeout: parts.limits.momentMs }).then(
        () => true,
        // Who answers that it does not know the question is there.
        (error: unknown) => sdk.ProtocolError.isInstance(error),
      ),
    isForgotten,
    complaints,
    async close() {
      isClosing = true;
      await orAborted(terminate(), AbortSignal.timeout(parts.limits.momentMs)).catch(() => {});
      await closeClient(client, transport);
    },
  };
}

async function closeClient(client: Client, transport: Transport): Promise<void> {
  await client.close().catch(() => {});
  // The client has let go of one that was lost.
  await transport.close().catch(() => {});
}
