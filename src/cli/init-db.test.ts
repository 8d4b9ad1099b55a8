import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { withDatabaseName } from '../db/database-url.ts';
import { createTestDatabase, testDatabaseName, testServerUrl } from '../testing/databases.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentchat-init-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function initDb(args: string[], env: Record<string, string> = {}, bunArgs = ['--no-env-file']) {
  const command = [process.execPath, ...bunArgs, join(import.meta.dir, 'init-db.ts'), ...args];
  const child = Bun.spawn(command, {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}

test('an unknown option is wrong use: exit code 2 and how to use it', async () => {
  const { code, err } = await initDb(['--nonsense']);
  expect(code).toBe(2);
  expect(err).toContain('Usage: bun run init-db');
});

test('a named file that is missing is an error', async () => {
  const { code, err } = await initDb(['--env', 'missing.env']);
  expect({ code, err: err.trim() }).toEqual({
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
}, 60_000);

test('a file that is named stands in for .env, whose values do not count', async () => {
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
      const { code, out, err } = await initDb(['--env', 'named.env'], { NODE_ENV }, []);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain(join(folder, 'named'));
    }
    // What the shell exported still counts, and the file wins over it.
    const exported = await initDb(['--env', 'named.env'], { WORKERS: 'many', DATA_DIR: '/nowhere' }, []);
    expect(exported.err).toStartWith('WORKERS is "many"');
    await writeFile(join(folder, 'named.env'), `DATA_DIR=${join(folder, 'named')}\nWORKERS=1\n`);
    const won = await initDb(['--env', 'named.env'], { WORKERS: 'many', DATA_DIR: '/nowhere' }, []);
    expect(won).toMatchObject({ code: 0, out: expect.stringContaining('up to date') });
  } finally {
    for (const name of Object.keys(files)) await rm(join(folder, name));
  }
}, 60_000);

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
      results.map(() => ({ code: 0, err: '' })),
    );
  }, 60_000);

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
      const client = postgres(url, { max: 1, onnotice: () => {} });
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
      expect(await initDb(['--no-fix'], env)).toMatchObject({
        code: 0,
        out: expect.stringContaining('up to date'),
      });
    }, 60_000);

    test('tables of the FastAPI application are reported by --no-fix, and adopted without it', async () => {
      const url = await createTestDatabase();
      const env = { DATABASE_URL: url };
      await tell(
        url,
        `create table chat_sessions (id uuid primary key, name varchar(100) not null, created_at timestamp not null default now(),
          updated_at timestamp not null default now(), agent_state json);
        create table chat_messages (id uuid primary key, session_id uuid not null references chat_sessions (id) on delete cascade,
          source varchar(50) not null, content text not null, type varchar(50) not null, created_at timestamp not null default now(),
          models_usage json, metadata json not null);
        insert into chat_sessions (id, name) values ('11111111-1111-4111-8111-111111111111', '你好');
        insert into chat_messages (id, session_id, source, content, type, metadata)
          values ('22222222-2222-4222-8222-222222222222', '11111111-1111-4111-8111-111111111111', 'user', '你好', 'TextMessage', '{}')`,
      );
      const before = [await schemas(url), await tables(url)];
      const reported = await initDb(['--no-fix'], env);
      expect(reported.code).toBe(1);
      expect(reported.err).toMatch(
        /1 sessions and 1 messages of the FastAPI application[\s\S]*Nothing was changed/,
      );
      expect([await schemas(url), await tables(url)]).toEqual(before);
      const adopted = await initDb([], env);
      expect(adopted.code).toBe(0);
      expect(adopted.err).toMatch(/FastAPI application .*1 sessions and 1 messages[\s\S]*pg_dump/);
      expect(await tell(url, 'select content, seq, role from chat_messages')).toEqual([
        { content: '你好', seq: 1, role: 'user' },
      ]);
    }, 60_000);

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
    }, 60_000);
  });

  test('a server that is not there is one line, without the password', async () => {
    const { code, err } = await initDb([], { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' });
    expect(code).toBe(1);
    expect(err.trim().split('\n').at(-1)).toBe(
      'No PostgreSQL server answers at postgres://me@127.0.0.1:1/x: start it, or correct DATABASE_URL.',
    );
    expect(err).not.toContain('hunter2');
  }, 30_000);
});
