// Drafts the way back of a migration: the opposite of each of its statements, the last one first.
import { unwritten } from '../../db/migrations/rollback.ts';
import { statementsOf } from '../../db/migrations/statements.ts';
import type { Snapshot, SnapshotColumn } from './snapshots.ts';

/** What stood before the migration, as far as it is known. */
export type Before = {
  snapshot?: Snapshot | undefined;
  /** The files of the migrations before it, oldest first: comments are in no snapshot. */
  files?: readonly string[];
};

const name = String.raw`(?:"(?:[^"]|"")*"|[\w$]+)`;
const place = String.raw`(?:${name}\s*\.\s*)?${name}`;
const column = String.raw`ALTER\s+TABLE\s+(${place})\s+ALTER\s+COLUMN\s+(${name})`;

type Draft = (match: RegExpExecArray, before: Before) => string | string[] | undefined;

const drafts: [string, Draft][] = [
  [`CREATE\\s+TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${place})`, ([, table]) => `DROP TABLE ${table}`],
  [`CREATE\\s+TYPE\\s+(${place})`, ([, type]) => `DROP TYPE ${type}`],
  [`CREATE\\s+SCHEMA\\s+(${name})\\s*$`, ([, schema]) => `DROP SCHEMA ${schema}`],
  [`CREATE\\s+SEQUENCE\\s+(${place})`, ([, sequence]) => `DROP SEQUENCE ${sequence}`],
  [`CREATE\\s+(MATERIALIZED\\s+)?VIEW\\s+(${place})`, ([, kind = '', view]) => `DROP ${kind}VIEW ${view}`],
  [
    `CREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${name})\\s+ON\\s+(?:ONLY\\s+)?(${place})`,
    ([, index, table = '']) => `DROP INDEX ${schemaOf(table)}${index}`,
  ],
  [
    `ALTER\\s+TABLE\\s+(${place})\\s+ADD\\s+COLUMN\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${name})`,
    ([, table, added]) => `ALTER TABLE ${table} DROP COLUMN ${added}`,
  ],
  [
    `ALTER\\s+TABLE\\s+(${place})\\s+ADD\\s+CONSTRAINT\\s+(${name})`,
    ([, table, added]) => `ALTER TABLE ${table} DROP CONSTRAINT ${added}`,
  ],
  [
    `ALTER\\s+TABLE\\s+(${place})\\s+RENAME\\s+COLUMN\\s+(${name})\\s+TO\\s+(${name})`,
    ([, table, from, to]) => `ALTER TABLE ${table} RENAME COLUMN ${to} TO ${from}`,
  ],
  [
    `ALTER\\s+TABLE\\s+(${place})\\s+RENAME\\s+TO\\s+(${name})`,
    ([, from = '', to]) =>
      `ALTER TABLE ${schemaOf(from)}${to} RENAME TO ${from.slice(schemaOf(from).length)}`,
  ],
  [
    `ALTER\\s+TABLE\\s+(${place})\\s+(ENABLE|DISABLE)\\s+ROW\\s+LEVEL\\s+SECURITY`,
    ([, table, verb = '']) =>
      `ALTER TABLE ${table} ${/^e/i.test(verb) ? 'DISABLE' : 'ENABLE'} ROW LEVEL SECURITY`,
  ],
  [
    `${column}\\s+SET\\s+NOT\\s+NULL`,
    ([, table, name]) => `ALTER TABLE ${table} ALTER COLUMN ${name} DROP NOT NULL`,
  ],
  [
    `${column}\\s+DROP\\s+NOT\\s+NULL`,
    ([, table, name]) => `ALTER TABLE ${table} ALTER COLUMN ${name} SET NOT NULL`,
  ],
  [`${column}\\s+(?:SET|DROP)\\s+DEFAULT`, earlierDefault],
  [`${column}\\s+(?:SET\\s+DATA\\s+)?TYPE\\s`, earlierType],
  [`ALTER\\s+TABLE\\s+(${place})\\s+DROP\\s+COLUMN\\s+(${name})\\s*$`, earlierColumn],
  [`COMMENT\\s+ON\\s+(TABLE|COLUMN|INDEX|TYPE|SCHEMA|VIEW)\\s+([\\s\\S]+?)\\s+IS\\s`, earlierComment],
];

