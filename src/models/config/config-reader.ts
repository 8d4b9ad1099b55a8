// Reads the `config` mapping of one component by a schema: errors with their line, warnings for unknown keys.
import type { z } from 'zod';
import { createRedact } from '../server-failures.ts';
import type { ConfigPath, ConfigSource, Environment, ModelConfigError } from './config-source.ts';
import { nearestName } from './nearest-name.ts';

/** Reads by a schema; throws ModelConfigError. */
export type ReadConfig = <S extends z.ZodObject>(schema: S) => z.output<S>;

/** One component of the file. Keys are those of its `config`. */
export type ConfigReader = {
  read: ReadConfig;
  error(key: string, message: string): ModelConfigError;
  warn(path: ConfigPath, message: string): void;
  unsetVariable(key: string): string | undefined;
  env: Environment;
};

const SECRET = /api_key|ad_token|secret|password|authorization|headers|^env$/i;
const LONGEST_FOUND = 40;
const redact = createRedact([]);

function dotted(path: ConfigPath): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(root: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}

/** What was found, as it may be shown: only its kind where it may be a secret, or is large. */
function foundText(value: unknown, secret: boolean): string {
  const json = typeof value === 'object' ? undefined : JSON.stringify(value);
  const hidden = secret || json === undefined || json.length > LONGEST_FOUND || /:\/\/.*@/.test(json);
  return hidden ? kindOf(value) : redact(json);
}

/** The first thing a schema found wrong, as an error with its line. */
function issueError(issue: z.core.$ZodIssue, value: unknown, path: ConfigPath, source: ConfigSource) {
  const full = [...path, ...issue.path];
  const found = valueAt(value, issue.path);
  const name = dotted(issue.path);
  if (found === undefined) return source.error(full, `${name} is missing: it must be ${issue.message}`);
  const secret = full.some((key) => SECRET.test(String(key))) || source.fromEnvironment(full);
  return source.error(full, `${name} must be ${issue.message}, not ${foundText(found, secret)}`);
}

/** Warns of each key that nobody reads, with the one that was most likely meant, or where a server's own belong. */
export function warnUnknownKeys(
  given: object,
  known: readonly string[],
  warn: (key: string, message: string) => void,
): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    const hints = [
      ...(nearest ? [`did you mean ${nearest}?`] : []),
      ...(known.includes('options') ? ['what Ollama calls options goes under options'] : []),
      ...(known.includes('extra_body') ? ["a server's own parameters go under extra_body"] : []),
    ];
    warn(key, [`unknown key "${key}" is ignored`, ...hints].join('; '));
  }
}

/** A reader of the mapping `value`, which stands at `path`. Warnings are added to `warnings`. */
export function createConfigReader(
  value: object,
  path: ConfigPath,
  source: ConfigSource,
  env: Environment,
  warnings: string[],
): ConfigReader {
  const warn = (at: ConfigPath, message: string) => {
    warnings.push(source.at([...path, ...at], message));
  };
  return {
    read(schema) {
      const result = schema.safeParse(value);
      const [issue] = result.error?.issues ?? [];
      if (!result.success) {
        throw issue ? issueError(issue, value, path, source) : source.error(path, 'config is wrong');
      }
      warnUnknownKeys(value, Object.keys(schema.shape), (key, message) => warn([key], message));
      return result.data;
    },
    error: (key, message) => source.error([...path, key], message),
    warn,
    unsetVariable: (key) => source.unsetVariable([...path, key]),
    env,
  };
}
