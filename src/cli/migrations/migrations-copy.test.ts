import { afterEach, expect, test } from 'bun:test';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileFaults } from './check-files.ts';
import { readCopy, writeWhole } from './migrations-copy.ts';
import { readFolder, readMigrations } from './read-migrations.ts';
import { restoreFiles } from './restore-migrations.ts';

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
  expect((await restoreFiles(copy, folder)).sort()).toEqual(Object.keys(copy).sort());
  expect(await readFolder(folder)).toEqual(copy);
  expect(await fileFaults(folder)).toEqual([]);
  expect(await restoreFiles(copy, folder)).toEqual([]);
});

type Edit = (text: string) => string | undefined;
const journal = 'meta/_journal.json';
const edited = (change: (value: { [key: string]: unknown; entries: unknown[] }) => void): Edit => {
  return (text) => {
    const value = JSON.parse(text);
    change(value);
    return JSON.stringify(value);
  };
};

const damages: [string, string, Edit][] = [
  ['a missing journal', journal, () => undefined],
  ['a damaged journal', journal, () => '{"entries": ['],
  ['a journal without entries', journal, edited((it) => it.entries.splice(0))],
  ['a journal of another shape', journal, () => '{}'],
  ['a journal that lost its last entry', journal, edited((it) => it.entries.pop())],
  ['a journal that is swapped', journal, edited((it) => it.entries.reverse())],
  ['a journal with times out of order', journal, (text) => text.replace(/"when": /, '"when": 9')],
  ['a journal with another time', journal, (text) => text.replace(/"when": 1/, '"when": ')],
  ['a missing snapshot', 'meta/0000_snapshot.json', () => undefined],
  ['a damaged snapshot', 'meta/0000_snapshot.json', () => 'x'],
  ['a snapshot of another shape', 'meta/0001_snapshot.json', () => '{}'],
  [
    'a snapshot of another history',
    'meta/0001_snapshot.json',
    (text) => text.replace(/"prevId": "./, '"prevId": "x'),
  ],
  [
    'a snapshot that lost a table',
    'meta/0001_snapshot.json',
    (text) => text.replaceAll('chat_turns"', 'chat_turn"'),
  ],
  ['a missing migration', '0000_init.sql', () => undefined],
  ['an empty migration', '0001_comments.sql', () => ''],
  ['a migration of nothing but comments', '0001_comments.sql', () => '-- nothing\n/* at all */'],
  ['a missing way back', '0001_comments.down.sql', () => undefined],
];

test.each(damages)('%s is a fault, and is restored', async (_, name, damage) => {
  const folder = await wholeFolder();
  const path = join(folder, name);
  const text = damage(await readFile(path, 'utf8'));
  if (text === undefined) await rm(path);
  else await writeFile(path, text);
  const faults = await fileFaults(folder);
  expect(faults.length).toBeGreaterThan(0);
  for (const fault of faults) expect(fault).toEndWith(': `bun run init-db` restores it');
  expect(await restoreFiles(await readCopy(), folder)).toContain(name);
  expect(await readFolder(folder)).toEqual(await readCopy());
});

test('a migration that somebody edited is left to them, and told with the line', async () => {
  const folder = await wholeFolder();
  const path = join(folder, '0000_init.sql');
  const lines = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, lines.with(4, '-- other').join('\n'));
  expect(await restoreFiles(await readCopy(), folder)).toEqual([]);
  expect(await fileFaults(folder)).toEqual([
    "migrations/0000_init.sql is not what the program's own copy of it is, from line 5 on: put it back, or run `bun run db:generate --copy` if it was changed on purpose",
  ]);
});

test('a migration that was removed on purpose does not come back', async () => {
  const folder = await wholeFolder();
  const { tag = '' } = (await readMigrations()).at(-1) ?? {};
  for (const name of [`${tag}.sql`, `${tag}.down.sql`, `meta/${tag.slice(0, 4)}_snapshot.json`])
    await rm(join(folder, name));
  await rm(join(folder, `${tag}.ahead.sql`), { force: true });
  const path = join(folder, journal);
  await writeFile(path, edited((it) => it.entries.pop())(await readFile(path, 'utf8')) ?? '');
  expect(await fileFaults(folder)).toEqual([]);
  expect(await restoreFiles(await readCopy(), folder)).toEqual([]);
});

test('a journal with a migration that the copy does not know is not given up', async () => {
  const folder = await wholeFolder();
  const path = join(folder, journal);
  let place = 0;
  const more = edited((it) => {
    place = it.entries.push({ idx: 7, tag: '0009_own', when: 9e15 }) - 1;
  });
  const text = more(await readFile(path, 'utf8')) ?? '';
  await writeFile(path, text);
  expect(await restoreFiles(await readCopy(), folder)).toEqual([]);
  expect(await readFile(path, 'utf8')).toBe(text);
  expect(await fileFaults(folder)).toContainEqual(
    expect.stringMatching(new RegExp(`0009_own in place ${place}.*: put the journal right$`)),
  );
});

test('a copy that is missing or damaged restores nothing, and is no fault', async () => {
  const folder = await wholeFolder();
  const path = join(folder, 'copy.txt');
  expect(await readCopy(path)).toEqual({});
  await writeFile(path, '{"0000_init.sql": 1}');
  expect(await readCopy(path)).toEqual({});
});

test('a file that cannot be put in its place leaves no half of itself', async () => {
  const folder = await wholeFolder();
  await rm(join(folder, journal));
  await mkdir(join(folder, journal, 'something'), { recursive: true });
  await expect(writeWhole(join(folder, journal), 'text')).rejects.toThrow();
  expect((await readdir(join(folder, 'meta'))).filter((name) => name.includes('.part'))).toEqual([]);
});
