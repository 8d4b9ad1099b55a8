// Opens a PostgreSQL server through postgres.js.
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Database } from './database.ts';
import { databaseName, describeDatabaseUrl } from './database-url.ts';
import * as schema from './schema.ts';

export type PostgresOptions = {
  /** A URL of PostgreSQL's own form, see `normalizeDatabaseUrl`. */
  url: string;
  /** Connections, besides the one that is reserved. */
  poolMax: number;
  /** False behind PgBouncer in transaction mode. */
  prepare: boolean;
};

/** Connects lazily: a server that is away shows at the first query, and may come back at any time. */
export function openPostgres(options: PostgresOptions): Database {
  const pool = connect(options, options.poolMax);
  const reserved = connect(options, 1);
  return {
    db: drizzle(pool, { schema }),
    reserved: drizzle(reserved, { schema }),
    kind: 'postgres',
    description: describeDatabaseUrl(options.url),
    close: async () => {
      await Promise.all([pool, reserved].map((client) => client.end({ timeout: 5 })));
    },
  };
}

function connect(options: PostgresOptions, max: number): postgres.Sql {
  return postgres(options.url, {
    // The driver takes the name as the URL spells it, percent signs and all.
    database: databaseName(options.url),
    max,
    prepare: options.prepare,
    // One round trip less for each connection: no array is ever read.
    fetch_types: false,
    connect_timeout: 5,
    backoff: (retries: number) => Math.min(2, 0.1 * 2 ** retries),
    onnotice: () => {},
    connection: { application_name: 'agentchat' },
  });
}
