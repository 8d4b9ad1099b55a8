/**
 * Data folders that hold an embedded database already: making one takes PGlite seconds, copying it does not. Each kind
 * is made once for all processes of a run, which share TEST_TEMPLATES; without that, once for this process.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMigrations } from '../cli/migrations/read-migrations.ts';
import { migrate } from '../db/migrations/migrate.ts';
import { openPglite } from '../db/open-pglite.ts';

type Kind = 'empty' | 'migrated';
const made: Partial<Record<Kind, Promise<string>>> = {};
let own: string | undefined;

/** Puts a database without any tables into `dataDir`, and returns it. */
export const withEmptyDatabase = (dataDir: string): Promise<string> => withCopy('empty', dataDir);

/** Puts a database with all tables into `dataDir`, and returns it. */
export const withMigratedDatabase = (dataDir: string): Promise<string> => withCopy('migrated', dataDir);

async function withCopy(kind: Kind, dataDir: string): Promise<string> {
  made[kind] ??= template(kind);
  await cp(await made[kind], join(dataDir, 'pglite'), { recursive: true });
  return dataDir;
}

async function template(kind: Kind): Promise<string> {
  const folder = join(process.env.TEST_TEMPLATES ?? ownFolder(), kind);
  if (existsSync(folder)) return folder;
  const making = await mkdtemp(join(tmpdir(), 'agentchat-template-'));
  const inMaking = join(making, 'pglite');
  if (kind === 'migrated') await withEmptyDatabase(making);
  const database = await openPglite(inMaking);
  if (kind === 'migrated') await migrate(database, await readMigrations());
  await database.close();
  // It is there as a whole or not at all; another process may have been first.
  await mkdir(join(folder, '..'), { recursive: true });
  await rename(inMaking, folder).catch((error) => {
    if (!existsSync(folder)) throw error;
  });
  await rm(making, { recursive: true, force: true });
  return folder;
}

function ownFolder(): string {
  if (own === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'agentchat-templates-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    own = folder;
  }
  return own;
}
