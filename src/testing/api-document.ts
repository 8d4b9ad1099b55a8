// The API's own document, as tests read it.
import type { Schema } from './json-schema.ts';

type Media = { content?: Record<string, { schema: Schema }> };
export type Operation = {
  operationId?: string;
  tags?: string[];
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Schema; description?: string }[];
  requestBody?: Media & { required?: boolean };
  responses: Record<string, Media & { description: string; headers?: Record<string, { $ref: string }> }>;
};
export type ApiDocument = {
  openapi: string;
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    headers: Record<string, { description: string; required?: boolean }>;
  };
};

export const operationsOf = ({ paths }: ApiDocument) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

/** Every schema in the document, also those inside others, and where it is. */
export function* schemasIn(node: unknown, at = ''): Generator<{ at: string; schema: Schema }> {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const [index, part] of node.entries()) yield* schemasIn(part, `${at}/${index}`);
    return;
  }
  if (isSchemaPlace(at)) yield { at, schema: node };
  for (const [key, part] of Object.entries(node))
    if (!/^(example|default|enum|mapping)$/.test(key) || at.endsWith('/properties'))
      yield* schemasIn(part, `${at}/${key}`);
}

const isSchemaPlace = (at: string): boolean =>
  /(\/(schema|items|additionalProperties)|\/(schemas|properties)\/[^/]+|\/(allOf|anyOf|oneOf)\/\d+)$/.test(
    at,
  ) && !/\/headers\//.test(at);
