// Everything the rest of the program may ask of the database, as one part.
import type { Database } from './database.ts';
import { type ImportedQueries, importedQueries } from './imported-messages.ts';
import { type MessageQueries, messageQueries } from './messages.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { type SearchQueries, searchQueries } from './search.ts';
import { type SessionQueries, sessionQueries } from './sessions.ts';
import { type TurnEventQueries, turnEventQueries } from './turn-events.ts';
import { type LeaseQueries, leaseQueries } from './turn-leases.ts';
import { type TurnQueries, turnQueries } from './turns.ts';

export type Store = {
  sessions: SessionQueries;
  search: SearchQueries;
  messages: MessageQueries;
  imported: ImportedQueries;
  turns: TurnQueries;
  events: TurnEventQueries;
  leases: LeaseQueries;
  /** True where no other process can use this database. */
  exclusive: boolean;
  readiness: Pick<Readiness, 'require'>;
};

/** The queries of one owner. Until there are keys there is one owner, `local`. */
export function createStore(database: Database, owner = 'local'): Store {
  const { db, reserved } = database;
  const readiness = createReadiness(database);
  return {
    sessions: readiness.watch(sessionQueries(db, owner)),
    search: searchQueries(database, owner),
    messages: messageQueries(db, owner),
    imported: importedQueries(db, owner),
    turns: readiness.watch(turnQueries(db, owner)),
    events: readiness.watch(turnEventQueries(db, reserved, owner)),
    leases: readiness.watch(leaseQueries(db, reserved, owner)),
    exclusive: database.kind === 'embedded',
    readiness,
  };
}
