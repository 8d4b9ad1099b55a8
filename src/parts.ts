// The one wiring: what a host brings (a database, a model, files, a log) becomes the app and what runs behind it.
import { createAssistant } from './agent/assistant.ts';
import { createApp } from './app.ts';
import { createChat, type Principal } from './chat/chat.ts';
import { createTurns } from './chat/turns.ts';
import type { Database } from './db/database.ts';
import type { Owner } from './db/owner.ts';
import { createStore } from './db/store.ts';
import type { Assets, HttpSettings } from './http/parts.ts';
import type { Log } from './log.ts';

export type Host = {
  /** Migrated. */
  database: Database;
  agent: Parameters<typeof createAssistant>[0];
  log: Log;
  assets: Assets;
  /** The hash of the last migration the program knows. */
  lastMigration: string | undefined;
  settings: HttpSettings;
  /** Whose abandoned turns are taken over, where that is not everybody's. */
  served?: Owner;
};

/**
 * Nothing runs yet: a host calls `turns.beat` twice a second, and `store.search.takeIn` when there is time.
 *
 * @example
 * const { appFor } = createParts({ database, agent, log, assets, lastMigration, settings });
 * export default appFor({ owner: 'local' });
 */
export function createParts({ database, agent, log, assets, lastMigration, settings, served }: Host) {
  const store = createStore(database, served);
  const assistant = createAssistant(agent);
  const turns = createTurns({ store, assistant, log });
  const chat = createChat({ store, turns, assistant });
  return {
    store,
    turns,
    /** The app, to which everybody who calls is `principal`: until there are keys. */
    appFor: (principal: Principal) => createApp({ chat, principal, log, assets, lastMigration, settings }),
  };
}
