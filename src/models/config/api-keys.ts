// Where a model client finds its key and its address: in the file, else in the environment.
import type { ConfigReader } from './config-reader.ts';
import { address } from './config-values.ts';

/** Sent where a server wants none: the header must hold something. */
export const PLACEHOLDER_KEY = 'none';

/** Whether an address is of this machine or a private network, where servers mostly want no key. */
function isLocal(address: string): boolean {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '');
  return (
    /^(localhost|127\..*|0\.0\.0\.0|::1|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*)$/.test(host) ||
    /\.(localhost|local|internal|lan)$/.test(host) ||
    !/[.:]/.test(host)
  );
}

/** The error that no key is to be found; `variable` could have held one. */
export function missingKey(reader: ConfigReader, variable: string): Error {
  const unset = reader.unsetVariable('api_key');
  const why = unset === undefined ? '' : `: the environment variable ${unset} is not set`;
  const how = unset === undefined ? `set api_key, or the environment variable ${variable}` : 'set it';
  return reader.error('api_key', `the key is missing (api_key)${why}; ${how}`);
}

/** A variable's value; the empty one counts as unset. */
export function variable(reader: ConfigReader, name: string): string | undefined {
  return reader.env[name]?.trim() || undefined;
}

/** The address in a variable, as the makers' packages take it. */
export function addressVariable(reader: ConfigReader, name: string): string | undefined {
  const parsed = address.optional().safeParse(variable(reader, name));
  if (parsed.success) return parsed.data;
  throw reader.error('base_url', `${name} must be an http:// or https:// address`);
}

/** The key that is configured, else that of the environment; undefined where there is none, and one is needed. */
export function findKey(
  reader: ConfigReader,
  configured: string | undefined,
  baseUrl: string | undefined,
  fromEnvironment: string | undefined,
): string | undefined {
  if (configured) return configured;
  const unset = reader.unsetVariable('api_key');
  if (unset === undefined) return fromEnvironment ?? (baseUrl === undefined ? undefined : PLACEHOLDER_KEY);
  // A named variable is what was meant: only a server that wants no key is asked without it.
  if (baseUrl === undefined || !isLocal(baseUrl)) return undefined;
  reader.warn(
    ['api_key'],
    `the environment variable ${unset} is not set; the local server is asked without a key`,
  );
  return PLACEHOLDER_KEY;
}
