// Reads AutoGen's HttpTool.
import { z } from 'zod';
import { type Component, type Reading, readerFor } from '../../models/config/component.ts';
import { headers, looseNumber, seconds, text } from '../../models/config/config-values.ts';
import type { HttpToolSource } from '../tool-source.ts';
import { oneOf, toolName } from './values.ts';

const schema = z.object({
  name: toolName,
  description: z.string({ error: 'a text' }).default('HTTP tool'),
  scheme: oneOf(['http', 'https']).default('http'),
  host: z.string({ error: 'a host name' }).regex(/^(\[[\da-f:.]+\]|[^\s/:@?#\\]+)$/i, {
    error: 'a host name, without scheme, port or path',
  }),
  port: looseNumber('a port, 1 to 65535', (port) => Number.isInteger(port) && port > 0 && port < 65_536),
  path: text.default('/'),
  method: oneOf(['GET', 'POST', 'PUT', 'DELETE', 'PATCH']).default('POST'),
  headers: headers.default({}),
  json_schema: z.looseObject(
    {
      type: z.literal('object', { error: 'object' }).default('object'),
      properties: z.record(z.string(), z.unknown(), { error: 'a mapping' }).default({}),
    },
    { error: 'a JSON schema, as a mapping' },
  ),
  return_type: oneOf(['text', 'json']).default('text'),
  timeout: seconds.default(5),
});

export function readHttpTool(component: Component, reading: Reading): HttpToolSource {
  const reader = readerFor(component, reading);
  const config = reader.read(schema);
  for (const [, name = ''] of config.path.matchAll(/\{([^}]*)\}/g))
    if (!Object.hasOwn(config.json_schema.properties, name))
      throw reader.error('path', `path has {${name}}, which json_schema does not have among its properties`);
  return {
    kind: 'http',
    name: config.name,
    description: config.description,
    scheme: config.scheme,
    host: config.host,
    port: config.port,
    path: config.path,
    method: config.method,
    headers: config.headers,
    parameters: config.json_schema,
    returnType: config.return_type,
    timeoutMs: config.timeout * 1000,
  };
}
