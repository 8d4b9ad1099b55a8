// The work ahead of a migration in processes of their own: killed in the middle and begun again, and several at once.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { eventually } from '../../testing/processes.ts';
import { copyProject, installed } from '../../testing/project-copy.ts';
import { runCommand } from '../../testing/run-command.ts';
import { waysToServer } from '../../testing/ways-to-server.ts';
import { waiting } from '../database/tell-adoption.ts';
import { readMigrations } from './read-migrations.ts';

const last = (await readMigrations()).at(-1)?.tag ?? '';
const number = String(Number.parseInt(last, 10) + 1).padStart(4, '0');
const tag = `${number}_more`;
const index = 'create unique index concurrently if not exists chat_turns_more';

let project = '';
beforeAll(async () => {
  project = await copyProject();
  await addMigration(join(project, 'migrations'));
});
afterAll(() => rm(project, { recursive: true, force: true }));

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** One that adds a column, fills it and indexes it, as a person writes it. */
async function addMigration(folder: string): Promise<void> {
  const breakpoint = ';\n--> statement-breakpoint\n';
  const column = 'alter table chat_turns add column if not exists more integer';
  const write = (kind: string, statements: string[]) =>
    writeFile(join(folder, `${tag}${kind}.sql`), `${statements.join(breakpoint)};\n`);
  await write('', [
    column,
    'update chat_turns set more = seq + 1 where more is null',
    `${index.replace(' concurrently', '')} on chat_turns (session_id, more)`,
    `comment on column chat_turns.more is '更多 | More'`,
  ]);
  await write('.down', ['alter table chat_turns drop column more']);
  await write('.ahead', [
    column,
    'update chat_turns set more = seq + 1 where more is null',
    `${index} on chat_turns (session_id, more)`,
    'select pg_sleep(1)',
  ]);
  const json = async (name: string) => JSON.parse(await readFile(join(folder, 'meta', name), 'utf8'));
  const save = (name: string, value: unknown) => writeFile(join(folder, 'meta', name), JSON.stringify(value));
  const journal = await json('_journal.json');
  const before = journal.entries.at(-1);
  journal.entries.push({ ...before, idx: before.idx + 1, when: before.when + 1, tag });
  const snapshot = await json(`${last.slice(0, 4)}_snapshot.json`);
  const turns = snapshot.tables['public.chat_turns'];
  turns.columns.more = { name: 'more', type: 'integer', primaryKey: false, notNull: false };
  const [example] = Object.values<object>(turns.indexes);
  const columns = ['session_id', 'more'].map((expression) => ({ expression, isExpression: false }));
  turns.indexes.chat_turns_more = { ...example, name: 'chat_turns_more', columns };
  await save(`${number}_snapshot.json`, { ...snapshot, id: crypto.randomUUID(), prevId: snapshot.id });
  await save('_journal.json', journal);
}

