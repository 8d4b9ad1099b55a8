// Reads migrations/ as drizzle-kit writes it, and beside each migration its way back.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Migration, MigrationError } from '../db/migrate.ts';

const journal = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })) });

export const migrationsFolder = join(import.meta.dir, '..', '..', 'migrations');

/** Where the way back of a migration is written. */
export function wayBackPath(tag: string, folder = migrationsFolder): string {
  return join(folder, `${tag}.down.sql`);
}

/** The migrations in `folder`, oldest first. Throws a MigrationError when a file is missing or damaged. */
export async function readMigrations(folder = migrationsFolder): Promise<Migration[]> {
  const { entries } = await readJournal(join(folder, 'meta', '_journal.json'));
  return Promise.all(
    entries.map(async ({ tag, when }) => {
      const sql = await readFile(join(folder, `${tag}.sql`), 'utf8').catch(() => {
        throw new MigrationError(
          `the file migrations/${tag}.sql, which the journal names, cannot be read: restore it`,
        );
      });
      const down = await readFile(wayBackPath(tag, folder), 'utf8').catch(() => undefined);
      return { tag, when, sql, hash: createHash('sha256').update(sql).digest('hex'), down };
    }),
  );
}

async function readJournal(path: string) {
  try {
    return journal.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    throw new MigrationError('migrations/meta/_journal.json is missing or damaged: restore it');
  }
}
