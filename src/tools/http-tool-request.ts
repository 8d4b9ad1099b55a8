// Which of a call's arguments go where in an HttpTool's request: into the path, the query or the body, as in AutoGen.
import { z } from 'zod';
import type { HttpToolConfig } from './http-tool-config.ts';

/** An argument that makes no request; the message says which. */
export class WrongArgument extends Error {
  override name = 'WrongArgument';
}

const schemaParts = z.object({
  properties: z
    .record(z.string(), z.object({ default: z.unknown() }).catch({ default: undefined }))
    .catch({}),
});

/** Checks arguments by the tool's schema; one that cannot be read checks nothing. */
function checker(schema: Record<string, unknown>): z.ZodType {
  try {
    return z.fromJSONSchema({ ...schema, type: 'object' });
  } catch {
    return z.unknown();
  }
}

/**
 * Gives what a call's arguments put where: all properties of the schema and nothing else, as AutoGen sends them. One that
 * was not given is its `default`, or null; what the path names is not in `rest`. Throws WrongArgument.
 */
export function argumentReader(config: HttpToolConfig) {
  const { properties } = schemaParts.parse(config.json_schema);
  const inPath = new Set([...config.path.matchAll(placeholder)].map(([, name = '']) => name));
  const check = checker(config.json_schema);

  return (args: Record<string, unknown>) => {
    const names = Object.keys(properties);
    const given = names.filter((name) => Object.hasOwn(args, name));
    const checked = check.safeParse(Object.fromEntries(given.map((name) => [name, args[name]])));
    const [issue] = checked.error?.issues ?? [];
    if (issue) throw new WrongArgument(`Wrong arguments: ${issue.path.join('.') || 'all'}: ${issue.message}`);
    const valued = names.map((name): [string, unknown] => [
      name,
      (Object.hasOwn(args, name) ? args[name] : properties[name]?.default) ?? null,
    ]);
    return {
      inPath: Object.fromEntries(valued.filter(([name]) => inPath.has(name))),
      rest: Object.fromEntries(valued.filter(([name]) => !inPath.has(name))),
    };
  };
}

const placeholder = /\{([^}]*)\}/g;

/**
 * The address of a call. An argument is one part of the path, whatever it holds: what a model makes up must not lead to
 * another address than the file names.
 */
export function requestUrl(config: HttpToolConfig, inPath: Record<string, unknown>): URL {
  const filled = config.path.replaceAll(placeholder, (_, name: string) => {
    const value = inPath[name];
    if (value === undefined || typeof value === 'object')
      throw new WrongArgument(`The argument '${name}' of the path has no value.`);
    const text = String(value);
    // Even escaped, dots alone would lead upwards.
    if (text === '' || text === '.' || text === '..') {
      throw new WrongArgument(`The argument '${name}' of the path cannot be '${text}'.`);
    }
    return encodeURIComponent(text.toWellFormed());
  });
  const path = filled.replaceAll('?', '%3F').replaceAll('#', '%23');
  return new URL(`${config.scheme}://${config.host}:${config.port}${path}`);
}

/** As httpx writes them: a list repeats its name, null is empty. */
export function addQuery(url: URL, args: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(args)) {
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, queryText(one));
  }
}

function queryText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