/** A command that runs, what it has said so far, and its end. */
function start(url: string, ...command: string[]) {
  const child = Bun.spawn([process.execPath, '--no-env-file', ...command], {
    cwd: project,
    env: { PATH: process.env.PATH ?? '', HOME: project, ...envOf(url) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const part of stream) said += decoder.decode(part, { stream: true });
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  return {
    said: () => said,
    kill: async () => {
      child.kill('SIGKILL');
      await child.exited;
    },
    end: child.exited.then(async (code) => {
      await collected;
      return { code, said };
    }),
  };
}

const envOf = (url: string, prepare = true) => ({
  ...installed,
  DATABASE_URL: url,
  ...(prepare ? {} : { DATABASE_PREPARE: 'false' }),
});
const run = (url: string, command: string[]) => runCommand(command, { cwd: project, env: envOf(url) });
const db = (url: string, ...args: string[]) => run(url, ['src/cli/db.ts', ...args]);

async function standing(): Promise<{ url: string; rows: postgres.Sql }> {
  const url = await createTestDatabase();
  const rows = postgres(url, { max: 3, onnotice: () => {} });
  stops.push(() => rows.end({ timeout: 1 }));
  expect(await db(url, 'migrate', '--to', last)).toMatchObject({ code: 0 });
  await rows`insert into chat_sessions (owner_id, id, name) select 1, gen_random_uuid(), 'one' from generate_series(1, 50)`;
  await rows`insert into chat_turns (session_id, id, status, seq, reply_seq)
    select id, gen_random_uuid(), 'completed', seq, seq + 1 from chat_sessions, generate_series(1, 9, 2) as seq`;
  return { url, rows };
}

/** The server process that builds the index, or waits for others to do so. */
async function builder(rows: postgres.Sql): Promise<number | undefined> {
  const [found] = await rows<{ pid: number }[]>`select pid from pg_stat_activity
    where datname = current_database() and state = 'active' and wait_event_type = 'Lock' and query like ${`${index}%`}`;
  return found?.pid;
}

async function isValid(rows: postgres.Sql): Promise<boolean | undefined> {
  const [found] = await rows<{ valid: boolean }[]>`
    select indisvalid as valid from pg_index where indexrelid = to_regclass('chat_turns_more')`;
  return found?.valid;
}

const filenode = async (rows: postgres.Sql) =>
  (await rows`select relfilenode from pg_class where relname = 'chat_turns_more'`)[0]?.relfilenode;

async function expectApplied(url: string, rows: postgres.Sql): Promise<void> {
  expect(await isValid(rows)).toBe(true);
  const [unfilled] =
    await rows`select count(*)::int as count from chat_turns where more is distinct from seq + 1`;
  expect(unfilled?.count).toBe(0);
  expect((await db(url, 'current')).out).toBe(tag);
  // What the copy of the project has no schema for is not the database's fault.
  const faults = (await db(url, 'check')).out.split('\n');
  expect(faults.filter((line) => !line.startsWith('src/db/schema.ts has changes'))).toEqual([]);
}

describe.skipIf(testServerUrl === undefined)('work ahead whose process is killed with -9', () => {
  /** Until it builds the index, which waits for a snapshot that is older. */
  async function killed() {
    const { url, rows } = await standing();
    const older = await rows.reserve();
    await older`begin isolation level repeatable read`;
    await older`select from pg_class limit 1`;
    const first = start(url, 'src/cli/db.ts', 'migrate');
    expect(await eventually(async () => (await builder(rows)) !== undefined)).toBe(true);
    await first.kill();
    // The server goes on with it.
    const pid = await builder(rows);
    expect(pid).toBeNumber();
    expect(await isValid(rows)).toBe(false);
    const release = async () => {
      await older`rollback`;
      older.release();
    };
    return { url, rows, pid, release };
  }

  test('is gone on with by the next start, when the server has done what was begun', async () => {
    const { url, rows, release } = await killed();
    const built = await filenode(rows);
    const next = start(url, 'src/cli/init-db.ts');
    expect(await eventually(() => next.said().includes(waiting))).toBe(true);
    await release();
    expect(await next.end).toMatchObject({ code: 0, said: expect.stringContaining(`applied ${tag}`) });
    expect(await filenode(rows)).toBe(built);
    await expectApplied(url, rows);
  }, 180_000);

  test('is no fault of the database, and what it left unfinished is made anew', async () => {
    const { url, rows, pid, release } = await killed();
    await rows`select pg_terminate_backend(${pid ?? 0})`;
    expect(await eventually(async () => (await builder(rows)) === undefined)).toBe(true);
    const built = await filenode(rows);
    expect(await isValid(rows)).toBe(false);
    const pending = `${tag} is not applied: \`bun run db:migrate\``;
    expect((await db(url, 'check')).out).toContain(pending);
    expect((await run(url, ['src/cli/init-db.ts', '--no-fix'])).err).toBe(`${pending}\nNothing was changed.`);
    const next = run(url, ['src/cli/init-db.ts']);
    expect(await eventually(async () => (await builder(rows)) !== undefined)).toBe(true);
    await release();
    expect(await next).toMatchObject({ code: 0, out: expect.stringContaining(`applied ${tag}`) });
    expect(await filenode(rows)).not.toBe(built);
    await expectApplied(url, rows);
  }, 180_000);
});

describe.skipIf(testServerUrl === undefined).each(waysToServer)('three processes at once on %s', (_, way) => {
  test('one of them applies the migration, and all end well', async () => {
    const { url: direct, rows } = await standing();
    const { url, prepare, stop } = await way(direct);
    stops.push(stop);
    const env = envOf(url, prepare);
    const ends = await Promise.all(
      [1, 2, 3].map(() => runCommand(['src/cli/db.ts', 'migrate'], { cwd: project, env })),
    );
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(ends.filter(({ out }) => out.includes(`applied ${tag}`))).toHaveLength(1);
    expect(ends.filter(({ out }) => out.includes('up to date'))).toHaveLength(2);
    await expectApplied(direct, rows);
  }, 180_000);
});
