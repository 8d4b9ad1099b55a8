// The server's description of itself (OpenAPI 3.1), as far as this page shows it.

export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  default?: unknown;
  example?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
};

export type Parameter = {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  schema: Schema;
};

type Content = Record<string, { schema: Schema }>;

type Header = { description: string; schema: Schema };
type Answer = { description: string; headers?: Record<string, { $ref: string }>; content?: Content };

export type Operation = {
  operationId: string;
  tags?: string[];
  summary: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  security?: Record<string, string[]>[];
  responses: Record<string, Answer>;
};

export type ApiDocument = {
  info: { title: string; version: string; description: string };
  tags: { name: string; description: string }[];
  security?: Operation['security'];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; headers: Record<string, Header> };
};

/** An operation and where it is found; `id` is its place in the page. */
export type Place = { id: string; method: string; path: string; operation: Operation };

/** Where the server is: what its pages' addresses begin with. */
export const server = location.href.replace(/\/docs\/?([?#].*)?$/, '');

export async function readDocument(): Promise<ApiDocument> {
  const response = await fetch(`${server}/openapi.json`);
  if (!response.ok) throw new Error(`${response.status}`);
  // The same server made both.
  return (await response.json()) as ApiDocument;
}

/** The operations under a tag, in the document's order. */
export function operationsOf({ paths }: ApiDocument, tag: string): Place[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags?.includes(tag))
      .map(([method, operation]) => ({
        id: `${method}${path.replace(/[^a-z]+/g, '-').replace(/-$/, '')}`,
        method: method.toUpperCase(),
        path,
        operation,
      })),
  );
}

export const nameOf = ($ref: string): string => $ref.slice($ref.lastIndexOf('/') + 1);

/** The schema itself, with what it is made of put together. */
export function resolved(schema: Schema, { components }: ApiDocument): Schema {
  if (schema.$ref !== undefined)
    return resolved(components.schemas[nameOf(schema.$ref)] ?? {}, { components } as ApiDocument);
  if (!schema.allOf) return schema;
  const parts = schema.allOf.map((part) => resolved(part, { components } as ApiDocument));
  return {
    ...schema,
    type: 'object',
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required }) => required ?? []),
  };
}

/** The codes of the problems that an answer may be; none where it is no problem. */
export function codesOf(schema: Schema, api: ApiDocument): string[] {
  const types = resolved(schema, api).properties?.type?.enum ?? [];
  return types.flatMap((type) => /^urn:agentchat:problem:(.+)$/.exec(String(type))?.[1] ?? []);
}

/** The headers of an answer by their names. */
export const headersOf = ({ headers = {} }: Answer, { components }: ApiDocument): [string, Header][] =>
  Object.entries(headers).flatMap(([name, { $ref }]) => {
    const header = components.headers[nameOf($ref)];
    return header ? [[name, header]] : [];
  });

/** A body to begin with: what must be given, and what has an example. */
export function exampleOf(schema: Schema, api: ApiDocument): unknown {
  const { properties = {}, required = [], example, ...rest } = resolved(schema, api);
  if (example !== undefined) return example;
  if (rest.enum) return rest.enum[0];
  if (![rest.type].flat().includes('object')) return '';
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => required.includes(name))
      .map(([name, property]) => [name, exampleOf(property, api)]),
  );
}
