// The rows of a database as plain INSERT statements, with ids and times that are the same each time they are made.
import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';

/** In an order in which they can be inserted, with the order of their rows. */
const tables: [name: string, order: string][] = [
  ['chat_sessions', 'created_at, id'],
  ['chat_messages', 'session_id, seq'],
  ['chat_turns', 'session_id, seq'],
  ['chat_turn_events', 'session_id, turn_id, attempt, position'],
  ['chat_search_parts', 'session_id, seq, part'],
];

type Column = { name: string; type: string };

/** Statements as a migration's file has them. */
export async function dump(database: Database): Promise<string> {
  const statements: string[] = [];
  for (const [table, order] of tables) {
    const columns = (await rowsOf(
      database,
      sql`select column_name as name, data_type as type from information_schema.columns
        where table_schema = 'public' and table_name = ${table} order by ordinal_position`,
    )) as Column[];
    const read = columns.map(({ name, type }) =>
      type.startsWith('timestamp')
        ? `(extract(epoch from ${name}) * 1000000)::bigint::text as ${name}`
        : `${name}::text as ${name}`,
    );
    const rows = await rowsOf(
      database,
      sql.raw(`select ${read.join(', ')} from ${table} as of_table order by ${qualified(order)}`),
    );
    const values = rows.map(
      (row) => `(${columns.map((column) => literal(column, row[column.name])).join(', ')})`,
    );
    statements.push(
      `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')}) VALUES\n${values.join(',\n')};\n`,
    );
  }
  return fixed(statements.join('--> statement-breakpoint\n'));
}

// Not by the texts that are selected under the same names.
const qualified = (order: string): string =>
  order
    .split(', ')
    .map((name) => `of_table.${name}`)
    .join(', ');

async function rowsOf({ db }: Database, query: SQL): Promise<Record<string, string | null>[]> {
  // PGlite gives its rows in an object.
  return ((await db.execute(query)) as unknown as { rows: Record<string, string | null>[] }).rows;
}

function literal({ name, type }: Column, value: string | null | undefined): string {
  if (value === null || value === undefined) return 'NULL';
  if (type === 'integer' || type === 'boolean') return value;
  // All of them are over, and how long ago is chance.
  if (name === 'lease_until') return "'2026-01-01 00:00:00+00'";
  if (type.startsWith('timestamp')) return `'<time ${value}>'`;
  return `'${value.replaceAll("'", "''")}'`;
}

const firstTime = Date.UTC(2026, 0, 5, 8);

/** Each id, time and duration replaced by one that is always the same; ids and times keep their order. */
function fixed(text: string): string {
  const ids = new Map<string, string>();
  const times = [...new Set([...text.matchAll(/<time (\d+)>/g)].map(([, micros]) => Number(micros)))];
  times.sort((a, b) => a - b);
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id, version) => {
      const first = (0x01980000 + ids.size).toString(16).padStart(8, '0');
      const made = ids.get(id) ?? `${first}-0000-${version}000-8000-0000000000aa`;
      ids.set(id, made);
      return made;
    })
    .replace(/<time (\d+)>/g, (_, micros) => {
      // Of whole seconds the microseconds would not be seen.
      const time = new Date(firstTime + times.indexOf(Number(micros)) * 7013);
      return time.toISOString().replace('T', ' ').replace('Z', '456+00');
    })
    .replace(/"thought_seconds": "[\d.]+"/g, '"thought_seconds": "1.5"');
}
