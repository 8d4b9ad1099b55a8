// AutoGen's HttpTool, as its component format writes it: read here, so that a file that works there works here.
import { z } from 'zod';

export const httpToolConfig = z.object({
  name: z.string(),
  description: z
    .string()
    .nullish()
    .transform((text) => text ?? 'HTTP tool'),
  scheme: z.enum(['http', 'https']).default('http'),
  host: z.string(),
  port: z.int().min(1).max(65_535),
  /** `/x/{arg}`: what stands in braces is an argument. */
  path: z.string().startsWith('/').default('/'),
  method: z
    .enum(['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])
    .nullish()
    .transform((method) => method ?? 'POST'),
  headers: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((headers) =>
      Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)])),
    ),
  json_schema: z.record(z.string(), z.unknown()),
  return_type: z
    .enum(['text', 'json'])
    .nullish()
    .transform((type) => type ?? 'text'),
  /** Seconds. */
  timeout: z.number().positive().default(5),
});

export type HttpToolConfig = z.infer<typeof httpToolConfig>;
