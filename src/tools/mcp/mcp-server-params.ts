// AutoGen's McpWorkbench, as its component format writes it: how a server is reached, and what its tools are called.
import { z } from 'zod';

const seconds = z.number().positive();
const headers = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((all) =>
    Object.fromEntries(Object.entries(all ?? {}).map(([name, value]) => [name, String(value)])),
  );

/** A process that reads and writes lines. `read_timeout_seconds` bounds the wait for each answer. */
const stdio = z.object({
  type: z.literal('StdioServerParams'),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  /** On top of the few variables that every process needs; of ours it gets no other. */
  env: z
    .record(z.string(), z.string())
    .nullish()
    .transform((env) => env ?? {}),
  cwd: z
    .string()
    .nullish()
    .transform((cwd) => cwd ?? undefined),
  // What the protocol says; AutoGen's file has it all the same.
  encoding: z.literal('utf-8').default('utf-8'),
  encoding_error_handler: z.enum(['strict', 'ignore', 'replace']).default('strict'),
  read_timeout_seconds: seconds.default(5),
});

/** A client of an authorization server; `resource` is what its tokens are for, empty where it is not to be told. */
const oauth = z
  .object({
    issuer: z.url({ protocol: /^https?$/ }),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1),
    scope: z.string().optional(),
    resource: z.string(),
  })
  .optional();

/** `timeout` bounds the connecting, `sse_read_timeout` the wait for each answer; both in seconds. */
const streamableHttp = z.object({
  type: z.literal('StreamableHttpServerParams'),
  url: z.url({ protocol: /^https?$/ }),
  headers,
  oauth,
  timeout: seconds.default(30),
  sse_read_timeout: seconds.default(300),
  terminate_on_close: z.boolean().default(true),
});

const sse = z.object({
  type: z.literal('SseServerParams'),
  url: z.url({ protocol: /^https?$/ }),
  headers,
  oauth,
  timeout: seconds.default(5),
  sse_read_timeout: seconds.default(300),
});

export const mcpServerParams = z.discriminatedUnion('type', [stdio, streamableHttp, sse]);

const toolOverride = z.object({ name: z.string().nullish(), description: z.string().nullish() });

export const mcpWorkbenchConfig = z.object({
  server_params: mcpServerParams,
  tool_overrides: z.record(z.string(), toolOverride).default({}),
});

export type McpServerParams = z.infer<typeof mcpServerParams>;
export type StdioServerParams = z.infer<typeof stdio>;
export type OAuthClient = NonNullable<z.infer<typeof oauth>>;
export type HttpServerParams = z.infer<typeof streamableHttp> | z.infer<typeof sse>;

/** Milliseconds that an answer may take. */
export function answerMs(server: McpServerParams): number {
  return 1000 * (server.type === 'StdioServerParams' ? server.read_timeout_seconds : server.sse_read_timeout);
}
