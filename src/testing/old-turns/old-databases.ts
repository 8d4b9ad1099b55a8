// Databases of a test's own, with the old turns in them, brought up to this version.
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import type { Database } from '../../db/database.ts';
import { migrate, runStatements } from '../../db/migrations/migrate.ts';
import { openPglite } from '../../db/open-pglite.ts';
import { openPostgres } from '../../db/postgres/open-postgres.ts';
import { createTestDatabase, testServerUrl } from '../databases.ts';
import { oldMigration, readOldTurns } from './old-turns.ts';

type OldDatabase = [name: 'embedded' | 'postgres', open: () => Promise<Database>];

const embedded: OldDatabase = ['embedded', () => withOldTurns(openPglite())];
const server: OldDatabase = [
  'postgres',
  async () => withOldTurns(openPostgres({ url: await createTestDatabase(), poolMax: 4, prepare: true })),
];

/** Each kind there is. Whoever opens one closes it. */
export const oldDatabases: OldDatabase[] = testServerUrl === undefined ? [embedded] : [embedded, server];

async function withOldTurns(opening: Promise<Database> | Database): Promise<Database> {
  const [database, migrations, { statements }] = [
    await opening,
    await readMigrations(),
    await readOldTurns(),
  ];
  await migrate(database, migrations, { to: oldMigration });
  await runStatements(database.db, statements);
  await migrate(database, migrations);
  return database;
}
