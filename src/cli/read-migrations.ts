// Reads migrations/ as drizzle-kit writes it, and beside each migration its way back.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Migration, MigrationError } from '../db/migrations/migrate.ts';

/** Path below migrations/ to the text of the file. */
export type MigrationFiles = Record<string, string>;

export const journalFile = 'meta/_journal.json';

const journal = z.object({
  entries: z.array(z.object({ idx: z.number(), tag: z.string(), when: z.number() })),
});
export type JournalEntry = z.infer<typeof journal>['entries'][number];

export const migrationsFolder = join(import.meta.dir, '..', '..', 'migrations');

/** Where the way back of a migration is written. */
export function wayBackPath(tag: string, folder = migrationsFolder): string {
  return join(folder, `${tag}.down.sql`);
}

/** Every SQL and JSON file of `folder`; none where it is missing. */
export async function readFolder(folder = migrationsFolder): Promise<MigrationFiles> {
  const names = await readdir(folder, { recursive: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const own = names.filter((name) => /\.(sql|json)$/.test(name)).sort();
  const texts = await Promise.all(own.map((name) => readFile(join(folder, name), 'utf8')));
  return Object.fromEntries(own.map((name, index) => [name.replaceAll('\\', '/'), texts[index] ?? '']));
}

/** The migrations in `folder`, oldest first. Throws a MigrationError when the files cannot be relied on. */
export async function readMigrations(folder = migrationsFolder): Promise<Migration[]> {
  return migrationsOf(await readFolder(folder));
}

/** The same, of files that are read already. */
export function migrationsOf(files: MigrationFiles): Migration[] {
  const entries = readEntries(files);
  const mend = '`bun run init-db` restores it, or says what to do';
  if (!entries) throw new MigrationError(`migrations/${journalFile} is missing or damaged: ${mend}`);
  if (entries.length === 0) throw new MigrationError(`migrations/${journalFile} names no migration: ${mend}`);
  const wrong = orderFaults(entries)[0];
  if (wrong !== undefined) throw new MigrationError(`${wrong}: ${mend}`);
  return entries.map(({ tag, when }) => {
    const sql = files[`${tag}.sql`];
    if (sql === undefined) {
      throw new MigrationError(`migrations/${tag}.sql, which the journal names, is missing: ${mend}`);
    }
    const hash = createHash('sha256').update(sql).digest('hex');
    return { tag, when, sql, hash, down: files[`${tag}.down.sql`] };
  });
}

/** True when there is no migration yet, nor anything that one left. */
export function isBare(files: MigrationFiles): boolean {
  return Object.keys(files).every((name) => name === journalFile) && (readEntries(files) ?? []).length === 0;
}

/** Undefined when the journal is missing or damaged. */
export function readEntries(files: MigrationFiles): JournalEntry[] | undefined {
  return journal.safeParse(parseJson(files[journalFile])).data?.entries;
}

/** Undefined when it is no JSON. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** What is wrong with the journal's order, each without how to mend it. */
export function orderFaults(entries: readonly JournalEntry[]): string[] {
  return entries.flatMap(({ idx, tag, when }, index) => {
    const before = entries[index - 1];
    const numbered = idx === index && Number(/^\d+/.exec(tag)?.[0]) === index;
    return [
      ...(numbered ? [] : [`the journal has ${tag} in place ${index}, which its number does not say`]),
      ...(before && when <= before.when
        ? [
            `the journal says that ${tag} was written before ${before.tag}, for its "when" is not above ${before.when}`,
          ]
        : []),
    ];
  });
}
