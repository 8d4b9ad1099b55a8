// Turns what stops a command into one line for the person who has to mend it.
import { ModelConfigError } from '../agent/agent-config.ts';
import { AdoptionError } from '../db/adopt/error.ts';
import { databaseErrorCode } from '../db/errors.ts';
import { AheadError } from '../db/migrations/ahead.ts';
import { MigrationError } from '../db/migrations/migration.ts';
import { describeDatabaseUrl } from '../db/postgres/database-url.ts';
import { SettingsError } from '../setting.ts';
import { DataDirLockedError, DataDirUnusableError } from './database/data-dir-lock.ts';
import { OldServerError } from './database/reach-server.ts';
import { ListenError } from './serve/listen.ts';

/** Their messages are sentences already. */
const sentences = [
  AheadError,
  SettingsError,
  ModelConfigError,
  ListenError,
  DataDirLockedError,
  DataDirUnusableError,
  OldServerError,
];

/** One line without a stack; `databaseUrl` is named without its password. */
export function explain(error: unknown, databaseUrl?: string): string {
  if (error instanceof Error && sentences.some((each) => error instanceof each)) return error.message;
  if (error instanceof MigrationError || error instanceof AdoptionError)
    return `The database was left as it is: ${error.message}.`;
  const cause = rootCause(error);
  const file = fileSentence(cause);
  if (file !== undefined) return file;
  const message = firstLine(cause);
  const code = databaseCode(error, message);
  const where = databaseUrl === undefined ? 'the embedded database' : describeDatabaseUrl(databaseUrl);
  const sentence = code === undefined ? undefined : databaseSentences[code];
  if (sentence) return sentence.replaceAll('{where}', where);
  return code === undefined ? message : `The database at ${where} said: ${message} (${code}).`;
}

/** Some failures have no code of their own, and are known by what is said. */
function databaseCode(error: unknown, message: string): string | undefined {
  if (/No space left on device/i.test(message)) return '53100';
  if (/before secure TLS connection/i.test(message)) return 'NO_TLS';
  return databaseErrorCode(error);
}

const noPostgres =
  'What answers at {where} closes every connection or is no PostgreSQL server: check the host and the port in DATABASE_URL.';

const databaseSentences: Record<string, string> = {
  ECONNREFUSED: 'No PostgreSQL server answers at {where}: start it, or correct DATABASE_URL.',
  CONNECT_TIMEOUT:
    'No PostgreSQL server answers at {where} in time: check the host, the port and the network.',
  CONNECTION_CLOSED: noPostgres,
  NO_ANSWER: noPostgres,
  NO_TLS:
    'The PostgreSQL server at {where} does not speak TLS: take sslmode out of DATABASE_URL, or set ssl on in the server.',
  ENOTFOUND: 'The host of {where} is not known: correct DATABASE_URL.',
  EAI_AGAIN:
    'The host of {where} cannot be looked up at the moment: check the network, or correct DATABASE_URL.',
  '22P05':
    "The database at {where} cannot hold every character: name one in DATABASE_URL that is missing, and it is made in UTF8; or make one with encoding 'UTF8' template template0.",
  '25006':
    'The database at {where} is read-only: name the primary server in DATABASE_URL, or let the database be written.',
  '28P01': 'The PostgreSQL server refuses the password for {where}: correct DATABASE_URL.',
  '28000': 'The PostgreSQL server does not let this user in at {where}: correct DATABASE_URL or pg_hba.conf.',
  '3D000': 'There is no database at {where}, and none could be made.',
  '42P07':
    'Tables that AgentChat did not make stand in its way at {where}; nothing was changed: name another database in DATABASE_URL.',
  '42501':
    'This user may not do that at {where}: grant it the right to create (the database, or tables in it).',
  '53100': 'The disk is full that holds {where}: make room on it.',
  '53300':
    'There is no connection left to {where}: raise the limit that the server, this database or this user has, or lower DATABASE_POOL_MAX.',
};

const fileReasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'it is a file',
  ENOENT: 'it is missing',
  ENOSPC: 'the disk is full',
};

/** What the file system refused; undefined for anything else. */
function fileSentence(error: unknown): string | undefined {
  if (!(error instanceof Error && 'path' in error && 'code' in error)) return undefined;
  const { path, code } = error;
  if (typeof path !== 'string' || typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return undefined;
  return `${path} cannot be read or written: ${fileReasons[code] ?? code}.`;
}

function rootCause(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootCause(error.cause) : error;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0] || 'Something failed without saying why.';
}

/** Not everything that is thrown is an Error. */
function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('message' in error && typeof error.message === 'string') return error.message;
  return 'name' in error ? String(error.name) : '';
}
