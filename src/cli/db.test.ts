import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import type { Database } from '../db/database.ts';
import { localOwner } from '../db/owner.ts';
import { withDatabaseName } from '../db/postgres/database-url.ts';
import { chatMessages, chatSessions } from '../db/schema.ts';
import { testServerUrl } from '../testing/databases.ts';
import { describeSchema } from '../testing/describe-schema.ts';
import { runCommand } from '../testing/run-command.ts';
import { openExisting } from './database/open-database.ts';
import { readMigrations } from './migrations/read-migrations.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentchat-db-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const tags = (await readMigrations()).map(({ tag }) => tag);
const newest = tags.at(-1) ?? '';
const entry = join(import.meta.dir, 'db.ts');

const db = (args: string[], env: Record<string, string> = {}) =>
  runCommand([entry, ...args], { cwd: folder, env });

describe('wrong use is exit code 2, and says what is right', () => {
  test.each([
    [[], 'Usage: bun run db:COMMAND'],
    [['nonsense'], 'There is no command nonsense.'],
    [['constructor'], 'There is no command constructor.'],
    [['current', '--nonsense'], 'Usage: bun run db:current'],
    [['current', 'now'], 'now is too much.'],
    [['migrate', '--to', '77'], 'There is no migration 77;'],
    [['migrate', '--to'], 'Usage: bun run db:migrate'],
    [['rollback', '-0'], '-0 takes nothing back.'],
    [['rollback', '-1', '-2'], 'Usage: bun run db:rollback'],
    [['rollback', 'nowhere'], 'There is no migration nowhere;'],
    [['generate'], '--name is missing.'],
    [['generate', '--name', '../x'], 'may have only small letters'],
    [['generate', '--back', '0', '--name', 'x'], '--back goes alone.'],
    [['generate', '--copy', '--name', 'x'], '--copy goes alone.'],
    [['current', '--env', ''], '--env names no file.'],
  ])('%j', async (args, sentence) => {
    const { code, err } = await db(args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});

test.each(['generate', 'migrate', 'rollback', 'history', 'current', 'check'])(
  '%s --help says how it is used',
  async (command) => {
    const { code, out } = await db([command, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: bun run db:${command}[\\s\\S]*--env FILE`));
    expect(out).not.toContain('\n\n\n');
    expect(await db([command, '-h'])).toEqual({ code: 0, out, err: '' });
  },
);

test('a named file that is missing is an error', async () => {
  expect(await db(['current', '--env', 'missing.env'])).toEqual({
    code: 1,
    out: '',
    err: 'The file missing.env, given with --env, cannot be read.',
  });
});

test('a database that is missing is one line, and nothing is made', async () => {
  const env = { DATA_DIR: join(folder, 'nothing') };
  for (const command of ['history', 'current', 'rollback']) {
    const { code, err } = await db([command], env);
    expect({ code, err }).toEqual({
      code: 1,
      err: `There is no database in ${env.DATA_DIR}: \`bun run init-db\` makes it.`,
    });
  }
  expect(await Bun.file(join(env.DATA_DIR, 'agentchat.lock')).exists()).toBe(false);
}, 180_000);

test('a value of the settings that is wrong is one line', async () => {
  const { code, err } = await db(['current'], { DATABASE_URL: 'mysql://me:hunter2@x/y' });
  expect(code).toBe(1);
  expect(err).not.toContain('hunter2');
  expect(err.split('\n')).toHaveLength(1);
});

test('the files alone can be checked without a database', async () => {
  expect(await db(['check', '--files'], { DATA_DIR: join(folder, 'nothing') })).toMatchObject({ code: 0 });
});

const places: [string, Record<string, string>][] = [['embedded', { DATA_DIR: join(folder, 'data') }]];
if (testServerUrl !== undefined) {
  const name = `Agent-Chat "库" ${randomUUID()}`;
  places.push(['postgres', { DATABASE_URL: withDatabaseName(testServerUrl, name) }]);
}

// Commands on the embedded database take seconds each: what asks of it nothing of its own is tried on one place.
const quickest = places.at(-1)?.[0];

describe.each(places)('the daily life on %s', (place, env) => {
  const run = (...args: string[]) => db(args, env);

  async function inside<T>(use: (database: Database) => Promise<T>): Promise<T> {
    const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir = '' } = env;
    const settings = { databaseUrl, dataDir, poolMax: 2, prepare: true };
    const database = await openExisting(settings);
    if (!database) throw new Error('there is no database');
    try {
      return await use(database);
    } finally {
      await database.close();
    }
  }

  beforeAll(async () => {
    // The first run makes the database, which takes PGlite some seconds.
    expect(await run('migrate', '--to', '0')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/made now[\s\S]*applied 0000_init$/),
    });
  }, 180_000);

  beforeEach(async () => {
    expect(await run('rollback', 'base', '--yes')).toMatchObject({ code: 0 });
  }, 180_000);

  test('up, down and up again', async () => {
    expect((await run('migrate')).out).toContain(`applied ${tags.join(', ')}`);
    expect(await run('check')).toMatchObject({
      code: 0,
      out: `Everything agrees: ${tags.length} migrations.`,
    });
    const up = await inside(describeSchema);
    expect((await run('rollback', 'base')).out).toMatch(/Stands at {3}empty$/);
    expect((await run('current')).out).toBe('empty');
    expect((await run('migrate')).out).toContain(`applied ${tags.join(', ')}`);
    expect(await inside(describeSchema)).toEqual(up);
  }, 180_000);

  test('data is not dropped without a terminal to ask on, or --yes', async () => {
    await run('migrate');
    const id = newId();
    await inside(async (database) => {
      await database.db.insert(chatSessions).values({ ownerId: localOwner, id, name: 'one' });
      const message = { sessionId: id, role: 'user' as const, source: 'user', content: 'hi' };
      await database.db
        .insert(chatMessages)
        .values([1, 2, 3].map((seq) => ({ ...message, seq, id: newId() })));
    });
    const before = await inside(describeSchema);
    const refused = await run('rollback', 'base');
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(
      /loses\n {2}chat_messages: 3 rows\n {2}chat_sessions: 1 row\nNothing comes back: .* kept here\.$/,
    );
    expect(refused.err).toMatch(/^Nothing was changed: there is no terminal.*--yes\.$/);
    expect(await inside(describeSchema)).toEqual(before);
    expect(await inside(({ db }) => db.$count(chatMessages))).toBe(3);

    const done = await run('rollback', 'base', '--yes');
    expect(done).toMatchObject({
      code: 0,
      out: expect.stringContaining('Lost        chat_messages: 3 rows, chat_sessions: 1 row'),
    });
    expect((await run('current')).out).toBe('empty');
  }, 180_000);

  if (place !== quickest) return;

  test('to any migration and back, by every way to say it', async () => {
    await run('migrate', '--to', '0');
    expect(await run('current')).toEqual({ code: 0, out: '0000_init', err: '' });
    const pending = (await run('history')).out.split('\n');
    expect(pending.map((line) => line.split(/\s+/)[0])).toEqual(tags);
    expect(pending[0]).toMatch(/ applied/);
    expect(pending.slice(1).every((line) => line.endsWith(' pending'))).toBe(true);
    expect(await run('check')).toMatchObject({
      code: 1,
      out: tags
        .slice(1)
        .map((tag) => `${tag} is not applied: \`bun run db:migrate\``)
        .join('\n'),
    });

    expect((await run('migrate')).out).toContain(`applied ${tags.slice(1).join(', ')}`);
    expect((await run('migrate')).out).toContain('up to date');
    expect(await run('check')).toMatchObject({
      code: 0,
      out: `Everything agrees: ${tags.length} migrations.`,
    });

    const below = await run('migrate', '--to', '0000');
    expect(below.err.split('\n')).toHaveLength(1);
    expect(below).toMatchObject({ code: 1, err: expect.stringContaining('db:rollback 0000_init') });

    expect((await run('rollback')).out).toContain(`Took back   ${newest}`);
    expect((await run('migrate', '--to', newest)).out).toContain(`applied ${newest}`);
    expect(await run('rollback', '-99')).toMatchObject({
      code: 1,
      err: expect.stringContaining('to take back all of them, say base'),
    });
    expect((await run('rollback', '0')).out).toMatch(/Stands at {3}0000_init$/);
    expect((await run('rollback', '0000_init')).out).toContain('Took back   nothing');
    expect(await run('rollback', newest)).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not applied'),
    });
    expect((await run('rollback', 'base')).out).toMatch(/Stands at {3}empty$/);
    expect((await run('current')).out).toBe('empty');
    expect(await run('rollback')).toMatchObject({
      code: 1,
      err: 'There is nothing to take back: no migration is applied.',
    });
  }, 180_000);

  // `script` gives a command a terminal of its own; elsewhere it is called in other ways.
  test.skipIf(process.platform !== 'linux' || !Bun.which('script'))(
    'on a terminal it asks, and only a yes goes on',
    async () => {
      await run('migrate');
      await inside(({ db }) =>
        db.insert(chatSessions).values({ ownerId: localOwner, id: newId(), name: 'one' }),
      );
      for (const [answer, code, stands] of [
        ['n\n', 1, newest],
        ['\n', 1, newest],
        ['\x04', 1, newest],
        ['y\n', 0, 'empty'],
      ] as const) {
        const command = `'${process.execPath}' --no-env-file '${entry}' rollback base`;
        const child = Bun.spawn(['script', '-qec', command, '/dev/null'], {
          cwd: folder,
          env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
          stdin: 'pipe',
          stdout: 'pipe',
        });
        let said = '';
        for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
          if (!said.includes('Go on?') && (said + piece).includes('Go on? [y/N]')) {
            child.stdin.write(answer);
            child.stdin.flush();
          }
          said += piece;
        }
        expect(said).toContain('chat_sessions: 1 row');
        expect({ answer, code: await child.exited }).toEqual({ answer, code });
        expect((await run('current')).out).toBe(stands);
      }
    },
    120_000,
  );

  test('--env names the database', async () => {
    await mkdir(folder, { recursive: true });
    const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
    await writeFile(join(folder, 'named.env'), lines.join('\n'));
    await run('migrate');
    expect(await db(['current', '--env', 'named.env'])).toEqual({ code: 0, out: newest, err: '' });
  }, 180_000);
});
