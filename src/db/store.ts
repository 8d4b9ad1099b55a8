// Everything the rest of the program may ask of the database, as one part.
import { sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { databaseErrorCode } from './errors.ts';
import { inTime } from './in-time.ts';
import { type MessageQueries, messageQueries } from './messages.ts';
import { type SearchQueries, searchQueries } from './search.ts';
import { type SessionQueries, sessionQueries } from './sessions.ts';
import { type TurnEventQueries, turnEventQueries } from './turn-events.ts';
import { type LeaseQueries, leaseQueries } from './turn-leases.ts';
import { type TurnQueries, turnQueries } from './turns.ts';

const undefinedTable = '42P01';

export type Store = {
  sessions: SessionQueries;
  search: SearchQueries;
  messages: MessageQueries;
  turns: TurnQueries;
  events: TurnEventQueries;
  leases: LeaseQueries;
  /** True where no other process can use this database. */
  exclusive: boolean;
  /** The hash of the last migration applied; undefined on a database without any. Throws when it is away. */
  lastAppliedMigration(): Promise<string | undefined>;
};

/** The queries of one owner. Until there are keys there is one owner, `local`. */
export function createStore(database: Database, owner = 'local'): Store {
  const { db, reserved } = database;
  const store: Store = {
    sessions: sessionQueries(db, owner),
    search: searchQueries(database, owner),
    messages: messageQueries(db, owner),
    turns: turnQueries(db, owner),
    events: turnEventQueries(db, reserved, owner),
    leases: leaseQueries(db, reserved, owner),
    exclusive: database.kind === 'embedded',
    lastAppliedMigration: async () => {
      try {
        const ledger = sql`drizzle.__drizzle_migrations`;
        const last = db
          .select({ hash: sql<string>`hash` })
          .from(ledger)
          .orderBy(sql`created_at desc`)
          .limit(1);
        return (await last)[0]?.hash;
      } catch (error) {
        if (databaseErrorCode(error) === undefinedTable) return undefined;
        throw error;
      }
    },
  };
  // The embedded one is part of this process, and stands still only with it.
  if (store.exclusive) return store;
  return {
    ...store,
    sessions: inTime(store.sessions),
    search: inTime(store.search),
    messages: inTime(store.messages),
    turns: inTime(store.turns),
    events: inTime(store.events),
    leases: inTime(store.leases),
  };
}
