import { afterAll, beforeEach, expect, test } from 'bun:test';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { migrate } from '../../db/migrations/migrate.ts';
import { rollback, unwritten } from '../../db/migrations/rollback.ts';
import { openPglite } from '../../db/open-pglite.ts';
import { databaseFaults } from './check-database.ts';
import { faultsOf, fileFaults } from './check-files.ts';
import { migrationsFolder, readFolder, readMigrations } from './read-migrations.ts';
import { restoreFiles } from './restore-migrations.ts';
import { schemaAgrees } from './schema-agrees.ts';
import { readSnapshot } from './snapshots.ts';

const root = await mkdtemp(join(tmpdir(), 'agentchat-check-'));
afterAll(() => rm(root, { recursive: true, force: true }));

const folder = join(root, 'migrations');
const path = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await cp(migrationsFolder, folder, { recursive: true });
});

async function edit(file: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toMatch(from);
  await writeFile(file, text.replace(from, to));
}

test('the project’s own migrations have no fault, and its schema no change without a migration', async () => {
  expect(await fileFaults()).toEqual([]);
  const tag = (await readMigrations()).at(-1)?.tag ?? '';
  expect(await schemaAgrees(await readSnapshot(tag))).toBe(true);
  expect(await schemaAgrees(undefined)).toBe(false);
});

test('a change of the schema without a migration is seen', async () => {
  const last = await readSnapshot((await readMigrations()).at(-1)?.tag ?? '');
  delete last?.tables['public.chat_turns'];
  expect(await schemaAgrees(last)).toBe(false);
});

