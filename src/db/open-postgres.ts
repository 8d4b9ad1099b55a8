// Opens a PostgreSQL server through postgres.js.
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Database } from './database.ts';
import { databaseName, describeDatabaseUrl } from './database-url.ts';
import * as schema from './schema.ts';

export type PostgresOptions = {
  /** A URL of PostgreSQL's own form, see `normalizeDatabaseUrl`. */
  url: string;
  poolMax: number;
  /** False behind PgBouncer in transaction mode. */
  prepare: boolean;
};

/** Connects lazily: a server that is away shows at the first query, and may come back at any time. */
export function openPostgres(options: PostgresOptions): Database {
  const client = postgres(options.url, {
    // The driver takes the name as the URL spells it, percent signs and all.
    database: databaseName(options.url),
    max: options.poolMax,
    prepare: options.prepare,
    // One round trip less for each connection: there are no array columns.
    fetch_types: false,
    connect_timeout: 5,
    backoff: (retries: number) => Math.min(2, 0.1 * 2 ** retries),
    onnotice: () => {},
    connection: { application_name: 'agentchat' },
  });
  return {
    db: drizzle(client, { schema }),
    kind: 'postgres',
    description: describeDatabaseUrl(options.url),
    close: () => client.end({ timeout: 5 }),
  };
}
