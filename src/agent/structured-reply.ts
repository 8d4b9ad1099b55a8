// A reply that has to follow a JSON schema: whether it does, and as which text it is read.
import { z } from 'zod';
import { notFollowed } from '../models/failure-reasons.ts';
import { ModelError } from '../models/model.ts';
import type { StructuredData } from '../words/steps.ts';
import type { OutputFormat } from './agent-description.ts';

/** Reads a whole reply. Throws a ModelError where it does not follow its schema. */
export type ReadStructured = (content: string) => StructuredData;

/** Throws an Error for a schema that nothing can be checked by. What is left out has the schema's defaults. */
export function structuredReader({ name, schema, format }: OutputFormat): ReadStructured {
  const follows = z.fromJSONSchema(schema);
  return (content) => {
    const read = follows.safeParse(parsed(content));
    if (read.success && isObject(read.data))
      return { name, json: JSON.stringify(read.data), ...(format === undefined ? {} : { format }) };
    const path = read.error?.issues[0]?.path.map(String) ?? [];
    throw new ModelError('failed', notFollowed(name, path.join('.')));
  };
}

/** Undefined for what is no JSON, which no schema allows. */
function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function contentOf({ json }: Pick<StructuredData, 'json'>): Record<string, unknown> {
  const content = parsed(json);
  return isObject(content) ? content : {};
}

/** As AutoGen shows it to people and to other agents. */
export function structuredText({ json, format }: StructuredData): string {
  if (format === undefined) return json;
  const content = contentOf({ json });
  return format.replaceAll(/\{(\w+)\}/g, (whole, key: string) => {
    const value = Object.hasOwn(content, key) ? content[key] : whole;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}
