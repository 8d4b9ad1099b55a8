import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { databaseName, withDatabaseName } from '../db/postgres/database-url.ts';
import { createTestDatabase, onServer, testDatabaseName, testServerUrl } from '../testing/databases.ts';
import { withEmptyDatabase } from '../testing/embedded-folder.ts';
import { runCommand } from '../testing/run-command.ts';
import { readMigrations } from './migrations/read-migrations.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentchat-init-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const entry = join(import.meta.dir, 'init-db.ts');
const last = (await readMigrations()).at(-1)?.tag ?? '';
const initDb = (args: string[], env: Record<string, string> = {}, more: { envFiles?: boolean } = {}) =>
  runCommand([entry, ...args], { cwd: folder, env, ...more });

const fastApiTables = `
  create table chat_sessions (id uuid primary key, name varchar(100) not null, created_at timestamp not null default now(),
    updated_at timestamp not null default now(), agent_state json);
  create table chat_messages (id uuid primary key, session_id uuid not null references chat_sessions (id) on delete cascade,
    source varchar(50) not null, content text not null, type varchar(50) not null, created_at timestamp not null default now(),
    models_usage json, metadata json not null);
  insert into chat_sessions (id, name) values ('11111111-1111-4111-8111-111111111111', 'hello');
  insert into chat_messages (id, session_id, source, content, type, metadata)
    values ('22222222-2222-4222-8222-222222222222', '11111111-1111-4111-8111-111111111111', 'user', 'hello', 'TextMessage', '{}')`;

test('an unknown option is wrong use: exit code 2 and how to use it', async () => {
  const { code, err } = await initDb(['--nonsense']);
  expect(code).toBe(2);
  expect(err).toContain('Usage: bun run init-db');
});

test('a file without a name is wrong use, and -h is understood', async () => {
  const { code, err } = await initDb(['--env', '']);
  expect({ code, line: err.split('\n')[0] }).toEqual({ code: 2, line: '--env names no file.' });
  expect(await initDb(['-h'])).toMatchObject({ code: 0, out: expect.stringContaining('--no-fix') });
});

test('--no-fix makes nothing where there is no database', async () => {
  const DATA_DIR = join(folder, 'never');
  expect(await initDb(['--no-fix'], { DATA_DIR })).toEqual({
    code: 1,
    out: '',
    err: `There is no database in ${DATA_DIR}: \`bun run init-db\` makes it.\nNothing was changed.`,
  });
  expect(existsSync(DATA_DIR)).toBe(false);
});

test('an embedded database that is damaged, or cannot be made, is named', async () => {
  const DATA_DIR = join(folder, 'damaged');
  await mkdir(join(DATA_DIR, 'pglite'), { recursive: true });
  await writeFile(join(DATA_DIR, 'pglite', 'PG_VERSION'), '17');
  const { code, err } = await initDb([], { DATA_DIR });
  expect(code).toBe(1);
  expect(err).toStartWith(`The embedded database in ${join(DATA_DIR, 'pglite')} is damaged: `);
}, 180_000);

test('a named file that is missing is an error', async () => {
  const { code, err } = await initDb(['--env', 'missing.env']);
  expect({ code, err }).toEqual({
    code: 1,
    err: 'The file missing.env, given with --env, cannot be read.',
  });
});

test('the embedded database is made, and found up to date the second time', async () => {
  const env = { DATA_DIR: join(folder, 'data') };
  expect(await initDb([], env)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/made now[\s\S]*applied 0000_init/),
  });
  expect(await initDb([], env)).toMatchObject({ code: 0, out: expect.stringContaining('up to date') });
}, 180_000);

