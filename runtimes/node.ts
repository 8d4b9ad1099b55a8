// AgentChat on Node. docs/runtimes.md says how to start it.

import { loadAgent } from '../src/cli/load-agent.ts';
import { migrationsOf } from '../src/cli/migrations/migration-files.ts';
import files from '../src/cli/migrations/migrations-copy.json' with { type: 'json' };
import { keepIndexing } from '../src/cli/serve/keep-indexing.ts';
import { migrate } from '../src/db/migrations/migrate.ts';
import { openPglite } from '../src/db/open-pglite.ts';
import { openPostgres } from '../src/db/postgres/open-postgres.ts';
import { createLog } from '../src/log.ts';
import { createParts } from '../src/parts.ts';
import { readSettings } from '../src/settings.ts';
import { nodeServer } from './node-server.ts';
import { builtPages } from './pages.ts';

const settings = readSettings(process.env);
const { databaseUrl: url } = settings;
// Without a DATABASE_URL in memory, to look around: it is gone when this ends.
const database = url === undefined ? await openPglite() : openPostgres({ ...settings, url });
const migrations = migrationsOf(files);
await migrate(database, migrations);

const log = createLog({ level: settings.logLevel, format: 'json', write: (line) => console.error(line) });
const { store, appFor, hold, release } = createParts({
  database,
  agent: await loadAgent(settings.modelConfig, process.env),
  log,
  assets: await builtPages('build'),
  lastMigration: migrations.at(-1)?.hash,
  settings,
});
await hold();
const stopIndexing = keepIndexing(store.search, log);
const server = nodeServer(appFor({ owner: 'local' }).fetch);
server.listen(settings.port, settings.host, () => console.log(`Listening on port ${settings.port}`));

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop);

async function stop() {
  await Promise.all([stopIndexing(), release(settings.shutdownGraceMs)]);
  // The last answers are still being written.
  await new Promise((resolve) => {
    server.close(resolve);
    setTimeout(resolve, 1000);
  });
  await database.close();
  process.exit();
}
