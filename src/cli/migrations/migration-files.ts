// What the files of migrations/ say, wherever they were read: from the folder, or from the copy inside the program.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Migration, MigrationError } from '../../db/migrations/migration.ts';

/** Path below migrations/ to the text of the file. */
export type MigrationFiles = Record<string, string>;

export const journalFile = 'meta/_journal.json';

const journal = z.object({
  entries: z.array(z.object({ idx: z.number(), tag: z.string(), when: z.number() })),
});
export type JournalEntry = z.infer<typeof journal>['entries'][number];

/** The migrations that these files are, oldest first. Throws a MigrationError when they cannot be relied on. */
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
    return { tag, when, sql, hash, down: files[`${tag}.down.sql`], ahead: files[`${tag}.ahead.sql`] };
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
