// The faults of migrations/: files, journal, snapshots, ways back and what is done ahead, each as one line, held
// against each other and against the program's own copy.
import { unwritten } from '../../db/migrations/rollback.ts';
import { isSeveral, statementsOf } from '../../db/migrations/statements.ts';
import {
  isBare,
  type JournalEntry,
  journalFile,
  type MigrationFiles,
  orderFaults,
  parseJson,
  readEntries,
} from './migration-files.ts';
import { readCopy } from './migrations-copy.ts';
import { migrationsFolder, readFolder } from './read-migrations.ts';
import { parseSnapshot, snapshotFile } from './snapshots.ts';

/** `restore` are the files that the copy mends it with; none where a person has to. */
export type FileFault = { sentence: string; restore: string[] };

type Both = { files: MigrationFiles; copy: MigrationFiles };

/** Each fault of `folder`, with how to mend it. */
export async function fileFaults(folder = migrationsFolder): Promise<string[]> {
  return faultsOf(await readFolder(folder), await readCopy()).map(({ sentence }) => sentence);
}

export function faultsOf(files: MigrationFiles, copy: MigrationFiles): FileFault[] {
  const both = { files, copy };
  const entries = readEntries(files);
  if (!entries || entries.length === 0) return [journalMissing(both, entries)];
  const wrong = journalFaults(both, entries);
  return [
    ...wrong,
    ...entries.flatMap(({ tag }, index) => [
      ...upFaults(both, tag),
      ...downFaults(both, tag),
      ...aheadFaults(both, tag),
      // They follow each other in the journal's order.
      ...(wrong.length > 0 ? [] : snapshotFaults(both, tag, entries[index - 1]?.tag)),
    ]),
  ];
}

/** A fault that the copy mends where it has `candidates` and they are not what is there. */
function fault(
  { files, copy }: Both,
  candidates: readonly string[],
  what: string,
  otherwise = 'take it from version control, or from a fresh copy of this version',
): FileFault {
  const restore = candidates.filter((name) => copy[name] !== undefined && copy[name] !== files[name]);
  return {
    restore,
    sentence: `${what}: ${restore.length > 0 ? '`bun run init-db` restores it' : otherwise}`,
  };
}

function journalMissing(both: Both, entries: readonly JournalEntry[] | undefined): FileFault {
  const path = `migrations/${journalFile}`;
  if (isBare(both.files)) {
    const what =
      Object.keys(both.files).length === 0 ? 'migrations/ is missing' : `${path} names no migration`;
    return fault(both, [journalFile], what, '`bun run init-db` writes the first migration');
  }
  const state = entries
    ? 'names no migration'
    : both.files[journalFile] === undefined
      ? 'is missing'
      : 'is damaged';
  return fault(both, [journalFile], `${path} ${state}`);
}

function journalFaults(both: Both, entries: readonly JournalEntry[]): FileFault[] {
  const copied = readEntries(both.copy) ?? [];
  const knows = (tag: string) => copied.some((each) => each.tag === tag);
  // A journal with migrations of which the copy knows nothing is not given up for one that lacks them.
  const journal = entries.every(({ tag }) => knows(tag)) ? [journalFile] : [];
  const wrong = [
    ...orderFaults(entries).map((what) => fault(both, journal, what, 'put the journal right')),
    ...strayFiles(both.files, entries).map((name) => {
      const lost = both.files[name] === both.copy[name] && !besideOf(name) && knows(name.slice(0, -4));
      const what = `migrations/${name} is in no entry of the journal`;
      return fault(both, lost ? journal : [], what, 'remove it, or put its entry into the journal');
    }),
  ];
  if (wrong.length > 0) return wrong;
  return entries.flatMap(({ idx, tag, when }) => {
    const known = copied.find((each) => each.tag === tag);
    if (!known || (known.idx === idx && known.when === when)) return [];
    const what = `migrations/${journalFile} has another time or place for ${tag} than the program's own copy`;
    return [fault(both, journal, what, onPurpose)];
  });
}

const onPurpose = 'put it back, or run `bun run db:generate --copy` if it was changed on purpose';

/** Files that no journal entry names are run by nobody. What stands beside such a migration is not told again. */
function strayFiles(files: MigrationFiles, entries: readonly JournalEntry[]): string[] {
  const known = new Set(
    entries.flatMap(({ tag }) => ['', '.down', '.ahead'].map((kind) => `${tag}${kind}.sql`)),
  );
  const strays = Object.keys(files).filter((name) => /^[^/]*\.sql$/.test(name) && !known.has(name));
  return strays.filter((name) => !strays.includes(besideOf(name) ?? ''));
}

