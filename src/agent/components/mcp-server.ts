// Reads AutoGen's parameters of an MCP server.
import { z } from 'zod';
import { isMapping, type Reading } from '../../models/config/component.ts';
import { createConfigReader } from '../../models/config/config-reader.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import { headers, looseBoolean, seconds, text, webAddress } from '../../models/config/config-values.ts';
import { nearestName } from '../../models/config/nearest-name.ts';
import type { McpServer } from '../tool-source.ts';
import { wordOrNumber } from './values.ts';

const type = z.unknown();

const stdio = z.object({
  type,
  command: text,
  args: z.array(wordOrNumber, { error: 'a list of texts' }).default([]),
  env: z.record(z.string(), wordOrNumber, { error: 'a mapping of names to texts' }).default({}),
  cwd: text.optional(),
  encoding: z.unknown().optional(),
  encoding_error_handler: z.unknown().optional(),
  read_timeout_seconds: seconds.default(5),
});

const oauth = z.object(
  {
    issuer: webAddress,
    client_id: text,
    client_secret: text,
    scope: text.optional(),
    resource: z.string({ error: 'a text' }).optional(),
  },
  { error: 'a mapping with issuer, client_id and client_secret' },
);

const http = z.object({
  type,
  url: webAddress,
  headers: headers.default({}),
  oauth: oauth.optional(),
  timeout: seconds.default(30),
  sse_read_timeout: seconds.default(300),
  terminate_on_close: looseBoolean.default(true),
});

const sse = http.omit({ terminate_on_close: true }).extend({ timeout: seconds.default(5) });

const types = ['StdioServerParams', 'StreamableHttpServerParams', 'SseServerParams'] as const;

export function readMcpServer(value: unknown, path: ConfigPath, reading: Reading): McpServer {
  const { source, env, warnings } = reading;
  const may = `one of ${types.join(', ')}`;
  if (!isMapping(value))
    throw source.error(path, `server_params must be a mapping with a type, which is ${may}`);
  const found = types.find((name) => name === value.type);
  if (found === undefined) {
    const nearest = typeof value.type === 'string' ? nearestName(value.type, types) : undefined;
    const hint = nearest ? `; did you mean ${nearest}?` : '';
    throw source.error([...path, 'type'], `the type of server_params must be ${may}${hint}`);
  }
  const { read, warn } = createConfigReader(value, path, source, env, warnings);
  switch (found) {
    case 'StdioServerParams': {
      const { command, args, env: variables, cwd, ...given } = read(stdio);
      if (given.encoding !== undefined && !/^utf-?8$/i.test(String(given.encoding)))
        warn(['encoding'], 'encoding is ignored: MCP is UTF-8');
      const readTimeoutMs = given.read_timeout_seconds * 1000;
      return { type: 'stdio', command, args, env: variables, cwd, readTimeoutMs };
    }
    case 'StreamableHttpServerParams': {
      const { terminate_on_close: terminateOnClose, ...given } = read(http);
      return { type: 'http', ...requested(given), terminateOnClose };
    }
    case 'SseServerParams':
      return { type: 'sse', ...requested(read(sse)) };
  }
}

const requested = ({ oauth: client, ...given }: z.output<typeof sse>) => ({
  url: given.url,
  headers: given.headers,
  ...(client && {
    oauth: {
      issuer: client.issuer,
      clientId: client.client_id,
      clientSecret: client.client_secret,
      scope: client.scope,
      // What it is for is the server itself, as MCP has it.
      resource: client.resource ?? given.url,
    },
  }),
  timeoutMs: given.timeout * 1000,
  readTimeoutMs: given.sse_read_timeout * 1000,
});
