// The log: one line an event, for a person on a terminal or for a machine.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Record<string, unknown>;

export type Log = Record<LogLevel, (message: string, fields?: LogFields) => void>;

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A log that gives finished lines to `write`. Below `level` nothing is made. */
export function createLog(options: {
  level: LogLevel;
  format: 'json' | 'pretty';
  write: (line: string) => void;
}): Log {
  const least = levels.indexOf(options.level);
  const line = options.format === 'json' ? jsonLine : prettyLine;
  const writer = (level: LogLevel) => {
    if (levels.indexOf(level) < least) return () => {};
    return (message: string, fields: LogFields = {}) => options.write(line(level, message, fields));
  };
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

function jsonLine(level: LogLevel, message: string, fields: LogFields): string {
  const printable = Object.entries(fields).map(([name, value]) => [
    name,
    value instanceof Error ? errorText(value) : value,
  ]);
  const time = new Date().toISOString();
  return quoted({ time, level, message, ...Object.fromEntries(printable) });
}

function prettyLine(level: LogLevel, message: string, fields: LogFields): string {
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${prettyValue(value)}`);
  const time = new Date().toISOString().slice(11, 23);
  return [time, level.padEnd(5), invisible.test(message) ? quoted(message) : message, ...rest].join(' ');
}

// A line break in what somebody sent would begin a line of its own, an escape code would reach the terminal.
function prettyValue(value: unknown): string {
  if (value instanceof Error) {
    // A stack is for reading: it keeps its lines, indented so that none can pass for one of the log's.
    const lines = errorText(value).split('\n');
    return lines.map((line, n) => `${n === 0 ? '' : '    '}${escaped(line.trimEnd())}`).join('\n');
  }
  return typeof value === 'string' && !/[\s"]|^$/.test(value) && !invisible.test(value)
    ? value
    : quoted(value);
}

// Control characters, those that change the direction of writing, and other invisible ones.
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const everyInvisible = new RegExp(invisible, 'gu');

/** The text with what cannot be seen written out: on a terminal it would do something. */
export const escaped = (text: string): string =>
  text.replace(everyInvisible, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** JSON, with what JSON itself leaves of invisible characters escaped too. */
const quoted = (value: unknown): string => escaped(JSON.stringify(value) ?? 'undefined');

// Drizzle's errors quote the statement and its parameters, which are people's words: only causes are logged.
function errorText(error: Error): string {
  if (error.name === 'DrizzleQueryError' || error.message.startsWith('Failed query')) {
    return error.cause instanceof Error ? errorText(error.cause) : 'a database statement failed';
  }
  const stack = error.stack || `${error.name}: ${error.message}`;
  const told = error.message === '' ? undefined : withoutRows(error);
  const own = told === undefined ? stack : stack.replaceAll(error.message, () => told);
  return error.cause instanceof Error ? `${own}\ncaused by ${errorText(error.cause)}` : own;
}

/** Classes of SQLSTATE whose messages are about the server and its connections, never about what is stored. */
const aboutServer = /^(08|25|28|3D|40|53|55|57|58)/;

/** What may be told of a database's error whose message can quote a row or a statement; undefined for any other. */
function withoutRows(error: Error): string | undefined {
  const fields = Object.entries(error);
  const { code, severity } = Object.fromEntries(fields);
  if (typeof code !== 'string' || severity === undefined || aboutServer.test(code)) return undefined;
  const names = fields.filter(([name, value]) => places.test(name) && typeof value === 'string');
  return [`SQLSTATE ${code}`, ...names.map(([name, value]) => `${name} ${value}`)].join(', ');
}

// The two drivers call them `table_name` and `table`.
const places = /^(table|column|constraint)(_name)?$/;
