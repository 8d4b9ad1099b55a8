// A configuration file as parsed: its values with environment variables filled in, and where each one stands.
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** The environment, as it was passed in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A wrong configuration. The message is one line: where, what was found, what it may be; never a secret. */
export class ModelConfigError extends Error {
  override name = 'ModelConfigError';
}

/** The keys and indexes that lead to a value. */
export type ConfigPath = readonly PropertyKey[];

export type ConfigSource = {
  /** The root value; keys whose value is null are left out, as AutoGen leaves them out. */
  root: unknown;
  /** An error at the line of `path`, or of the nearest thing around it that is there. */
  error(path: ConfigPath, message: string): ModelConfigError;
  /** The same as text, for a warning. */
  at(path: ConfigPath, message: string): string;
  /** The variable that an `api_key` names although it is not set. */
  unsetVariable(path: ConfigPath): string | undefined;
  /** Whether a variable stands in the value: then it may be a secret. */
  fromEnvironment(path: ConfigPath): boolean;
};

/** `${NAME}` or `${NAME:-default}`; `$${NAME}` stands for the text itself. */
const REFERENCE = /\$?\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;

/** Keys whose unset variable is a missing key, which is reported with what else could give one. */
const KEYS = new Set<PropertyKey>(['api_key', 'azure_ad_token']);

/** The document's node for `path`, with the offset where its key stands; stops at what is not there. */
function offsetOf(start: Node | null, path: ConfigPath): number {
  let node: unknown = start;
  let offset = start?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (!pair) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      const item: unknown = node.items[key];
      if (isScalar(item) || isMap(item) || isSeq(item)) offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}

/** The parser's words without what follows them: that may be a piece of the file, and a secret. */
function yamlReason(message: string): string {
  const [line = ''] = message.split('\n');
  return line.replace(/\s*(:\s*["'`{[(]|at line |;).*$/, '').replace(/[.:\s]+$/, '');
}

function pathKey(path: ConfigPath): string {
  return JSON.stringify(path.map(String));
}

/** Parses YAML (so also JSON). Throws ModelConfigError for what is no YAML and for a variable that is not set. */
export function readConfigSource(text: string, fileName: string, env: Environment): ConfigSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const [problem] = document.errors;
  const place = (offset: number) => `${fileName}:${Math.max(1, lines.linePos(offset).line)}`;
  if (problem) {
    throw new ModelConfigError(`${place(problem.pos[0])}: not valid YAML: ${yamlReason(problem.message)}`);
  }
  const at = (path: ConfigPath, message: string) => `${place(offsetOf(document.contents, path))}: ${message}`;
  const error = (path: ConfigPath, message: string) => new ModelConfigError(at(path, message));

  const unset = new Map<string, string>();
  const filled = new Set<string>();

  function fill(value: string, path: ConfigPath): string | undefined {
    let missing: string | undefined;
    const result = value.replace(REFERENCE, (reference, name: string, fallback: string | undefined) => {
      if (reference.startsWith('$$')) return reference.slice(1);
      filled.add(pathKey(path));
      const found = fallback === undefined ? env[name] : env[name] || fallback;
      if (found === undefined) missing ??= name;
      return found ?? '';
    });
    if (missing === undefined) return result;
    if (!KEYS.has(path.at(-1) ?? '')) {
      throw error(
        path,
        `the environment variable ${missing} is not set; set it, or give a default: \${${missing}:-…}`,
      );
    }
    unset.set(pathKey(path), missing);
    return undefined;
  }

  function walk(value: unknown, path: ConfigPath): unknown {
    if (typeof value === 'string') return fill(value, path);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined && item !== null));
  }

  return {
    root: walk(toJs(document, fileName), []),
    error,
    at,
    unsetVariable: (path) => unset.get(pathKey(path)),
    fromEnvironment: (path) => filled.has(pathKey(path)),
  };
}

function toJs(document: ReturnType<typeof parseDocument>, fileName: string): unknown {
  try {
    return document.toJS();
  } catch {
    throw new ModelConfigError(
      `${fileName}:1: not valid YAML: an alias (*name) leads nowhere, or to too much`,
    );
  }
}