test('a file that is named stands in for .env, whose values do not count', async () => {
  await withEmptyDatabase(join(folder, 'named'));
  const nowhere = 'postgres://127.0.0.1:1/x';
  const files = {
    '.env': `DATABASE_URL=${nowhere}\nLOG_LEVEL=loud\n`,
    '.env.local': 'PORT=none\n',
    '.env.production': `WHERE=127.0.0.1\nDATABASE_URL=postgres://$WHERE:1/x\nHOST=$HOME\n`,
    'named.env': `DATA_DIR=${join(folder, 'named')}\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  try {
    for (const NODE_ENV of ['development', 'production']) {
      const { code, out, err } = await initDb(['--env', 'named.env'], { NODE_ENV }, { envFiles: true });
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain(join(folder, 'named'));
    }
    // What the shell exported still counts, and the file wins over it.
    const shell = { WORKERS: 'many', DATA_DIR: '/nowhere' };
    const exported = await initDb(['--env', 'named.env'], shell, { envFiles: true });
    expect(exported.err).toStartWith('WORKERS is "many"');
    await writeFile(join(folder, 'named.env'), `DATA_DIR=${join(folder, 'named')}\nWORKERS=1\n`);
    const won = await initDb(['--env', 'named.env'], shell, { envFiles: true });
    expect(won).toMatchObject({ code: 0, out: expect.stringContaining('up to date') });
  } finally {
    for (const name of Object.keys(files)) await rm(join(folder, name));
  }
}, 180_000);

describe.skipIf(testServerUrl === undefined)('on a PostgreSQL server', () => {
  const missing = () => withDatabaseName(testServerUrl ?? '', testDatabaseName('-A "数据库"'));

  test('the database that the file names is made and migrated', async () => {
    const url = missing().replace(/^postgres(ql)?:/, 'postgresql+asyncpg:');
    await writeFile(join(folder, 'some.env'), `DATABASE_URL="${url}"\n`);
    const { code, out } = await initDb(['--env', 'some.env']);
    expect(code).toBe(0);
    expect(out).toMatch(/made now[\s\S]*applied 0000_init/);
  });

  test('eight at once on a missing database all succeed', async () => {
    const DATABASE_URL = missing();
    const results = await Promise.all(Array.from({ length: 8 }, () => initDb([], { DATABASE_URL })));
    expect(results.map(({ code, err }) => ({ code, err }))).toEqual(
      results.map(() => ({ code: 0, err: expect.stringMatching(/^(Another process is migrating.*)?$/) })),
    );
  }, 180_000);

  test('another process that migrates is waited for, and it says so', async () => {
    const url = await createTestDatabase();
    const other = postgres(url, { max: 1 });
    try {
      const waiting = await other.begin(async (sql) => {
        await sql`select pg_advisory_xact_lock(hashtext('agentchat migrations'))`;
        const command = initDb([], { DATABASE_URL: url });
        const blocked = () => sql`select from pg_locks join pg_database on pg_database.oid = database
          where locktype = 'advisory' and not granted and datname = current_database()`;
        let ended = false;
        command.then(() => {
          ended = true;
        });
        while (!ended && (await blocked()).length === 0) await Bun.sleep(50);
        return { command };
      });
      expect(await waiting.command).toMatchObject({
        code: 0,
        err: 'Another process is migrating this database; waiting for it.',
      });
    } finally {
      await other.end();
    }
  }, 180_000);

  test('a database that cannot hold every character is one line', async () => {
    const name = testDatabaseName();
    await onServer((client) =>
      client.unsafe(
        `create database "${name}" encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'`,
      ),
    );
    const url = withDatabaseName(testServerUrl ?? '', name);
    const { code, err } = await initDb([], { DATABASE_URL: url });
    expect({ code, lines: err.split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(err).toContain('UTF8');
    const client = postgres(url, { max: 1, onnotice: () => {} });
    await client.unsafe(fastApiTables);
    await client.end();
    const adoption = await initDb([], { DATABASE_URL: url });
    expect(adoption.code).toBe(1);
    expect(adoption.err).toMatch(/^The database was left as it is: .*encoding is LATIN1, .*UTF8/);
  }, 180_000);

  describe('a database that is damaged', () => {
    const schemas = (url: string) =>
      tell(url, `select nspname from pg_namespace where nspname !~ '^pg_' order by 1`);
    const tables = (url: string) =>
      tell(
        url,
        `select table_schema, table_name, column_name from information_schema.columns
        where table_schema !~ '^(pg_|information_schema)' order by 1, 2, 3`,
      );

    async function tell(url: string, sql: string): Promise<Record<string, unknown>[]> {
      const client = postgres(url, { database: databaseName(url), max: 1, onnotice: () => {} });
      try {
        return [...(await client.unsafe(sql))];
      } finally {
        await client.end();
      }
    }

    test('a ledger that is missing is reported by --no-fix, and restored without it', async () => {
      const url = await createTestDatabase();
      const env = { DATABASE_URL: url };
      await initDb([], env);
      await tell(url, 'drop schema drizzle cascade');
      const before = [await schemas(url), await tables(url)];
      const reported = await initDb(['--no-fix'], env);
      expect(reported.code).toBe(1);
      expect(reported.err).toMatch(/ledger of migrations is missing[\s\S]*Nothing was changed/);
      expect([await schemas(url), await tables(url)]).toEqual(before);
      expect(await initDb([], env)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/Ledger +restored[\s\S]*up to date/),
      });
      expect(await initDb(['--no-fix'], env)).toMatchObject({ code: 0, out: 'Everything agrees.' });
    }, 180_000);

    test('tables of the FastAPI application are reported by --no-fix, and adopted without it', async () => {
      const url = await createTestDatabase();
      const env = { DATABASE_URL: url };
      await tell(url, fastApiTables);
      const before = [await schemas(url), await tables(url)];
      const reported = await initDb(['--no-fix'], env);
      expect(reported.code).toBe(1);
      expect(reported.err).toMatch(
        /1 sessions and 1 messages of the FastAPI application[\s\S]*Nothing was changed/,
      );
      expect([await schemas(url), await tables(url)]).toEqual(before);
      const checked = await runCommand([join(import.meta.dir, 'db.ts'), 'check'], { cwd: folder, env });
      expect(checked.out.split('\n')).toEqual([expect.stringContaining('`bun run init-db` adopts them')]);
      const adopted = await initDb([], env);
      expect(adopted).toMatchObject({
        code: 0,
        out: expect.stringMatching(
          /Adopted {5}1 sessions, 1 messages; the old tables are in the schema fastapi$/,
        ),
      });
      expect(adopted.err).toMatch(/FastAPI application .*1 sessions and 1 messages[\s\S]*pg_dump/);
      expect(await tell(url, 'select content, seq, role from chat_messages')).toEqual([
        { content: 'hello', seq: 1, role: 'user' },
      ]);
    }, 180_000);

    test.skipIf(!Bun.which('pg_dump') || !Bun.which('sh'))(
      'the backup that it tells of works as it is written, whatever the database is called',
      async () => {
        const name = testDatabaseName(` '"$(touch broken)\`%`);
        await onServer((client) => client.unsafe(`create database "${name.replaceAll('"', '""')}"`));
        const url = `${withDatabaseName(testServerUrl ?? '', name)}?sslmode=prefer&TimeZone=UTC`;
        await tell(url, `alter database "${name.replaceAll('"', '""')}" set timezone to 'UTC'`);
        await tell(url, fastApiTables);
        const { code, err } = await initDb([], { DATABASE_URL: url });
        expect({ code, err }).toMatchObject({ code: 0 });
        const command = / run: (pg_dump .*)$/m.exec(err)?.[1] ?? '';
        expect(command).toContain('sslmode=prefer');
        const dump = Bun.spawnSync(['sh', '-c', command], { cwd: folder, stderr: 'pipe' });
        expect(dump.stderr.toString()).toBe('');
        expect(await Bun.file(join(folder, 'backup.sql')).text()).toContain('22222222-2222');
        expect(await Bun.file(join(folder, 'broken')).exists()).toBe(false);
      },
      60_000,
    );

    test('what --no-fix finds pending it does not apply', async () => {
      const url = await createTestDatabase();
      const env = { DATABASE_URL: url };
      expect(await initDb(['--no-fix'], env)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^0000_init is not applied: .*\n0001_comments is not applied: /),
      });
      expect(await tables(url)).toEqual([]);
    }, 180_000);

    test('a table that is gone though the ledger stands is a fault that nothing mends', async () => {
      const url = await createTestDatabase();
      const env = { DATABASE_URL: url };
      await initDb([], env);
      await tell(url, 'drop table chat_turn_events');
      for (const args of [['--no-fix'], []]) {
        const { code, err } = await initDb(args, env);
        expect(code).toBe(1);
        expect(err).toStartWith(`the database has no table chat_turn_events, which ${last} leaves behind`);
      }
    }, 180_000);

    test('without its ledger nothing but init-db goes on, and all point there', async () => {
      const url = await createTestDatabase();
      const env = { DATABASE_URL: url };
      await initDb([], env);
      await tell(url, 'truncate drizzle.__drizzle_migrations');
      const before = await tables(url);
      for (const command of [
        ['current'],
        ['history'],
        ['rollback'],
        ['rollback', 'base', '--yes'],
        ['migrate'],
      ]) {
        const { code, err } = await runCommand([join(import.meta.dir, 'db.ts'), ...command], {
          cwd: folder,
          env,
        });
        expect({ command, code }).toEqual({ command, code: 1 });
        expect(err).toContain(
          `ledger of migrations is missing though its tables are those of ${last}: \`bun run init-db\``,
        );
      }
      expect(await tables(url)).toEqual(before);
    }, 180_000);

    test('a database that is not in UTF8 is told so', async () => {
      const name = testDatabaseName();
      await onServer((client) =>
        client.unsafe(`create database "${name}" encoding 'LATIN1' locale 'C' template template0`),
      );
      const { code, err } = await initDb([], { DATABASE_URL: withDatabaseName(testServerUrl ?? '', name) });
      expect(code).toBe(1);
      expect(err).toMatch(/cannot hold every character: .* made in UTF8/);
    }, 180_000);

    test('tables that nobody knows are left alone, with a sentence', async () => {
      const url = await createTestDatabase();
      await tell(url, 'create table chat_sessions (something int)');
      const before = await tables(url);
      for (const args of [['--no-fix'], []]) {
        const { code, err } = await initDb(args, { DATABASE_URL: url });
        expect(code).toBe(1);
        expect(err).toContain('tables that none of them leaves behind');
        expect(err).not.toMatch(/^\s+at /m);
      }
      expect(await tables(url)).toEqual(before);
    }, 180_000);
  });

  test('a server that is not there is one line, without the password', async () => {
    const { code, err } = await initDb([], { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' });
    expect(code).toBe(1);
    expect(err.split('\n').at(-1)).toBe(
      'No PostgreSQL server answers at postgres://me@127.0.0.1:1/x: start it, or correct DATABASE_URL.',
    );
    expect(err).not.toContain('hunter2');
  }, 180_000);
});
