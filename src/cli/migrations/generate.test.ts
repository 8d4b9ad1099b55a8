import { afterAll, expect, test } from 'bun:test';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { copyProject, installed } from '../../testing/project-copy.ts';
import { runCommand } from '../../testing/run-command.ts';

// What is generated never goes into the project's own migrations.
const project = await copyProject();
const schemaFile = join(project, 'src', 'db', 'schema.ts');
const env: Record<string, string> = {
  DATA_DIR: join(project, 'data'),
  ...(testServerUrl === undefined ? {} : { DATABASE_URL: await createTestDatabase() }),
};

afterAll(() => rm(project, { recursive: true, force: true }));

const run = (command: string[]) => runCommand(command, { cwd: project, env: { ...env, ...installed } });

const db = (...args: string[]) => run(['src/cli/db.ts', ...args]);
const kit = (...args: string[]) => run(['node_modules/drizzle-kit/bin.cjs', ...args]);
const migration = (name: string) => readFile(join(project, 'migrations', name), 'utf8');
const files = () => readdir(join(project, 'migrations'), { recursive: true });

async function change(from: string, to: string): Promise<void> {
  const text = await readFile(schemaFile, 'utf8');
  expect(text).toContain(from);
  await writeFile(schemaFile, text.replace(from, to));
}

test('a change of the schema becomes a migration, with its way back, that goes up, down and up', async () => {
  const before = (await files()).sort();
  expect(await db('generate', '--name', 'nothing')).toEqual({
    code: 0,
    out: 'No changes: src/db/schema.ts is what the migrations make. Nothing was written.',
    err: '',
  });
  expect((await files()).sort()).toEqual(before);
  expect((await db('migrate')).code).toBe(0);

  const journal = join(project, 'migrations', 'meta', '_journal.json');
  const number = String(JSON.parse(await readFile(journal, 'utf8')).entries.length).padStart(4, '0');
  await change("name: text('name').notNull(),", "name: text('name').notNull(),\n    title: text('title'),");
  expect(await db('check')).toMatchObject({
    code: 1,
    out: expect.stringContaining('schema.ts has changes'),
  });
  const written = await db('generate', '--name', 'add_title');
  expect(written).toMatchObject({ code: 0, err: '' });
  expect(written.out).toContain(`Wrote  migrations/${number}_add_title.sql`);
  expect(written.out).toContain(`add COMMENT ON COLUMN "chat_sessions"."title" IS`);
  expect(await migration(`${number}_add_title.down.sql`)).toBe(
    `-- The way back of ${number}_add_title.sql.\nALTER TABLE "chat_sessions" DROP COLUMN "title";\n`,
  );
  expect((await db('check')).out).toBe(`${number}_add_title is not applied: \`bun run db:migrate\``);
  expect((await db('migrate')).out).toContain(`applied ${number}_add_title`);
  expect((await db('check')).code).toBe(0);
  expect((await db('rollback')).out).toContain(`Took back   ${number}_add_title`);
  expect((await db('migrate')).out).toContain(`applied ${number}_add_title`);
  expect((await kit('check')).out).toContain('fine');
  expect((await kit('generate', '--name', 'nothing')).out).toContain('No schema changes');

  await change("    title: text('title'),", "    headline: text('headline'),");
  expect(await db('generate', '--name', 'rename_title')).toEqual({
    code: 1,
    out: '',
    err: 'drizzle-kit has to ask whether something was renamed or is new: run this in a terminal. Nothing was written.',
  });
  await change("    headline: text('headline'),", "    title: text('title'),");
}, 180_000);

test('a migration by hand is refused until it and its way back are written', async () => {
  const journal = join(project, 'migrations', 'meta', '_journal.json');
  const entries = () => readFile(journal, 'utf8').then((text) => JSON.parse(text).entries);
  const ahead = Date.now() + 3_600_000_000;
  // The clock of whoever wrote the last one was ahead.
  const last = (await entries()).at(-1);
  await writeFile(journal, (await readFile(journal, 'utf8')).replace(String(last.when), String(ahead)));

  expect((await db('generate', '--custom', '--name', 'by_hand')).code).toBe(0);
  const { tag, when } = (await entries()).at(-1);
  expect(when).toBe(ahead + 1);
  expect((await db('check', '--files')).out.split('\n')).toEqual([
    `migrations/${tag}.sql holds no statement: write it`,
    `migrations/${tag}.down.sql is not finished: 1 of its statements must be written by hand`,
  ]);
  await writeFile(
    join(project, 'migrations', `${tag}.sql`),
    `UPDATE "chat_sessions" SET "name" = 'x';\n--> statement-breakpoint\nCOMMENT ON TABLE "chat_sessions" IS '新 | New';\n`,
  );
  const drafted = await db('generate', '--back', tag);
  expect(drafted.out).toContain('write what is marked with "-- WRITE THE WAY BACK OF:" (1)');
  const earlier = /COMMENT ON TABLE "chat_sessions" IS .*/.exec(await migration('0001_comments.sql'))?.[0];
  const draft = await migration(`${tag}.down.sql`);
  expect(draft).toBe(
    `-- The way back of ${tag}.sql.\n${earlier}\n--> statement-breakpoint\n-- WRITE THE WAY BACK OF: UPDATE "chat_sessions" SET "name" = 'x'\n`,
  );
  await writeFile(
    join(project, 'migrations', `${tag}.down.sql`),
    draft.replace(/-- WRITE.*/, '-- The names stay.'),
  );
  expect((await db('check', '--files')).code).toBe(0);
  expect(await db('generate', '--back', tag)).toMatchObject({
    code: 1,
    err: `migrations/${tag}.down.sql is written already: remove it first to have it drafted again.`,
  });
}, 180_000);

test('a snapshot that is damaged is named', async () => {
  const path = join(project, 'migrations', 'meta', '0000_snapshot.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, '{}');
  expect(await db('generate', '--custom', '--name', 'more')).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /^migrations\/meta\/0000_snapshot\.json is missing or damaged: `bun run init-db`/,
    ),
  });
  expect(await db('generate', '--copy')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/0000_snapshot\.json is damaged[\s\S]*The copy was left as it is\.$/),
  });
  await writeFile(path, text);
});

test('--copy says what it wrote', async () => {
  expect(await db('generate', '--copy')).toEqual({
    code: 0,
    out: 'Wrote  src/cli/migrations/migrations-copy.json',
    err: '',
  });
});
