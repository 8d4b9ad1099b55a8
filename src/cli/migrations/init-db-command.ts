// `bun run init-db [--env FILE] [--no-fix]`: makes the database if it is missing, mends what is damaged and can be
// mended, and brings it up to date.
import { parseArgs } from 'node:util';
import type { Migration } from '../../db/migrations/migration.ts';
import { readSettings, type Settings } from '../../settings.ts';
import { tagOf, UsageError, withDatabase } from '../command-shape.ts';
import { bringUpToDate, openUnmigrated } from '../database/open-database.ts';
import { describeAdopted } from '../database/tell-adoption.ts';
import { explain } from '../explain.ts';
import { namedEnvironment } from '../named-environment.ts';
import { databaseFaults, tableDamage } from './check-database.ts';
import { faultsOf, fileFaults } from './check-files.ts';
import { writeFirst } from './generate.ts';
import { isBare, type MigrationFiles, migrationsOf } from './migration-files.ts';
import { readCopy } from './migrations-copy.ts';
import { readFolder, readMigrations } from './read-migrations.ts';
import { mended, restoreFiles } from './restore-migrations.ts';
import { parseSnapshot, snapshotFile } from './snapshots.ts';

const usage = `Usage: bun run init-db [--env FILE] [--no-fix] [--stands-at TAG]

Makes the database if it is missing, adopts one of the FastAPI application, and applies the migrations that are
pending. Damaged files in migrations/ and a missing ledger are restored first.
Safe to run at any time, any number of times, from several machines at once.

  --env FILE       read settings from FILE instead of .env (which may be missing);
                   what FILE says wins over variables of the environment
  --no-fix         mend, make and apply nothing: say what is wrong or missing, and exit with 1 if anything is
  --stands-at TAG  the last migration that was applied to a database whose ledger is missing, where its tables
                   cannot tell
  -h, --help       show this`;

process.exit(await main());

/** The exit code: 0 done, 1 failed, 2 wrong use. */
async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;
  let databaseUrl: string | undefined;
  try {
    const environment = options.env === undefined ? process.env : await namedEnvironment(options.env);
    const settings = readSettings(environment);
    databaseUrl = settings.databaseUrl;
    return await (options['no-fix'] ? report(settings) : initialize(settings, options['stands-at']));
  } catch (error) {
    console.error(explain(error, databaseUrl));
    return error instanceof UsageError ? 2 : 1;
  }
}

/** What the command line says, or the exit code that ends it. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        env: { type: 'string' },
        'no-fix': { type: 'boolean' },
        'stands-at': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.env === '') throw new Error('--env names no file.');
    if (!values.help) return values;
    console.log(usage);
    return 0;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
}

/** Mends the files, then the database. What cannot be mended stops it before anything is made. */
async function initialize(settings: Settings, standsAt: string | undefined): Promise<number> {
  const copy = await readCopy();
  const restored = await restoreFiles(copy);
  if (restored.length > 0)
    console.log(`Restored    ${restored.map((name) => `migrations/${name}`).join(', ')}`);
  if (isBare(await readFolder())) await writeFirst();
  const faults = await fileFaults();
  if (faults.length > 0) return tell([...faults, 'The database was left as it is.']);
  const migrations = await readMigrations();
  const { database, created } = await openUnmigrated(settings);
  try {
    const damage = await tableDamage(database, migrations);
    if (damage.length > 0) return tell([...damage, 'The database was left as it is.']);
    const chosen = standsAt === undefined ? undefined : tagOf(standsAt, migrations);
    const { repaired, applied, adopted } = await bringUpToDate(settings, database, migrations, chosen);
    console.log(`Database    ${database.description}${created ? ' (made now)' : ''}`);
    if (repaired) console.log(`Ledger      restored: the tables are those of ${repaired}`);
    else if (chosen !== undefined)
      console.log('Ledger      as it was: --stands-at is only for one that is missing');
    console.log(
      applied.length === 0 ? 'Migrations  up to date' : `Migrations  applied ${applied.join(', ')}`,
    );
    if (adopted) console.log(`Adopted     ${describeAdopted(adopted)}`);
    return 0;
  } finally {
    await database.close();
  }
}

/** Says all that is wrong with the files and the database, and what they lack. Changes nothing. */
async function report(settings: Settings): Promise<number> {
  const copy = await readCopy();
  const files = await readFolder();
  const faults = faultsOf(files, copy).map(({ sentence }) => sentence);
  // The database is held against what the files would be once they are mended.
  const whole = mended(files, copy);
  const migrations = readWhole(whole);
  if (migrations) {
    const snapshotOf = async (tag: string) => parseSnapshot(whole[snapshotFile(tag)]);
    const found = withDatabase(settings, (database) => databaseFaults(database, migrations, snapshotOf));
    faults.push(...(await found.catch((error) => [explain(error, settings.databaseUrl)])));
  }
  if (faults.length > 0) return tell([...faults, 'Nothing was changed.']);
  console.log('Everything agrees.');
  return 0;
}

/** Undefined where faults of the files forbid to read them. */
function readWhole(files: MigrationFiles): Migration[] | undefined {
  try {
    return migrationsOf(files);
  } catch {
    return undefined;
  }
}

function tell(faults: readonly string[]): number {
  for (const fault of faults) console.error(fault);
  return 1;
}
