// `db:generate`: lets drizzle-kit write the next migration, and drafts its way back beside it.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Migration, MigrationError } from '../../db/migrations/migration.ts';
import { unwritten } from '../../db/migrations/rollback.ts';
import { type Command, tagOf, UsageError } from '../command-shape.ts';
import { repoRoot } from '../install.ts';
import { faultsOf } from './check-files.ts';
import { isBare, type JournalEntry, migrationsOf, readEntries } from './migration-files.ts';
import { renewCopy } from './migrations-copy.ts';
import { migrationsFolder, readFolder, readMigrations, wayBackPath } from './read-migrations.ts';
import { remarks } from './remarks.ts';
import { schemaAgrees } from './schema-agrees.ts';
import { parseSnapshot, readSnapshot, snapshotFile } from './snapshots.ts';
import { draftWayBack } from './way-back.ts';

export const generate: Command = {
  usage: `Usage: bun run db:generate --name WHAT_CHANGES [--custom]
       bun run db:generate --back TAG
       bun run db:generate --copy

Writes the next migration from what changed in src/db/schema.ts, and a draft of its way back.

  --name NAME  what it does: small letters, digits and _
  --custom     an empty one, to be written by hand
  --back TAG   only draft the way back of a migration whose file was written or changed by hand
  --copy       only renew the program's own copy of migrations/, from which init-db mends a damaged folder: do
               so after changing a file by hand`,
  options: {
    name: { type: 'string' },
    custom: { type: 'boolean' },
    back: { type: 'string' },
    copy: { type: 'boolean' },
  },
  async run({ values }) {
    if (values.copy) {
      if (Object.keys(values).some((name) => !['copy', 'env'].includes(name))) {
        throw new UsageError('--copy goes alone.');
      }
      return renewAlone();
    }
    const files = await readFolder();
    const migrations = isBare(files) ? [] : migrationsOf(files);
    if (typeof values.back === 'string') {
      if (values.name !== undefined || values.custom) throw new UsageError('--back goes alone.');
      return draftAgain(migrations, tagOf(values.back, migrations));
    }
    const name = values.name;
    if (typeof name !== 'string') throw new UsageError('--name is missing.');
    if (!/^[a-z0-9][a-z0-9_]*$/.test(name)) {
      throw new UsageError(`The name ${JSON.stringify(name)} may have only small letters, digits and _.`);
    }
    // drizzle-kit builds on the snapshots, and names none that it cannot read.
    const damaged = migrations
      .map(({ tag }) => snapshotFile(tag))
      .find((each) => !parseSnapshot(files[each]));
    if (damaged !== undefined) {
      throw new Error(
        `migrations/${damaged} is missing or damaged: \`bun run init-db\` restores it, or says what to do.`,
      );
    }
    const last = migrations.at(-1);
    if (!values.custom && (await schemaAgrees(last && (await readSnapshot(last.tag))))) {
      console.log('No changes: src/db/schema.ts is what the migrations make. Nothing was written.');
      return 0;
    }
    await writeNext(migrations, name, values.custom === true);
    return 0;
  },
};

/** The first migration, from src/db/schema.ts, where there is none and no copy of one. */
export async function writeFirst(): Promise<void> {
  await writeNext([], 'init');
}

async function writeNext(migrations: readonly Migration[], name: string, custom = false): Promise<void> {
  const last = migrations.at(-1);
  const said = await runDrizzleKit(['generate', '--name', name, ...(custom ? ['--custom'] : [])]);
  const added = readEntries(await readFolder())?.[migrations.length];
  if (!added) throw new Error(whyNothing(said));
  await keepOrder(added, last);
  const after = await readMigrations();
  const migration = after[migrations.length];
  if (migration) await writeWayBack(after, migration);
}

/** The files have to be whole: what is in the copy is what others are mended with. */
async function renewAlone(): Promise<number> {
  const faults = faultsOf(await readFolder(), {});
  for (const { sentence } of faults) console.error(sentence);
  if (faults.length > 0) console.error('The copy was left as it is.');
  else {
    await renewCopy();
    console.log('Wrote  src/cli/migrations/migrations-copy.json');
  }
  return faults.length > 0 ? 1 : 0;
}

async function draftAgain(migrations: readonly Migration[], tag: string): Promise<number> {
  const migration = migrations.find((each) => each.tag === tag);
  if (!migration) return 1;
  if (migration.down !== undefined && !migration.down.includes(unwritten)) {
    throw new Error(
      `migrations/${tag}.down.sql is written already: remove it first to have it drafted again.`,
    );
  }
  await writeWayBack(migrations, migration);
  return 0;
}

async function writeWayBack(migrations: readonly Migration[], { tag, sql }: Migration): Promise<void> {
  const earlier = migrations.slice(
    0,
    migrations.findIndex((each) => each.tag === tag),
  );
  const previous = earlier.at(-1)?.tag;
  const draft = draftWayBack(tag, sql, {
    snapshot: previous === undefined ? undefined : await readSnapshot(previous),
    files: earlier.map((each) => each.sql),
  });
  await writeFile(wayBackPath(tag), draft);
  await renewCopy();
  console.log(`Wrote  migrations/${tag}.sql\n       migrations/${tag}.down.sql (its way back)\n`);
  console.log('Look both over before you run it:');
  for (const remark of remarks(tag, sql, draft)) console.log(`- ${remark}`);
  console.log('Then: bun run db:check, bun run db:migrate, bun run db:rollback, bun run db:migrate');
}

/** On a terminal it may ask whether something was renamed, so it has the terminal; else returns what it said. */
async function runDrizzleKit(args: string[]): Promise<string> {
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const child = Bun.spawn(
    [process.execPath, join(repoRoot, 'node_modules', 'drizzle-kit', 'bin.cjs'), ...args],
    {
      cwd: repoRoot,
      stdio: terminal ? ['inherit', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    },
  );
  const text = (stream: ReadableStream | undefined) => (stream ? new Response(stream).text() : '');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), child.exited]);
  return err + out;
}

function whyNothing(said: string): string {
  if (/Interactive prompts require/i.test(said)) {
    return 'drizzle-kit has to ask whether something was renamed or is new: run this in a terminal. Nothing was written.';
  }
  const reason = /^(?:\w*error|Error)\w*: *(.+)$/im.exec(said)?.[1];
  return `drizzle-kit wrote nothing${reason ? `: ${reason}` : ''}.`;
}

/** A clock that stands behind the last migration's would put the new one before it. */
async function keepOrder(added: JournalEntry, last: Migration | undefined): Promise<void> {
  if (!last || added.when > last.when) return;
  const path = join(migrationsFolder, 'meta', '_journal.json');
  const text = await readFile(path, 'utf8');
  const place = text.lastIndexOf(`"when": ${added.when}`);
  if (place < 0) throw new MigrationError(`the journal's time of ${added.tag} is not after ${last.tag}`);
  const end = place + `"when": ${added.when}`.length;
  await writeFile(path, `${text.slice(0, place)}"when": ${last.when + 1}${text.slice(end)}`);
}
