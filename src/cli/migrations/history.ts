// `db:history` and `db:current`: which migrations there are, and where the database stands.
import type { Database } from '../../db/database.ts';
import { readAppliedTimes } from '../../db/migrations/applied-times.ts';
import { pendingMigrations, readLedger } from '../../db/migrations/ledger.ts';
import type { Migration } from '../../db/migrations/migration.ts';
import { type Command, withDatabase } from '../command-shape.ts';
import { readMigrations } from './read-migrations.ts';
import { requireLedger } from './stands-at.ts';

export const history: Command = {
  usage: `Usage: bun run db:history [--env FILE]

Lists every migration, the newest last: when it was written, and whether it is applied (and when, where the
server keeps commit times).`,
  async run({ settings }) {
    const migrations = await readMigrations();
    for (const line of await withDatabase(settings, (database) => historyOf(database, migrations))) {
      console.log(line);
    }
    return 0;
  },
};

export const current: Command = {
  usage: `Usage: bun run db:current [--env FILE]

Prints the tag of the last migration that is applied, or "empty".`,
  async run({ settings }) {
    const migrations = await readMigrations();
    console.log(await withDatabase(settings, (database) => currentTag(database, migrations)));
    return 0;
  },
};

/** The last migration that is applied, or `empty`. Throws when files and ledger do not belong together. */
export async function currentTag(database: Database, migrations: readonly Migration[]): Promise<string> {
  return (await appliedMigrations(database, migrations)).at(-1)?.tag ?? 'empty';
}

/** Oldest first. Throws when files and ledger do not belong together. */
export async function appliedMigrations(
  database: Database,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  await requireLedger(database.db, migrations);
  const pending = pendingMigrations(migrations, await readLedger(database.db));
  return migrations.slice(0, migrations.length - pending.length);
}

async function historyOf(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  const applied = await appliedMigrations(database, migrations);
  const times = applied.length === 0 ? new Map<string, Date>() : await readAppliedTimes(database.db);
  const width = Math.max(...migrations.map(({ tag }) => tag.length));
  return migrations.map(({ tag, when, hash }, index) => {
    const time = times.get(hash);
    const state = index >= applied.length ? 'pending' : time ? `applied ${minute(time)}` : 'applied';
    return `${tag.padEnd(width)}  written ${minute(new Date(when))}  ${state}`;
  });
}

/** `2026-01-31 23:59Z` */
function minute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}
