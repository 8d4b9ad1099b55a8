// What a person should look at in a migration that was just written.
import { unwritten } from '../../db/migrations/rollback.ts';
import { statementsOf } from '../../db/migrations/statements.ts';

type Remark = [RegExp, string];

const dangers: Remark[] = [
  [/^DROP\s+TABLE|\bDROP\s+COLUMN\b/i, 'loses data, also for good: the way back brings no data back'],
  [
    /\bADD\s+COLUMN\b(?!.*\bDEFAULT\b).*\bNOT\s+NULL\b/is,
    'fails on a table that has rows: give it a default',
  ],
  [/\bSET\s+NOT\s+NULL\b/i, 'fails if a row has none there'],
  [
    /^CREATE\s+(UNIQUE\s+)?INDEX/i,
    'stops writes to the table while it is built: where it holds much, build it before, in an .ahead.sql file',
  ],
  [/\bSET\s+DATA\s+TYPE\b/i, 'may write the whole table anew, and may need USING'],
];

/** Each a part of a list, without a full stop. */
export function remarks(tag: string, up: string, down: string): string[] {
  const statements = statementsOf(up);
  const found = statements.flatMap((statement) =>
    dangers
      .filter(([pattern]) => pattern.test(statement))
      .map(([, remark]) => `${short(statement)}: ${remark}`),
  );
  const open = down.split(unwritten).length - 1;
  return [
    ...(statements.length === 0
      ? [
          `write migrations/${tag}.sql, with "--> statement-breakpoint" between two statements; then \`bun run db:generate --back ${tag}\``,
        ]
      : []),
    ...found,
    ...missingComments(statements),
    ...(open > 0 && statements.length > 0
      ? [`the way back: write what is marked with "${unwritten}" (${open}); until then it is refused`]
      : []),
    ...(open === 0 ? ['the way back: does it keep the data that it can keep?'] : []),
  ];
}

/** New tables and columns, which need a comment in Chinese and English. */
function missingComments(statements: readonly string[]): string[] {
  const all = statements.join('\n');
  const wanted = statements.flatMap((statement) => {
    const column = /^ALTER TABLE (\S+) ADD COLUMN (?:IF NOT EXISTS )?("[^"]+")/i.exec(statement);
    if (column) return [`COLUMN ${column[1]}.${column[2]}`];
    const table = /^CREATE TABLE (\S+)/.exec(statement)?.[1];
    if (!table) return [];
    const columns = [...statement.matchAll(/^\s+("[^"]+") /gm)].map((match) => `COLUMN ${table}.${match[1]}`);
    return [`TABLE ${table}`, ...columns];
  });
  return wanted
    .filter((target) => !all.includes(`COMMENT ON ${target} IS`))
    .map((target) => `add COMMENT ON ${target} IS '中文 | English';`);
}

function short(statement: string): string {
  const line = statement.replace(/\s+/g, ' ');
  return line.length > 70 ? `${line.slice(0, 70)}…` : line;
}
