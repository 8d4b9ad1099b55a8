// Mends migrations/ from the program's own copy: what is missing or damaged, and nothing that somebody wrote.
import { join } from 'node:path';
import { faultsOf } from './check-files.ts';
import type { MigrationFiles } from './migration-files.ts';
import { writeWhole } from './migrations-copy.ts';
import { migrationsFolder, readFolder } from './read-migrations.ts';

/** `found`, with what is missing or damaged taken from the copy. Changes no file. */
export function mended(found: MigrationFiles, copy: MigrationFiles): MigrationFiles {
  const wrong = faultsOf(found, copy).flatMap(({ restore }) => restore);
  if (wrong.length === 0) return found;
  // Again: only a journal that is whole tells which files there must be.
  return mended({ ...found, ...Object.fromEntries(wrong.map((name) => [name, copy[name] ?? ''])) }, copy);
}

/** Mends `folder` from the copy; returns the files that were written. */
export async function restoreFiles(copy: MigrationFiles, folder = migrationsFolder): Promise<string[]> {
  const found = await readFolder(folder);
  const wanted = mended(found, copy);
  const names = Object.keys(wanted).filter((name) => wanted[name] !== found[name]);
  for (const name of names) await writeWhole(join(folder, name), wanted[name] ?? '');
  return names;
}
