// What a person is told while a database is migrated, and one of the FastAPI application adopted.
import { resolve } from 'node:path';
import type { Adopted } from '../../db/adopt/adopt.ts';
import type { MigrateOptions } from '../../db/migrations/migrate.ts';
import { libpqUrl } from '../../db/postgres/database-url.ts';
import type { Settings } from '../../settings.ts';

/** While another process holds the migrations' lock. */
export const waiting = 'Another process is migrating this database; waiting for it.';

/** How often a long copy says how far it is. */
const tellMs = 2000;

/** Says it line by line to `tell`. */
export function tellAdoption(
  settings: Pick<Settings, 'databaseUrl' | 'dataDir'>,
  tell: (line: string) => void,
): Required<Pick<MigrateOptions, 'onAdopt' | 'onProgress' | 'onAdopted' | 'onWait' | 'onAhead' | 'onBusy'>> {
  let toldAt = performance.now();
  let waited = false;
  return {
    onWait: () => {
      if (!waited) tell(waiting);
      waited = true;
    },
    onAhead: (tag) =>
      tell(
        `Preparing the migration ${tag}: with millions of messages this takes minutes. Whatever else runs on this database goes on meanwhile. It may be stopped; the next start goes on with it.`,
      ),
    onBusy: () => tell('The tables are in use; trying again for a minute.'),
    onAdopt: ({ revision, sessions, messages, aside, added }) => {
      tell(
        `This is a database of the FastAPI application (Alembic revision ${revision}), with ${counted(sessions)} sessions and ${counted(messages)} messages.`,
      );
      tell(
        `They are copied into AgentChat’s tables now, all of them or none. The old tables stay as they are, in the schema ${aside}.`,
      );
      if (added.length > 0) {
        tell(`Columns that the application never had stay behind in the old tables: ${added.join(', ')}.`);
      }
      tell(`For a backup of your own, stop this now (Ctrl-C changes nothing) and ${backup(settings)}`);
    },
    onProgress: (done, all) => {
      if (performance.now() - toldAt < tellMs) return;
      toldAt = performance.now();
      tell(`${counted(done)} of ${counted(all)} messages copied`);
    },
    onAdopted: ({ unreadableStates: states }) => {
      if (states === 0) return;
      tell(
        `The agent’s state of ${counted(states)} ${states === 1 ? 'session' : 'sessions'} could not be read: the context is the stored messages there.`,
      );
    },
  };
}

/** `12 sessions, 208 messages; the old tables are in the schema fastapi` */
export function describeAdopted({ sessions, messages, aside }: Adopted): string {
  return `${counted(sessions)} sessions, ${counted(messages)} messages; the old tables are in the schema ${aside}`;
}

function backup({ databaseUrl, dataDir }: Pick<Settings, 'databaseUrl' | 'dataDir'>): string {
  return databaseUrl === undefined
    ? `copy the folder ${resolve(dataDir)}`
    : `run: pg_dump '${libpqUrl(databaseUrl)}' > backup.sql`;
}

const counted = (count: number): string => count.toLocaleString('en');
