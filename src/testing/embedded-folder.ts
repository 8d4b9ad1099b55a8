// Data folders that hold an empty embedded database already: making one takes PGlite seconds, copying it does not.
import { rmSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPglite } from '../db/open-pglite.ts';

let template: Promise<string> | undefined;

async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-template-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const database = await openPglite(folder);
  await database.close();
  return folder;
}

/** Puts a database without any tables into `dataDir`, and returns it. */
export async function withEmptyDatabase(dataDir: string): Promise<string> {
  template ??= makeTemplate();
  await cp(await template, join(dataDir, 'pglite'), { recursive: true });
  return dataDir;
}
