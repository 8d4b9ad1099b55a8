// The faults of migrations/: files, journal, snapshots and ways back, each as one line.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { unwritten } from '../db/rollback.ts';
import { readSnapshot, snapshotName } from './db-snapshots.ts';
import { isSeveral, statementsOf } from './db-statements.ts';
import { migrationsFolder } from './read-migrations.ts';

const journal = z.object({
  entries: z.array(z.object({ idx: z.number(), tag: z.string(), when: z.number() })),
});
type Entry = z.infer<typeof journal>['entries'][number];

export async function fileFaults(folder = migrationsFolder): Promise<string[]> {
  const entries = await readEntries(folder);
  if (!entries) return ['migrations/meta/_journal.json is missing or damaged: restore it'];
  const faults = [...orderFaults(entries), ...(await strayFaults(folder, entries))];
  for (const { tag } of entries) {
    faults.push(...(await upFaults(folder, tag)), ...(await downFaults(folder, tag)));
  }
  return [...faults, ...(await snapshotFaults(folder, entries))];
}

async function readEntries(folder: string): Promise<Entry[] | undefined> {
  try {
    return journal.parse(JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8'))).entries;
  } catch {
    return undefined;
  }
}

function orderFaults(entries: readonly Entry[]): string[] {
  return entries.flatMap(({ idx, tag, when }, index) => {
    const before = entries[index - 1];
    const numbered = idx === index && Number(/^\d+/.exec(tag)?.[0]) === index;
    return [
      ...(numbered ? [] : [`the journal has ${tag} in place ${index}, which its number does not say`]),
      ...(before && when <= before.when
        ? [
            `the journal says that ${tag} was written before ${before.tag}: raise its "when" above ${before.when}`,
          ]
        : []),
    ];
  });
}

/** Files that no journal entry names are run by nobody. */
async function strayFaults(folder: string, entries: readonly Entry[]): Promise<string[]> {
  const known = new Set(entries.flatMap(({ tag }) => [`${tag}.sql`, `${tag}.down.sql`]));
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith('.sql') && !known.has(file))
    .sort()
    .map((file) => `migrations/${file} is in no entry of the journal: remove it, or restore the journal`);
}

async function upFaults(folder: string, tag: string): Promise<string[]> {
  const text = await readText(folder, `${tag}.sql`);
  if (text === undefined) return [`migrations/${tag}.sql is missing: restore it`];
  if (statementsOf(text).length === 0) return [`migrations/${tag}.sql holds no statement: write it`];
  return severalFaults(`${tag}.sql`, text);
}

async function downFaults(folder: string, tag: string): Promise<string[]> {
  const file = `${tag}.down.sql`;
  const text = await readText(folder, file);
  if (text === undefined) {
    return [
      `migrations/${file} is missing: restore it, or let \`bun run db:generate --back ${tag}\` draft it`,
    ];
  }
  const open = text.split(unwritten).length - 1;
  const unfinished =
    open > 0 ? [`migrations/${file} is not finished: ${open} of its statements must be written by hand`] : [];
  return [...unfinished, ...severalFaults(file, text)];
}

function severalFaults(file: string, text: string): string[] {
  return statementsOf(text)
    .filter(isSeveral)
    .map(
      (statement) =>
        `migrations/${file} has two statements without "--> statement-breakpoint" between them: ${statement.replace(/\s+/g, ' ').slice(0, 60)}…`,
    );
}

async function snapshotFaults(folder: string, entries: readonly Entry[]): Promise<string[]> {
  const faults: string[] = [];
  let before = '00000000-0000-0000-0000-000000000000';
  for (const { tag } of entries) {
    const snapshot = await readSnapshot(tag, folder);
    const file = `migrations/meta/${snapshotName(tag)}`;
    if (!snapshot) faults.push(`${file} is missing or damaged: restore it`);
    else if (before !== '' && snapshot.prevId !== before) {
      faults.push(`${file} does not follow the one before it: restore both`);
    }
    before = snapshot?.id ?? '';
  }
  return faults;
}

function readText(folder: string, file: string): Promise<string | undefined> {
  return readFile(join(folder, file), 'utf8').catch(() => undefined);
}