const faults: [string, () => Promise<unknown>, RegExp[]][] = [
  [
    'no journal',
    () => rm(path('meta', '_journal.json')),
    [/_journal\.json is missing: `bun run init-db` restores it/],
  ],
  ['a damaged journal', () => writeFile(path('meta', '_journal.json'), '{'), [/_journal\.json is damaged/]],
  [
    'an empty journal',
    () => writeFile(path('meta', '_journal.json'), '{"entries":[]}'),
    [/names no migration/],
  ],
  [
    'no folder',
    () => rm(folder, { recursive: true }),
    [/^migrations\/ is missing: `bun run init-db` restores/],
  ],
  [
    'a journal in the wrong order',
    () => edit(path('meta', '_journal.json'), /"when": (\d+)/, '"when": 9$1'),
    [/0001_comments was written before 0000_init/],
  ],
  ['a missing file', () => rm(path('0001_comments.sql')), [/^migrations\/0001_comments\.sql is missing/]],
  ['a missing way back', () => rm(path('0001_comments.down.sql')), [/0001_comments\.down\.sql is missing/]],
  [
    'an unfinished way back',
    () => appendFile(path('0000_init.down.sql'), `--> statement-breakpoint\n${unwritten} x\n`),
    [/0000_init\.down\.sql is not finished: 1 /],
  ],
  ['a file nobody names', () => writeFile(path('0007_stray.sql'), 'select 1'), [/0007_stray\.sql is in no/]],
  ['an empty file', () => writeFile(path('0001_comments.sql'), '-- nothing'), [/holds no statement/]],
  [
    'a missing breakpoint',
    () => appendFile(path('0001_comments.sql'), ';select 1; select 2'),
    [/0001_comments\.sql has two statements without/],
  ],
  [
    'work ahead of a migration that nobody names',
    () => writeFile(path('0007_stray.ahead.sql'), 'select 1'),
    [/0007_stray\.ahead\.sql is in no/],
  ],
  [
    'work ahead without a statement',
    () => writeFile(path('0001_comments.ahead.sql'), '-- nothing'),
    [/0001_comments\.ahead\.sql holds no statement: write it, or remove it/],
  ],
  [
    'work ahead with a missing breakpoint',
    () => writeFile(path('0001_comments.ahead.sql'), 'select 1; select 2'),
    [/0001_comments\.ahead\.sql has two statements without/],
  ],
  [
    'work ahead that can be done once only',
    () =>
      writeFile(
        path('0001_comments.ahead.sql'),
        [
          'create unique index concurrently new_key on chat_turns (id)',
          'create index concurrently if not exists other_key on chat_turns (id)',
          'alter table chat_turns add column more integer',
          'alter table chat_turns add column if not exists most integer',
          'do $$ begin create index again on chat_turns (id); end $$',
        ].join(';\n--> statement-breakpoint\n'),
      ),
    [
      /ahead\.sql has what cannot be repeated: say IF NOT EXISTS in create unique index concurrently new_key/,
      /ahead\.sql has what cannot be repeated: say IF NOT EXISTS in alter table chat_turns add column more/,
    ],
  ],
  [
    'a missing snapshot',
    () => rm(path('meta', '0000_snapshot.json')),
    [/0000_snapshot\.json is missing: `bun run init-db`/],
  ],
  [
    'a damaged snapshot',
    () => writeFile(path('meta', '0001_snapshot.json'), '{}'),
    [/0001_snapshot\.json is damaged: `bun run init-db`/],
  ],
  [
    'snapshots of two histories',
    () => edit(path('meta', '0001_snapshot.json'), /"prevId": "./, '"prevId": "x'),
    [/0001_snapshot\.json does not follow/],
  ],
];

test.each([
  ['no journal', () => rm(path('meta', '_journal.json')), 'is missing or damaged'],
  ['a journal without entries', () => writeFile(path('meta', '_journal.json'), '{"entries":[]}'), 'names no'],
  [
    'a journal in the wrong order',
    () => edit(path('meta', '_journal.json'), /"when": (\d+)/, '"when": 9$1'),
    '0001_comments was written before 0000_init',
  ],
  [
    'a missing file',
    () => rm(path('0001_comments.sql')),
    '0001_comments.sql, which the journal names, is missing',
  ],
])('what a start cannot rely on is not read: %s', async (_, damage, sentence) => {
  await damage();
  await expect(readMigrations(folder)).rejects.toThrow(sentence);
  await expect(readMigrations(folder)).rejects.toThrow('`bun run init-db` restores it, or says what to do');
});

test('files that nothing here can restore are to be had elsewhere', async () => {
  await rm(path('0001_comments.sql'));
  await rm(path('0001_comments.down.sql'));
  expect(faultsOf(await readFolder(folder), {}).map(({ sentence }) => sentence)).toEqual([
    'migrations/0001_comments.sql is missing: take it from version control, or from a fresh copy of this version',
    'migrations/0001_comments.down.sql is missing: `bun run db:generate --back 0001_comments` drafts it',
  ]);
});

test.each(faults)('a fault of the files: %s', async (_, damage, expected) => {
  await damage();
  const found = await fileFaults(folder);
  expect(found).toHaveLength(expected.length);
  expected.forEach((pattern, index) => {
    expect(found[index]).toMatch(pattern);
  });
});

test('work ahead is a part of its migration, and the hash is not of it', async () => {
  const [before] = await readMigrations(folder);
  expect(before).toMatchObject({ tag: '0000_init', ahead: undefined });
  await writeFile(path('0000_init.ahead.sql'), 'select 1');
  expect(await fileFaults(folder)).toEqual([]);
  const [after] = await readMigrations(folder);
  expect(after).toMatchObject({ ...before, ahead: 'select 1' });
});

test('work ahead that is missing is restored, and one that was edited is left to whoever did it', async () => {
  const name = '0001_comments.ahead.sql';
  const copy = { ...(await readFolder(folder)), [name]: 'select 1' };
  const faultsNow = async () => faultsOf(await readFolder(folder), copy).map(({ sentence }) => sentence);
  expect(await faultsNow()).toEqual([`migrations/${name} is missing: \`bun run init-db\` restores it`]);
  expect(await restoreFiles(copy, folder)).toEqual([name]);
  expect(await faultsNow()).toEqual([]);
  await writeFile(path(name), 'select 2');
  expect(await restoreFiles(copy, folder)).toEqual([]);
  expect(await faultsNow()).toEqual([
    expect.stringMatching(
      /^migrations\/0001_comments\.ahead\.sql is not what the program's own copy of it is/,
    ),
  ]);
});

test('the faults of a database, and nothing is changed by looking', async () => {
  const migrations = await readMigrations();
  const database = await openPglite();
  try {
    const look = () => databaseFaults(database, migrations);
    expect(await look()).toEqual(
      migrations.map(({ tag }) => `${tag} is not applied: \`bun run db:migrate\``),
    );
    await migrate(database, migrations);
    expect(await look()).toEqual([]);
    await database.db.execute(sql`alter table chat_turns rename column lease_until to lease_end`);
    await database.db.execute(sql`drop table chat_turn_events`);
    await database.db.execute(sql`alter table chat_turns alter column seq type bigint`);
    await database.db.execute(sql`alter table chat_turns alter column status drop not null`);
    await database.db.execute(sql`drop index chat_turns_one_running`);
    await database.db.execute(sql`create index somebodys_own on chat_turns (created_at)`);
    expect(await look()).toEqual([
      expect.stringContaining('no table chat_turn_events'),
      expect.stringContaining('chat_turns.status may be null'),
      expect.stringContaining('chat_turns.seq is bigint, and integer as'),
      expect.stringContaining('no column chat_turns.lease_until'),
      expect.stringContaining('a column chat_turns.lease_end, which no migration made'),
      expect.stringContaining('no chat_turns_one_running on chat_turns'),
    ]);
    await database.db.execute(
      sql`update drizzle.__drizzle_migrations set hash = 'x' where hash = ${migrations[0]?.hash}`,
    );
    expect(await look()).toEqual([expect.stringMatching(/0000_init\.sql is not what was applied/)]);
    expect(await databaseFaults(database, migrations.slice(0, -1))).toEqual([
      expect.stringMatching(/0000_init\.sql is not what was applied/),
      expect.stringMatching(/that is in no file/),
    ]);
    await expect(rollback(database, migrations, undefined)).rejects.toThrow(/edited/);
  } finally {
    await database.close();
  }
}, 180_000);
