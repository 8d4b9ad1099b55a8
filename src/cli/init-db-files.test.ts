import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withDatabaseName } from '../db/postgres/database-url.ts';
import { onServer, testDatabaseName, testServerUrl } from '../testing/databases.ts';
import { withEmptyDatabase } from '../testing/embedded-folder.ts';
import { copyProject, installed } from '../testing/project-copy.ts';
import { runCommand } from '../testing/run-command.ts';
import { copyFile } from './migrations/migrations-copy.ts';
import { migrationsFolder, readFolder } from './migrations/read-migrations.ts';

// init-db mends its own migrations, so it gets a copy of the project.
const project = await copyProject();
afterAll(() => rm(project, { recursive: true, force: true }));

const migrations = join(project, 'migrations');
const path = (...names: string[]) => join(migrations, ...names);
const journal = path('meta', '_journal.json');
const ownCopy = join(project, 'src', 'cli', 'migrations', 'migrations-copy.json');

beforeEach(async () => {
  await rm(migrations, { recursive: true, force: true });
  await cp(migrationsFolder, migrations, { recursive: true });
  await cp(copyFile, ownCopy);
});

const places = testServerUrl === undefined ? (['embedded'] as const) : (['embedded', 'postgres'] as const);

describe.each(places)('init-db with damaged files, on %s', (kind) => {
  const embedded = kind === 'embedded';
  let name = '';
  let env: Record<string, string> = {};
  beforeEach(() => {
    name = testDatabaseName();
    env = embedded
      ? { DATA_DIR: join(project, name) }
      : { DATABASE_URL: withDatabaseName(testServerUrl ?? '', name) };
  });

  const run = (...command: string[]) => runCommand(command, { cwd: project, env: { ...env, ...installed } });
  const initDb = (...args: string[]) => run('src/cli/init-db.ts', ...args);

  async function isMade(): Promise<boolean> {
    if (embedded) return (await readdir(project)).includes(name);
    const rows = await onServer((client) => client`select from pg_database where datname = ${name}`);
    return rows.length > 0;
  }

  const editJournal = async (change: (entries: { when: number }[]) => unknown) => {
    const value = JSON.parse(await readFile(journal, 'utf8'));
    change(value.entries);
    await writeFile(journal, JSON.stringify(value));
  };

  const damages: [string, () => Promise<unknown>][] = [
    ['an empty journal', () => editJournal((entries) => entries.splice(0))],
    ['a journal that is swapped', () => editJournal((entries) => entries.reverse())],
    ['an empty migration', () => writeFile(path('0001_comments.sql'), '')],
    ['no folder', () => rm(migrations, { recursive: true })],
  ];
  // Making PGlite's files takes seconds.
  test.each(embedded && testServerUrl !== undefined ? damages.slice(-1) : damages)(
    '%s is told by --no-fix beside the missing database, and mended',
    async (_, damage) => {
      await damage();
      const before = await readFolder(migrations);
      const reported = await initDb('--no-fix');
      expect(reported.code).toBe(1);
      expect(reported.err).toMatch(
        /`bun run init-db` restores it\n[\s\S]*There is no database [\s\S]*\nNothing was changed\.$/,
      );
      expect(await readFolder(migrations)).toEqual(before);
      expect(await isMade()).toBe(false);

      const mended = await initDb();
      expect(mended).toMatchObject({ code: 0, err: '' });
      expect(mended.out).toMatch(
        /^Restored {4}migrations\/[\s\S]*applied 0000_init, 0001_comments, [\w, ]+$/,
      );
      expect(await readFolder(migrations)).toEqual(await readFolder());
      expect(await initDb('--no-fix')).toEqual({ code: 0, out: 'Everything agrees.', err: '' });
    },
    180_000,
  );

  test('what cannot be mended stops it before the database is made', async () => {
    await writeFile(path('0000_init.sql'), `-- mine\n${await readFile(path('0000_init.sql'), 'utf8')}`);
    await writeFile(path('0007_stray.sql'), 'select 1');
    const { code, err } = await initDb();
    expect(code).toBe(1);
    expect(err).toMatch(
      /0007_stray\.sql is in no entry [\s\S]*0000_init\.sql is not what [\s\S]*\nThe database was left as it is\.$/,
    );
    expect(await isMade()).toBe(false);
  }, 180_000);

  test('where there is no migration and no copy of one, the first is written from the schema', async () => {
    await rm(migrations, { recursive: true });
    await rm(ownCopy);
    if (embedded) await withEmptyDatabase(join(project, name));
    const made = await initDb();
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toMatch(/Wrote {2}migrations\/0000_init\.sql[\s\S]*applied 0000_init$/);
    expect(await initDb('--no-fix')).toEqual({ code: 0, out: 'Everything agrees.', err: '' });
    expect(await run('src/cli/db.ts', 'rollback', '--yes')).toMatchObject({ code: 0 });
  }, 180_000);

  // Before any database is asked for.
  if (kind !== places.at(-1)) return;

  test('a migration that nobody has written yet is refused by all that migrate', async () => {
    expect((await run('src/cli/db.ts', 'generate', '--custom', '--name', 'by_hand')).code).toBe(0);
    const written = (await readdir(migrations)).find((file) => file.endsWith('_by_hand.sql'));
    const initialized = await initDb();
    expect(initialized.code).toBe(1);
    expect(initialized.err).toContain(`${written} holds no statement: write it`);
    expect(await isMade()).toBe(false);
    const migrated = await run('src/cli/db.ts', 'migrate');
    expect(migrated.code).toBe(1);
    expect(migrated.err).toBe(
      `The database was left as it is: migrations/${written} holds no statement: write it.`,
    );
  }, 180_000);
});
