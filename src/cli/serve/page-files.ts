/**
 * The built chat page. It is kept in `build/<hash of its sources>/`, which git ignores, and made where it is missing
 * or the sources have changed. Processes that do so at once do not meet: each writes a folder of its own and then
 * gives it the name.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repoRoot } from '../install.ts';
import { buildPage, hashOfSources, type PageFiles } from './page-build.ts';

export const buildFolder = join(repoRoot, 'build');

let page: Promise<PageFiles> | undefined;

/** The page's files, in memory: read once a process, so that a later build takes nothing from a running server. */
export function pageFiles(): Promise<PageFiles> {
  page ??= keptOrBuilt().then(({ files }) => files);
  return page;
}

/** `built`: it was not there. Where `build/` cannot be written the page is made anew at each start. */
export async function keptOrBuilt(): Promise<{ files: PageFiles; built: boolean; folder: string }> {
  const folder = join(buildFolder, await hashOfSources());
  const kept = await read(folder);
  if (kept) return { files: kept, built: false, folder };
  const files = await buildPage();
  await write(folder, files).catch(() => {});
  return { files, built: true, folder };
}

async function read(folder: string): Promise<PageFiles | undefined> {
  try {
    const names = await readdir(folder);
    const files: PageFiles = new Map();
    for (const name of names.filter((one) => !one.endsWith('.gz'))) {
      const body = new Uint8Array(await readFile(join(folder, name)));
      const gzip = names.includes(`${name}.gz`) && new Uint8Array(await readFile(join(folder, `${name}.gz`)));
      files.set(name, gzip ? { body, gzip } : { body });
    }
    return files.has('index.html') ? files : undefined;
  } catch {
    return undefined;
  }
}

async function write(folder: string, files: PageFiles): Promise<void> {
  const temporary = join(buildFolder, `.new-${crypto.randomUUID()}`);
  await mkdir(temporary, { recursive: true });
  try {
    for (const [name, { body, gzip }] of files) {
      await writeFile(join(temporary, name), body);
      if (gzip) await writeFile(join(temporary, `${name}.gz`), gzip);
    }
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  const others = (await readdir(buildFolder)).filter((name) => !name.startsWith('.'));
  for (const name of others) {
    if (join(buildFolder, name) !== folder)
      await rm(join(buildFolder, name), { recursive: true, force: true });
  }
}
