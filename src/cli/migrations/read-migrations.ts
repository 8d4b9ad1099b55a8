// Reads migrations/ as drizzle-kit writes it, and beside each migration its way back.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Migration } from '../../db/migrations/migration.ts';
import { type MigrationFiles, migrationsOf } from './migration-files.ts';

export const migrationsFolder = join(import.meta.dir, '..', '..', '..', 'migrations');

/** Where the way back of a migration is written. */
export function wayBackPath(tag: string, folder = migrationsFolder): string {
  return join(folder, `${tag}.down.sql`);
}

/** Every SQL and JSON file of `folder`; none where it is missing. */
export async function readFolder(folder = migrationsFolder): Promise<MigrationFiles> {
  const names = await readdir(folder, { recursive: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const own = names.filter((name) => /\.(sql|json)$/.test(name)).sort();
  const texts = await Promise.all(own.map((name) => readFile(join(folder, name), 'utf8')));
  return Object.fromEntries(own.map((name, index) => [name.replaceAll('\\', '/'), texts[index] ?? '']));
}

/** The migrations in `folder`, oldest first. Throws a MigrationError when the files cannot be relied on. */
export async function readMigrations(folder = migrationsFolder): Promise<Migration[]> {
  return migrationsOf(await readFolder(folder));
}
