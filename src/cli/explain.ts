// Turns what stops a command into one line for the person who has to mend it.
import { AdoptionError } from '../db/adopt.ts';
import { describeDatabaseUrl } from '../db/database-url.ts';
import { databaseErrorCode } from '../db/errors.ts';
import { MigrationError } from '../db/migrate.ts';
import { ModelConfigError } from '../models/load.ts';
import { SettingsError } from '../settings.ts';
import { DataDirLockedError, DataDirUnusableError } from './data-dir-lock.ts';
import { ListenError } from './listen.ts';

/** One line without a stack; `databaseUrl` is named without its password. */
export function explain(error: unknown, databaseUrl?: string): string {
  if (error instanceof SettingsError || error instanceof ModelConfigError) return error.message;
  if (error instanceof ListenError) return error.message;
  if (error instanceof DataDirLockedError || error instanceof DataDirUnusableError) return error.message;
  if (error instanceof MigrationError || error instanceof AdoptionError)
    return `The database was left as it is: ${error.message}.`;
  const code = databaseErrorCode(error);
  const where = databaseUrl === undefined ? 'the database' : describeDatabaseUrl(databaseUrl);
  const sentence = code === undefined ? undefined : databaseSentences[code];
  if (sentence) return sentence.replaceAll('{where}', where);
  const message = firstLine(rootCause(error));
  return code === undefined ? message : `The database at ${where} said: ${message} (${code}).`;
}

const databaseSentences: Record<string, string> = {
  ECONNREFUSED: 'No PostgreSQL server answers at {where}: start it, or correct DATABASE_URL.',
  CONNECT_TIMEOUT:
    'No PostgreSQL server answers at {where} in time: check the host, the port and the network.',
  ENOTFOUND: 'The host of {where} is not known: correct DATABASE_URL.',
  EAI_AGAIN:
    'The host of {where} cannot be looked up at the moment: check the network, or correct DATABASE_URL.',
  '28P01': 'The PostgreSQL server refuses the password for {where}: correct DATABASE_URL.',
  '28000': 'The PostgreSQL server does not let this user in at {where}: correct DATABASE_URL or pg_hba.conf.',
  '3D000': 'There is no database at {where}, and none could be made.',
  '42P07':
    'Tables that AgentChat did not make stand in its way at {where}; nothing was changed: name another database in DATABASE_URL.',
  '42501':
    'This user may not do that at {where}: grant it the right to create (the database, or tables in it).',
  '53100': 'The disk of the PostgreSQL server at {where} is full.',
  '53300':
    'The PostgreSQL server at {where} has no connection left: raise max_connections or lower DATABASE_POOL_MAX.',
};

function rootCause(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootCause(error.cause) : error;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
