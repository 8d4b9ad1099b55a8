// What a migration is, and how one that failed is told.
import { databaseErrorCode } from '../errors.ts';

/**
 * One migration as drizzle-kit writes it: `when` is its journal time in milliseconds, `hash` that of `sql` alone. `down`
 * is its way back, undefined when nobody has written one. `ahead` is what of it is done before, without its locks;
 * undefined for most.
 */
export type Migration = {
  tag: string;
  when: number;
  sql: string;
  hash: string;
  down: string | undefined;
  ahead: string | undefined;
};

/** A fault of the ledger or the files that a person has to look at. The message is one sentence. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/** What `what` did wrong; other errors, as of a server that is full, away or does not let this user, as they are. */
export function failed(error: unknown, what: string): unknown {
  const code = databaseErrorCode(error) ?? '';
  if (!/^(0A|2B|22|23|42|55|P0)/.test(code) || ['42501', '22P05'].includes(code)) return error;
  const others =
    code === '42P07' ? '; what AgentChat did not make stands in its way: name another database' : '';
  return new MigrationError(`${what} failed: ${reasonOf(error)}${others}`, { cause: error });
}

/** One line of what the server says. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? '';
}
