// The bare handler's database: the driver itself, with each statement prepared once where the driver can.
import { PGlite } from '@electric-sql/pglite';
import postgres from 'postgres';
import { numbered } from '../statements.ts';

export type Row = Record<string, unknown>;
export type Run = (values: Record<string, unknown>) => Promise<Row[]>;
export type BareDatabase = { prepare(statement: string): Run; execute(sql: string): Promise<unknown> };

export function openServer(url: string): BareDatabase {
  const client = postgres(url, { max: 10, fetch_types: false, onnotice: () => {} });
  return {
    prepare(statement) {
      const { text, names } = numbered(statement);
      return (values) =>
        client.unsafe(text, names.map((name) => values[name]) as string[], { prepare: true });
    },
    execute: (sql) => client.unsafe(sql),
  };
}

/** PGlite on the files in `folder`. */
export async function openEmbedded(folder: string): Promise<BareDatabase> {
  const client = await PGlite.create({ dataDir: folder });
  return {
    prepare(statement) {
      const { text, names } = numbered(statement);
      return async (values) =>
        (
          await client.query<Row>(
            text,
            names.map((name) => values[name]),
          )
        ).rows;
    },
    execute: (sql) => client.exec(sql),
  };
}
