// A copy of migrations/ inside the program: what a damaged folder is mended from. `db:generate` renews it.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type MigrationFiles, parseJson } from './migration-files.ts';
import { migrationsFolder, readFolder } from './read-migrations.ts';

export const copyFile = join(import.meta.dir, 'migrations-copy.json');

const files = z.record(z.string(), z.string());

/** Empty where the copy is missing or damaged: then nothing is restored, and nothing compared. */
export async function readCopy(from = copyFile): Promise<MigrationFiles> {
  const text = await readFile(from, 'utf8').catch(() => undefined);
  return files.safeParse(parseJson(text)).data ?? {};
}

/** Makes the copy what migrations/ is now. */
export async function renewCopy(folder = migrationsFolder, to = copyFile): Promise<void> {
  await writeWhole(to, `${JSON.stringify(await readFolder(folder), null, 2)}\n`);
}

/** All of the file or nothing, whenever this is killed, and however many do it at once. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(part, text);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}