/** The migration that a way back, or what is done ahead, stands beside; undefined for a migration. */
function besideOf(name: string): string | undefined {
  const tag = /^(.*)\.(?:down|ahead)\.sql$/.exec(name)?.[1];
  return tag === undefined ? undefined : `${tag}.sql`;
}

function upFaults(both: Both, tag: string): FileFault[] {
  const name = `${tag}.sql`;
  const text = both.files[name];
  if (text === undefined) return [fault(both, [name], `migrations/${name} is missing`)];
  if (statementsOf(text).length === 0)
    return [fault(both, [name], `migrations/${name} holds no statement`, 'write it')];
  const several = severalFaults(both, name, text);
  return several.length > 0 ? several : editFaults(both, name, text);
}

function editFaults(both: Both, name: string, text: string): FileFault[] {
  const line = firstDifference(text, both.copy[name]);
  if (line === undefined) return [];
  const what = `migrations/${name} is not what the program's own copy of it is, from line ${line} on`;
  return [fault(both, [], what, onPurpose)];
}

/** From 1; undefined where they do not differ, or there is nothing to compare with. */
function firstDifference(text: string, copy: string | undefined): number | undefined {
  if (copy === undefined || copy === text) return undefined;
  const lines = copy.split('\n');
  const found = text.split('\n').findIndex((line, index) => line !== lines[index]);
  return found < 0 ? text.split('\n').length : found + 1;
}

function downFaults(both: Both, tag: string): FileFault[] {
  const name = `${tag}.down.sql`;
  const text = both.files[name];
  if (text === undefined) {
    return [
      fault(both, [name], `migrations/${name} is missing`, `\`bun run db:generate --back ${tag}\` drafts it`),
    ];
  }
  const open = text.split(unwritten).length - 1;
  const unfinished = `migrations/${name} is not finished`;
  return [
    ...(open > 0 ? [fault(both, [], unfinished, `${open} of its statements must be written by hand`)] : []),
    ...severalFaults(both, name, text),
  ];
}

/** Most migrations have none. Its statements may be done again, from any place on. */
function aheadFaults(both: Both, tag: string): FileFault[] {
  const name = `${tag}.ahead.sql`;
  const text = both.files[name];
  if (text === undefined) {
    const lost = both.copy[name] !== undefined && both.files[`${tag}.sql`] === both.copy[`${tag}.sql`];
    return lost ? [fault(both, [name], `migrations/${name} is missing`)] : [];
  }
  const statements = statementsOf(text);
  if (statements.length === 0)
    return [fault(both, [name], `migrations/${name} holds no statement`, 'write it, or remove it')];
  const once = statements.filter((statement) => onlyOnce.test(statement));
  const wrong = [
    ...severalFaults(both, name, text),
    ...once.map((statement) =>
      fault(
        both,
        [],
        `migrations/${name} has what cannot be repeated`,
        `say IF NOT EXISTS in ${short(statement)}`,
      ),
    ),
  ];
  return wrong.length > 0 ? wrong : editFaults(both, name, text);
}

// A block decides by itself.
const onlyOnce =
  /^(?!do\b)[\s\S]*\b(?:create\s+(?:unique\s+)?index\s+(?:concurrently\s+)?|add\s+column\s+|create\s+table\s+)(?!concurrently\b|if\s+not\s+exists\b)/i;

const short = (statement: string) => `${statement.replace(/\s+/g, ' ').slice(0, 60)}…`;

function severalFaults(both: Both, name: string, text: string): FileFault[] {
  const what = `migrations/${name} has two statements without "--> statement-breakpoint" between them`;
  return statementsOf(text)
    .filter(isSeveral)
    .map((statement) => fault(both, [], what, short(statement)));
}

function snapshotFaults(both: Both, tag: string, before: string | undefined): FileFault[] {
  const { files, copy } = both;
  const name = snapshotFile(tag);
  const own = parseSnapshot(files[name]);
  if (!own) {
    return [
      fault(both, [name], `migrations/${name} is ${files[name] === undefined ? 'missing' : 'damaged'}`),
    ];
  }
  const previous = before === undefined ? { id: noSnapshot } : parseSnapshot(files[snapshotFile(before)]);
  if (previous && own.prevId !== previous.id) {
    const suspects = before === undefined ? [name] : [name, snapshotFile(before)];
    return [fault(both, suspects, `migrations/${name} does not follow the one before it`)];
  }
  // Of a migration that is the copy's, so must the snapshot be.
  const sameUp = files[`${tag}.sql`] === copy[`${tag}.sql`];
  if (!sameUp || copy[name] === undefined || Bun.deepEquals(parseJson(files[name]), parseJson(copy[name])))
    return [];
  return [fault(both, [name], `migrations/${name} is not what ${tag} leaves behind`)];
}

const noSnapshot = '00000000-0000-0000-0000-000000000000';
