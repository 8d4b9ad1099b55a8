// What a process on Node or Deno is, but for its port: settings, a database, the parts, and how they are stopped.
import process from 'node:process';
import { describedAgents } from '../src/agent/described-agents.ts';
import { createToolHost } from '../src/agent/workbench.ts';
import { loadAgents } from '../src/cli/load-agents.ts';
import { migrationsOf } from '../src/cli/migrations/migration-files.ts';
import files from '../src/cli/migrations/migrations-copy.json' with { type: 'json' };
import { keepIndexing } from '../src/cli/serve/keep-indexing.ts';
import { startProcess } from '../src/cli/serve/start-process.ts';
import { migrate } from '../src/db/migrations/migrate.ts';
import { openPglite } from '../src/db/open-pglite.ts';
import { openPostgres } from '../src/db/postgres/open-postgres.ts';
import { createLog } from '../src/log.ts';
import { createParts } from '../src/parts.ts';
import { readSettings } from '../src/settings.ts';
import { builtPages } from './pages.ts';

/** Resolves when it may be asked. `stopOnSignals` takes what closes the port. */
export async function openHost() {
  const settings = readSettings(process.env);
  const { databaseUrl: url } = settings;
  // Without a DATABASE_URL in memory, to look around: it is gone when this ends.
  const database = url === undefined ? await openPglite() : openPostgres({ ...settings, url });
  const migrations = migrationsOf(files);
  await migrate(database, migrations);

  const log = createLog({ level: settings.logLevel, format: 'json', write: (line) => console.error(line) });
  const tools = createToolHost({
    startProcess,
    tell: ({ server, happened }) => log.warn(happened, { server }),
  });
  const { store, app, hold, release } = createParts({
    database,
    approvalSeconds: settings.approvalSeconds,
    agents: describedAgents((await loadAgents(settings, process.env)).agents, tools),
    log,
    assets: await builtPages('build'),
    lastMigration: migrations.at(-1)?.hash,
    settings,
  });
  await hold();
  const stopIndexing = keepIndexing(store.search, log);

  return {
    settings,
    fetch: app.fetch,

    /** Lets running turns end, and then what is still being written, for a second. */
    stopOnSignals(closePort: () => Promise<unknown>): void {
      const stop = async () => {
        await Promise.all([stopIndexing(), release(settings.shutdownGraceMs)]);
        await Promise.race([closePort(), new Promise((resolve) => setTimeout(resolve, 1000))]);
        await Promise.race([tools.close(), new Promise((resolve) => setTimeout(resolve, 4000))]);
        await database.close();
        process.exit();
      };
      for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop);
    },
  };
}
