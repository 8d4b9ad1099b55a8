// A copy of migrations/ inside the program: what a damaged folder is mended from. `db:generate` renews it.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { migrationsFolder } from './read-migrations.ts';

const copyFile = join(import.meta.dir, 'migrations-copy.json');

/** Path below migrations/ to the text of the file. */
const files = z.record(z.string(), z.string());
export type MigrationFiles = z.infer<typeof files>;

export async function readCopy(): Promise<MigrationFiles> {
  return files.parse(JSON.parse(await readFile(copyFile, 'utf8')));
}

/** The files of `folder`, as the copy would hold them. */
export async function readFolder(folder = migrationsFolder): Promise<MigrationFiles> {
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => /\.(sql|json)$/.test(name))
    .sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name.replaceAll('\\', '/'), texts[index] ?? '']));
}

/** Makes the copy what migrations/ is now. */
export async function renewCopy(folder = migrationsFolder, to = copyFile): Promise<void> {
  await writeFile(to, `${JSON.stringify(await readFolder(folder), null, 2)}\n`);
}

/**
 * Puts the copy's files where `folder` lacks them, or has JSON that cannot be read; returns which. A file that
 * merely differs is somebody's work and stays.
 */
export async function restoreFiles(copy: MigrationFiles, folder = migrationsFolder): Promise<string[]> {
  const restored: string[] = [];
  for (const [name, text] of Object.entries(copy)) {
    const path = join(folder, name);
    const found = await readFile(path, 'utf8').catch(() => undefined);
    if (found !== undefined && (!name.endsWith('.json') || isJson(found))) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    restored.push(name);
  }
  return restored;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
