// A database, whichever driver speaks to it. Queries are written once, against Drizzle's common type.
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema.ts';

/** Drizzle over postgres.js or PGlite; a transaction is one too. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

/**
 * An open database, in three ways to ask it. Each throws the driver's errors; `databaseFault` tells what they mean.
 *
 * @example
 * const database = openPostgres({ url: normalizeDatabaseUrl(url), poolMax: 10, prepare: true });
 * const rows = await database.db.select().from(chatSessions);
 * await database.close();
 */
export type Database = {
  db: Db;
  /**
   * For what must not wait behind other queries, and makes none wait: a connection is kept for it. The embedded
   * database has but one.
   */
  reserved: Db;
  /** For transactions that take as long as they take, such as migrations. Elsewhere no statement does. */
  patient: Db;
  /**
   * Asks one text, outside of any transaction, on a connection made for it, and gives its rows as arrays. It takes as long
   * as it takes, and waits `lockMs` for a lock, with 0 for ever; behind a pooler, as the server says. Undefined for the
   * embedded one.
   */
  alone?(text: string, lockMs: number): Promise<unknown>;
  /** `embedded`: PGlite inside this process, which is therefore the only one that uses it. */
  kind: 'postgres' | 'embedded';
  /** Where it is, for people: never with a password. */
  description: string;
  /** Undefined for the embedded one. */
  pool?: {
    /** Calls `tell` once when the server gives fewer connections than are wanted: how many it gives, and how many are. */
    onFewer(tell: (count: number, wanted: number) => void): void;
    /** Begins anew with the connections: the server is not what it was. */
    renew(): void;
  };
  close(): Promise<void>;
};
