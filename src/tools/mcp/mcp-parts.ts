// What a process brings for its MCP servers, and what holds for all of them.
import type { AuthProvider } from '@modelcontextprotocol/client';
import type { HttpServerParams, StdioServerParams } from './mcp-server-params.ts';

/** A process that was started. */
export type StartedProcess = {
  /** What it writes to its standard output. */
  output: AsyncIterable<Uint8Array>;
  /** Writes to its standard input. Rejects when it does not read any more. */
  write(text: string): Promise<void>;
  /** Resolves when it has ended, by itself or not. */
  ended: Promise<void>;
  /** The end of what it wrote to its standard error: for who looks after it, and nobody else. */
  complaints(): string;
  /** Ends it and what it started: asks at first, and kills what does not listen. */
  stop(): Promise<void>;
};

/** Starts a process, or rejects where there is none such. Only `cli/` may: the rooms below run where there are none. */
export type StartProcess = (
  command: Pick<StdioServerParams, 'command' | 'args' | 'env' | 'cwd'>,
) => Promise<StartedProcess>;

/** Something that who looks after the server wants to know. `server` is its command's name or its host. */
export type McpNotice = { server: string; happened: string; complaints?: string };

export type McpParts = {
  startProcess?: StartProcess;
  fetch?: typeof fetch;
  /** Gives tokens for a server, and new ones when it answers 401. Without it, only `headers` of the file speak for us. */
  auth?: (server: HttpServerParams) => AuthProvider | undefined;
  tell?: (notice: McpNotice) => void;
  limits?: Partial<McpLimits>;
};

export const mcpLimits = {
  /** A process may have to be fetched first, as `npx` and `uvx` do. */
  startMs: 60_000,
  /** How long a server is given to say that it is there, or goodbye. */
  momentMs: 3000,
  /** A connection that nobody used for as long is closed. */
  idleMs: 5 * 60_000,
  /** The pause before a third start in a row; each further one is twice as long. */
  pauseMs: 1000,
  longestPauseMs: 60_000,
  /** A call waits as long for a pause to end; else it is told to come back later. */
  patienceMs: 2000,
  /** Who only reads of tools asks so many servers at once, and the next ones so long after those that do not answer. */
  askedAtOnce: 4,
  askedMs: 10_000,
  /** The bytes of one message of a server. */
  messageBytes: 8 * 1024 * 1024,
};

export type McpLimits = typeof mcpLimits;
