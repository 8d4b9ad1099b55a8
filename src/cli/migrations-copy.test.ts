import { afterEach, expect, test } from 'bun:test';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileFaults } from './db-check-files.ts';
import { readCopy, readFolder, restoreFiles } from './migrations-copy.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function wholeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agentchat-migrations-'));
  folders.push(folder);
  await restoreFiles(await readCopy(), folder);
  return folder;
}

test('the copy is what migrations/ holds; `bun run db:generate --copy` renews it', async () => {
  expect(await readCopy()).toEqual(await readFolder());
});

test('a missing folder is restored whole', async () => {
  const folder = join(await wholeFolder(), 'again');
  const copy = await readCopy();
  expect(await restoreFiles(copy, folder)).toEqual(Object.keys(copy));
  expect(await fileFaults(folder)).toEqual([]);
  expect(await restoreFiles(copy, folder)).toEqual([]);
});

for (const [what, name, damage] of [
  ['a missing journal', 'meta/_journal.json', undefined],
  ['a damaged journal', 'meta/_journal.json', '{"entries": ['],
  ['a missing snapshot', 'meta/0000_snapshot.json', undefined],
  ['a damaged snapshot', 'meta/0000_snapshot.json', 'x'],
  ['a missing migration', '0000_init.sql', undefined],
  ['a missing way back', '0001_comments.down.sql', undefined],
] as const) {
  test(`${what} is a fault, and is restored`, async () => {
    const folder = await wholeFolder();
    if (damage === undefined) await rm(join(folder, name));
    else await writeFile(join(folder, name), damage);
    expect(await fileFaults(folder)).not.toEqual([]);
    expect(await restoreFiles(await readCopy(), folder)).toEqual([name]);
    expect(await fileFaults(folder)).toEqual([]);
  });
}

test('a migration that somebody edited is left to them', async () => {
  const folder = await wholeFolder();
  const path = join(folder, '0000_init.sql');
  await writeFile(path, 'select 1;');
  expect(await restoreFiles(await readCopy(), folder)).toEqual([]);
  expect(await readFile(path, 'utf8')).toBe('select 1;');
});
