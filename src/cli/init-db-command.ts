// `bun run init-db [--env FILE] [--no-fix]`: makes the database if it is missing, mends what is damaged and can be
// mended, and brings it up to date.
import { parseArgs } from 'node:util';
import { readSettings, type Settings } from '../settings.ts';
import { databaseDamage } from './db-check-database.ts';
import { fileFaults } from './db-check-files.ts';
import { explain } from './explain.ts';
import { readCopy, restoreFiles } from './migrations-copy.ts';
import { namedEnvironment } from './named-environment.ts';
import { openDatabase, openExisting } from './open-database.ts';
import { readMigrations } from './read-migrations.ts';

const usage = `Usage: bun run init-db [--env FILE] [--no-fix]

Makes the database if it is missing, adopts one of the FastAPI application, and applies the migrations that are
pending. Damaged files in migrations/ and a missing ledger are restored first.
Safe to run at any time, any number of times, from several machines at once.

  --env FILE   read settings from FILE instead of .env (which may be missing);
               what FILE says wins over variables of the environment
  --no-fix     mend and adopt nothing: say what is wrong, change nothing, and exit with 1
  --help       show this`;

process.exit(await main());

/** The exit code: 0 done, 1 failed, 2 wrong use. */
async function main(): Promise<number> {
  let file: string | undefined;
  let fix = true;
  try {
    const { values } = parseArgs({
      options: { env: { type: 'string' }, 'no-fix': { type: 'boolean' }, help: { type: 'boolean' } },
    });
    fix = values['no-fix'] !== true;
    if (values.help) {
      console.log(usage);
      return 0;
    }
    file = values.env;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }

  let databaseUrl: string | undefined;
  try {
    const environment = file === undefined ? process.env : await namedEnvironment(file);
    const settings = readSettings(environment);
    databaseUrl = settings.databaseUrl;
    if (!fix && (await reportFaults(settings))) return 1;
    const restored = fix ? await restoreFiles(await readCopy()) : [];
    if (restored.length > 0)
      console.log(`Restored    ${restored.map((name) => `migrations/${name}`).join(', ')}`);
    const { database, created, repaired, applied } = await openDatabase(settings);
    console.log(`Database    ${database.description}${created ? ' (made now)' : ''}`);
    if (repaired) console.log(`Ledger      restored: the tables are those of ${repaired}`);
    console.log(
      applied.length === 0 ? 'Migrations  up to date' : `Migrations  applied ${applied.join(', ')}`,
    );
    await database.close();
    return 0;
  } catch (error) {
    console.error(explain(error, databaseUrl));
    return 1;
  }
}

/** Tells each fault on a line of its own; true when there is one. A database that is missing or behind is none. */
async function reportFaults(settings: Settings): Promise<boolean> {
  const faults = await fileFaults();
  const database = faults.length === 0 ? await openExisting(settings) : undefined;
  if (database) {
    try {
      faults.push(...(await databaseDamage(database, await readMigrations())));
    } finally {
      await database.close();
    }
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) console.error('Nothing was changed.');
  return faults.length > 0;
}
