// The one wiring: what a host brings (a database, a model, files, a log) becomes the app and what runs behind it.
import { type Access, type AccessSettings, createAccess } from './access/access.ts';
import type { ProviderMemory } from './access/oidc/provider.ts';
import type { Agents } from './agent/agent.ts';
import { createApp } from './app.ts';
import { createChat } from './chat/chat.ts';
import { createDocuments } from './chat/files/documents.ts';
import { keepBeating } from './chat/turns/keep-beating.ts';
import { createTurns } from './chat/turns/turns.ts';
import type { Database } from './db/database.ts';
import type { Owner } from './db/owner.ts';
import { createStore } from './db/store.ts';
import type { ReadPdf } from './documents/read-document.ts';
import type { Assets, HttpSettings } from './http/parts.ts';
import type { Log } from './log.ts';

export type Host = {
  /** Migrated. */
  database: Database;
  agents: Agents;
  log: Log;
  assets: Assets;
  /** The hash of the last migration the program knows. */
  lastMigration: string | undefined;
  settings: HttpSettings & AccessSettings;
  /** What is known of the OpenID Connect provider, where parts do not live long. */
  providerMemory?: ProviderMemory;
  /** Whose abandoned turns are taken over, where that is not everybody's. */
  served?: Owner;
  /** How long a turn waits for a person to allow a call of a tool; without it, seven days. */
  approvalSeconds?: number;
  /** Reads PDFs, where the host can stop what reads them; without it, they are kept and not read. */
  readPdf?: ReadPdf | undefined;
};

const sevenDays = 7 * 86_400;

/** How often leases are held, and turns looked for that are to be cancelled or were abandoned. */
const beatMs = 500;

/**
 * Nothing runs before `hold`. A host that is a process holds its parts as long as it lives; one that gives each request
 * parts of its own, because sockets and timers end with it there, as long as that is answered. `store.search.takeIn`
 * may be called when there is time.
 *
 * @example
 * const { app, hold, release } = createParts({ database, agents, log, assets, lastMigration, settings });
 * await hold();
 * const server = Bun.serve(app);
 * process.once('SIGTERM', () => release(30_000).then(() => database.close()));
 */
export function createParts({
  database,
  agents,
  log,
  assets,
  lastMigration,
  settings,
  served,
  providerMemory,
  approvalSeconds = sevenDays,
  readPdf,
}: Host) {
  const store = createStore(database, served);
  const turns = createTurns({ store, agents, log, approvalSeconds });
  const chat = createChat({ store, turns, agents, documents: createDocuments(readPdf) });
  const beating = keepBeating(turns.beat, beatMs, log);
  const appWith = (access: Access) => createApp({ chat, access, log, assets, lastMigration, settings });
  return {
    store,
    turns,
    app: appWith(createAccess({ store, log, settings, providerMemory })),

    /** The same app, to which another says who calls. */
    appWith,

    /**
     * Keeps the turns that run here, and takes over those that nobody holds, until `release`. Resolves when it has looked
     * once; rejects where the database does not answer, and goes on trying.
     */
    hold: beating.begin,

    /**
     * Begins no more turns, waits for those that run, and hands over what still does after `graceMs`. Followers of turns
     * elsewhere are let go. The database may be closed then.
     */
    release: async (graceMs = Number.POSITIVE_INFINITY): Promise<void> => {
      await turns.drain(graceMs);
      beating.end();
    },
  };
}
