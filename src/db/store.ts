// Everything the rest of the program may ask of the database, as one part.
import { type AuditQueries, auditQueries } from './access/audit.ts';
import { type KeyQueries, keyQueries } from './access/keys.ts';
import { type LimitQueries, limitQueries } from './access/limits.ts';
import { type SignInQueries, signInQueries } from './access/sign-ins.ts';
import { createTally, type Tally } from './access/tally.ts';
import { type UsageQueries, usageQueries } from './access/usage.ts';
import type { Database } from './database.ts';
import { type FileQueries, fileQueries } from './files/files.ts';
import { type ImportedQueries, importedQueries } from './imported-messages.ts';
import { type MessageQueries, messageQueries } from './messages.ts';
import type { Owner } from './owner.ts';
import { type OwnerQueries, ownerQueries } from './owners.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { type SearchQueries, searchQueries } from './search/search.ts';
import { type SessionQueries, sessionQueries } from './sessions.ts';
import { type ShareQueries, shareQueries } from './shares.ts';
import { type CallQueries, callQueries } from './turns/calls.ts';
import { type TurnChanges, turnChanges } from './turns/change-turns.ts';
import { type TurnLooks, turnLooks } from './turns/find-turns.ts';
import { type TurnEventQueries, turnEventQueries } from './turns/turn-events.ts';
import { type LeaseQueries, leaseQueries } from './turns/turn-leases.ts';
import { type VersionQueries, versionQueries } from './versions/versions.ts';

export type Store = {
  owners: OwnerQueries;
  keys: KeyQueries;
  signIns: SignInQueries;
  audit: AuditQueries;
  limits: LimitQueries;
  tally: Tally;
  usage: UsageQueries;
  sessions: SessionQueries;
  search: SearchQueries;
  messages: MessageQueries;
  versions: VersionQueries;
  imported: ImportedQueries;
  shares: ShareQueries;
  files: FileQueries;
  turns: TurnChanges & TurnLooks;
  calls: CallQueries;
  events: TurnEventQueries;
  leases: LeaseQueries;
  /** True where no other process can use this database. */
  exclusive: boolean;
  readiness: Pick<Readiness, 'require'>;
};

/**
 * What is asked from outside names its owner. What a process does for its turns is for all owners; with `served` it takes
 * over none but that one's, where several share a database that should not know of each other.
 *
 * @example
 * const store = createStore(database);
 * const found = await store.sessions.find({ owner, session: id });
 */
export function createStore(database: Database, served?: Owner): Store {
  const { db, reserved } = database;
  const readiness = createReadiness(database);
  return {
    owners: readiness.watch(ownerQueries(db)),
    keys: readiness.watch(keyQueries(db)),
    signIns: readiness.watch(signInQueries(db)),
    audit: readiness.watch(auditQueries(db)),
    limits: readiness.watch(limitQueries(db)),
    tally: createTally(),
    usage: readiness.watch(usageQueries(db)),
    sessions: readiness.watch(sessionQueries(db)),
    search: searchQueries(database),
    messages: messageQueries(db),
    versions: readiness.watch(versionQueries(db)),
    imported: importedQueries(db),
    shares: readiness.watch(shareQueries(db)),
    files: readiness.watch(fileQueries(db, reserved, served)),
    turns: readiness.watch({ ...turnChanges(db), ...turnLooks(db) }),
    calls: readiness.watch(callQueries(db, reserved, served)),
    events: readiness.watch(turnEventQueries(db, reserved)),
    leases: readiness.watch(leaseQueries(db, reserved, served)),
    exclusive: database.kind === 'embedded',
    readiness,
  };
}
