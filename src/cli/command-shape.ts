// What each command of several is, and what they share: the database as it is, and how a migration is named.
import type { ParseArgsOptionsConfig } from 'node:util';
import type { Database } from '../db/database.ts';
import type { Migration } from '../db/migrations/migration.ts';
import { describeDatabaseUrl } from '../db/postgres/database-url.ts';
import type { Settings } from '../settings.ts';
import { openExisting } from './database/open-database.ts';

export type Command = {
  /** The first lines of `--help`; `--env` and `--help` are added. */
  usage: string;
  options?: ParseArgsOptionsConfig;
  /** How many arguments without a name it takes at most. */
  positionals?: number;
  /** Returns the exit code. What it throws is told in one line, and is exit code 1. */
  run(input: CommandInput): Promise<number>;
};

export type CommandInput = {
  values: Record<string, string | boolean | (string | boolean)[] | undefined>;
  positionals: string[];
  settings: Settings;
};

/** The command line is wrong: exit code 2, and the usage is shown. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Runs `use` with the database as it is, and closes it. Throws a sentence when there is none. */
export async function withDatabase<T>(
  settings: Settings,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openExisting(settings);
  if (!database) {
    const { databaseUrl: url, dataDir } = settings;
    const where = url === undefined ? `in ${dataDir}` : `at ${describeDatabaseUrl(url)}`;
    throw new Error(`There is no database ${where}: \`bun run init-db\` makes it.`);
  }
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

/** The tag that `name` means: the tag itself, or its number as `0001` or `1`. */
export function tagOf(name: string, migrations: readonly Migration[]): string {
  const found = migrations.find(({ tag }) => tag === name || isNumbered(tag, name));
  if (found) return found.tag;
  throw new UsageError(`There is no migration ${name}; \`bun run db:history\` lists them.`);
}

function isNumbered(tag: string, name: string): boolean {
  return /^\d+$/.test(name) && Number(/^\d+/.exec(tag)?.[0] ?? Number.NaN) === Number(name);
}