const patterns = drafts.map(([pattern, draft]) => [new RegExp(`^${pattern}`, 'i'), draft] as const);

/** The text of the `.down.sql` of the migration that `file` holds; what it cannot tell is marked in it. */
export function draftWayBack(tag: string, file: string, before: Before = {}): string {
  const statements = statementsOf(file).reverse();
  const back = statements.flatMap((statement) => inverse(statement, before));
  const body = back.length > 0 ? back : [`${unwritten} ${tag}.sql, which holds no statement yet`];
  return `-- The way back of ${tag}.sql.\n${body.join('\n--> statement-breakpoint\n')}\n`;
}

function inverse(statement: string, before: Before): string[] {
  for (const [pattern, draft] of patterns) {
    const match = pattern.exec(statement);
    // Several actions in one ALTER TABLE are not taken apart.
    if (!match || isCompound(statement)) continue;
    const drafted = draft(match, before);
    if (drafted !== undefined) return [drafted].flat().map((line) => `${line};`);
  }
  return [`${unwritten} ${statement.replace(/\s+/g, ' ')}`];
}

function isCompound(statement: string): boolean {
  if (!/^ALTER\s+TABLE/i.test(statement)) return false;
  return /,\s*(ADD|DROP|ALTER|RENAME)\s/i.test(statement.replace(/'(?:[^']|'')*'/g, ''));
}

/** `"auth".` of `"auth"."users"`, else nothing. */
function schemaOf(place: string): string {
  return new RegExp(`^${name}\\s*\\.\\s*(?=${name}$)`).exec(place)?.[0] ?? '';
}

function earlierDefault([, table = '', name = '']: RegExpExecArray, { snapshot }: Before) {
  const known = find(snapshot, table, name);
  if (!known) return undefined;
  const action = known.default === undefined ? 'DROP DEFAULT' : `SET DEFAULT ${known.default}`;
  return `ALTER TABLE ${table} ALTER COLUMN ${name} ${action}`;
}

function earlierType([, table = '', name = '']: RegExpExecArray, { snapshot }: Before) {
  const known = find(snapshot, table, name);
  if (!known || known.typeSchema) return undefined;
  return `ALTER TABLE ${table} ALTER COLUMN ${name} SET DATA TYPE ${known.type} USING ${name}::${known.type}`;
}

/** The column comes back empty, so one that must hold something and has no default is not drafted. */
function earlierColumn([, table = '', name = '']: RegExpExecArray, before: Before) {
  const known = find(before.snapshot, table, name);
  if (!known || known.typeSchema || known.primaryKey || known.generated || known.identity) return undefined;
  if (known.notNull && known.default === undefined) return undefined;
  const value = known.default === undefined ? '' : ` DEFAULT ${known.default}`;
  const comment = commentOn(`COLUMN ${table}.${name}`, before);
  return [
    ...(comment === undefined ? [] : [comment]),
    `ALTER TABLE ${table} ADD COLUMN ${name} ${known.type}${value}${known.notNull ? ' NOT NULL' : ''}`,
  ].reverse();
}

function earlierComment([, kind = '', what = '']: RegExpExecArray, before: Before) {
  const target = `${kind.toUpperCase()} ${what}`;
  return commentOn(target, before) ?? `COMMENT ON ${target} IS NULL`;
}

/** The last comment that the earlier files gave to `target`, as a statement. */
function commentOn(target: string, { files = [] }: Before): string | undefined {
  return files
    .flatMap(statementsOf)
    .findLast((statement) => statement.replace(/\s+/g, ' ').startsWith(`COMMENT ON ${target} IS `));
}

function find(snapshot: Snapshot | undefined, table: string, name: string): SnapshotColumn | undefined {
  const bare = (text: string) => text.replace(/^"|"$/g, '').replaceAll('""', '"');
  const schema = bare(schemaOf(table).replace(/\s*\.\s*$/, ''));
  const own = bare(table.slice(schemaOf(table).length));
  return snapshot?.tables[`${schema || 'public'}.${own}`]?.columns[bare(name)];
}
