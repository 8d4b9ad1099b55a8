// The one connection that a process has to an MCP server: made when first needed, shared, closed when idle, made again.
import { orAborted, sleep } from '../../sleep.ts';
import type { CallOptions } from '../tool.ts';
import { type McpClient, openMcpClient } from './mcp-client.ts';
import { failures } from './mcp-failure.ts';
import type { McpServerParams } from './mcp-server-params.ts';
import { type ListedTool, readTools } from './mcp-tools.ts';
import type { McpClientParts } from './mcp-transports.ts';
import { ToolServerError } from './tool-server-error.ts';

/** Rejections are those of McpClient. */
export type McpConnection = {
  /** Kept until the server says that it has others. Of one that cannot be asked now, those that it had. */
  tools(signal: AbortSignal): Promise<ListedTool[]>;
  /** Whether the server said since that it has others, or died, so that it may. */
  isOutdated(): boolean;
  call(name: string, args: Record<string, unknown>, options: CallOptions): Promise<Record<string, unknown>>;
  close(): Promise<void>;
};

/** A connection that held as long is well: what comes then is a new failure, not one more in a row. */
const WELL_AFTER_MS = 60_000;

export function createMcpConnection(server: McpServerParams, parts: McpClientParts): McpConnection {
  const { limits } = parts;
  let current: Promise<McpClient> | undefined;
  const ending = new AbortController();
  let users = 0;
  let idle: ReturnType<typeof setTimeout> | undefined;
  // Failures in a row.
  let failed = 0;
  let notBefore = 0;
  let openedAt = 0;
  // The list, whether it is that of the server as it is now, and the asking for it.
  let listed: ListedTool[] | undefined;
  let isFresh = false;
  // One that was closed for being idle has no other tools for that.
  let isOutdated = false;
  let listing: Promise<ListedTool[]> | undefined;
  // What is being closed, which a stop waits for.
  const closing = new Set<Promise<void>>();

  function letGo(client: McpClient): void {
    const closed: Promise<void> = client.close().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  function noteFailure(error: ToolServerError, complaints = ''): void {
    if (openedAt > 0 && performance.now() - openedAt > WELL_AFTER_MS) failed = 0;
    failed += 1;
    openedAt = 0;
    isFresh = false;
    isOutdated = true;
    // The first is tried again at once.
    const pause = failed === 1 ? 0 : Math.min(limits.pauseMs * 2 ** (failed - 2), limits.longestPauseMs);
    notBefore = performance.now() + pause;
    parts.tell?.({ server: nameOf(server), happened: error.message, ...(complaints ? { complaints } : {}) });
  }

  /** Ends this connection, if it is still the one; what waits for an answer is told so. */
  function drop(opening: Promise<McpClient>, client: McpClient, error: ToolServerError): void {
    if (current !== opening) return;
    current = undefined;
    noteFailure(error, client.complaints());
    letGo(client);
  }

  function open(): Promise<McpClient> {
    let opened: McpClient | undefined;
    let complaints = '';
    const told = {
      complained: (text: string) => {
        complaints = text;
      },
      lost: () => opened && drop(opening, opened, failures.lost()),
      listChanged: () => {
        isFresh = false;
        isOutdated = true;
      },
    };
    const opening: Promise<McpClient> = openMcpClient(server, parts, told, ending.signal).then(
      (client) => {
        opened = client;
        openedAt = performance.now();
        isFresh = false;
        return client;
      },
      (error: unknown) => {
        if (current === opening) current = undefined;
        const failure = error instanceof ToolServerError ? error : failures.unreachable();
        if (!ending.signal.aborted) noteFailure(failure, complaints);
        throw failure;
      },
    );
    // Those who wait for it are told; nobody may be.
    opening.catch(() => {});
    return opening;
  }

  async function connected(signal: AbortSignal): Promise<{ opening: Promise<McpClient>; client: McpClient }> {
    for (;;) {
      signal.throwIfAborted();
      if (ending.signal.aborted) throw failures.closed();
      const pause = current ? 0 : notBefore - performance.now();
      if (pause > limits.patienceMs) throw failures.paused(failed, pause);
      if (pause > 0) {
        await sleep(pause, signal);
      } else {
        current ??= open();
        const opening = current;
        return { opening, client: await orAborted(opening, signal) };
      }
    }
  }

  /** What is done with it keeps it open. */
  async function using<T>(run: () => Promise<T>): Promise<T> {
    users += 1;
    clearTimeout(idle);
    try {
      return await run();
    } finally {
      users -= 1;
      if (users === 0 && current && !ending.signal.aborted) idle = setTimeout(rest, limits.idleMs);
    }
  }

  function rest(): void {
    current?.then(letGo, () => {});
    current = undefined;
    openedAt = 0;
    isFresh = false;
  }

  /** Undefined where the server has forgotten us: another connection is made then. */
  async function listOnce(signal: AbortSignal): Promise<ListedTool[] | undefined> {
    const { opening, client } = await connected(signal);
    // What changes from here on is not in it.
    isFresh = true;
    isOutdated = false;
    try {
      return await readTools((cursor) => client.listPage(cursor, signal));
    } catch (error) {
      if (!client.isForgotten(error)) {
        if (error instanceof ToolServerError) void using(() => look(opening, client, error));
        throw failures.notListed(error);
      }
      if (current === opening) rest();
      return undefined;
    }
  }

  async function ask(): Promise<ListedTool[]> {
    // All who ask share it: none of their signals ends it.
    const signal = AbortSignal.timeout(limits.startMs * 2);
    try {
      listed = (await listOnce(signal)) ?? (await listOnce(signal));
      if (!listed) throw failures.notListed();
      return listed;
    } catch (error) {
      isFresh = false;
      isOutdated = true;
      // Those that it had; of a call of one of them the caller is told what is wrong.
      if (listed) return listed;
      throw signal.aborted ? failures.slowStart(limits.startMs * 2) : error;
    } finally {
      listing = undefined;
    }
  }

  /** After an answer that did not come: a server that says nothing at all is started again. */
  async function look(opening: Promise<McpClient>, client: McpClient, error: ToolServerError): Promise<void> {
    if (!(await client.isAlive())) drop(opening, client, error);
  }

  async function callOnce(name: string, args: Record<string, unknown>, options: CallOptions) {
    const { opening, client } = await connected(options.signal);
    try {
      const answer = await client.callTool(name, args, options);
      failed = 0;
      return answer;
    } catch (error) {
      if (client.isForgotten(error)) {
        if (current === opening) rest();
        return undefined;
      }
      if (error instanceof ToolServerError) void using(() => look(opening, client, error));
      throw error;
    }
  }

  return {
    tools: (signal) =>
      using(() => {
        if (isFresh && listed && !listing) return Promise.resolve(listed);
        listing ??= ask();
        return orAborted(listing, signal);
      }),
    isOutdated: () => isOutdated,
    call: (name, args, options) =>
      using(async () => {
        const answer = (await callOnce(name, args, options)) ?? (await callOnce(name, args, options));
        if (!answer) throw failures.lost();
        return answer;
      }),
    async close() {
      ending.abort();
      clearTimeout(idle);
      const last = current;
      rest();
      await last?.catch(() => {});
      await Promise.allSettled([...closing]);
    },
  };
}

/** How it is named to who looks after it: without its arguments and the path, which may hold a secret. */
function nameOf(server: McpServerParams): string {
  if (server.type !== 'StdioServerParams') return new URL(server.url).host;
  return server.command.split(/[\\/]/).at(-1) ?? '';
}
