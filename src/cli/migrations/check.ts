// `db:check`: whether files, journal, snapshots, ledger, tables and schema agree. Changes nothing.

import { type Command, withDatabase } from '../command-shape.ts';
import { explain } from '../explain.ts';
import { databaseFaults } from './check-database.ts';
import { fileFaults } from './check-files.ts';
import { readMigrations } from './read-migrations.ts';
import { schemaAgrees } from './schema-agrees.ts';
import { readSnapshot } from './snapshots.ts';

export const check: Command = {
  usage: `Usage: bun run db:check [--files] [--env FILE]

Says whether the migrations' files, journal and snapshots, the database's ledger and tables, and src/db/schema.ts
agree. Each fault is one line, and the exit code 1. Changes nothing.

  --files      do not look at the database`,
  options: { files: { type: 'boolean' } },
  async run({ values, settings }) {
    const faults = await fileFaults();
    const migrations = await readMigrations().catch(() => undefined);
    if (migrations) {
      faults.push(...(await schemaFaults(migrations.at(-1)?.tag)));
      if (values.files !== true) {
        const found = withDatabase(settings, (database) => databaseFaults(database, migrations));
        faults.push(...(await found.catch((error) => [explain(error, settings.databaseUrl)])));
      }
    }
    for (const fault of faults) console.log(fault);
    if (faults.length === 0) console.log(`Everything agrees: ${migrations?.length} migrations.`);
    return faults.length === 0 ? 0 : 1;
  },
};

async function schemaFaults(lastTag: string | undefined): Promise<string[]> {
  const agrees = await schemaAgrees(lastTag === undefined ? undefined : await readSnapshot(lastTag));
  if (agrees === undefined) {
    console.error('drizzle-kit is not installed, so src/db/schema.ts was not compared.');
  }
  return agrees === false
    ? [
        'src/db/schema.ts has changes that no migration makes: `bun run db:generate --name what_changes` writes one',
      ]
    : [];
}
