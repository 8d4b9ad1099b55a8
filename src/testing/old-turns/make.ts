/**
 * Made turns.sql and turns.json, with version 0.1.0 as it was before migration 0003, and is kept to tell how:
 *
 *     bun src/testing/old-turns/make.ts && bun run fix
 *
 * Turns of every kind happen on an embedded database. Its rows become turns.sql, with ids and times that are the same
 * each time. A second database with these rows is asked for what turns.json says. A later version makes other turns,
 * which are not the old ones: it refuses.
 */
import { writeFile } from 'node:fs/promises';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { migrate, runStatements } from '../../db/migrations/migrate.ts';
import { openPglite } from '../../db/open-pglite.ts';
import { scriptedModel } from '../scripted-model.ts';
import { dump } from './dump.ts';
import { playEnded } from './kinds.ts';
import { playIndexed, playSessions } from './kinds-of-sessions.ts';
import { playUnfinished } from './kinds-unfinished.ts';
import { oldMigration, oldTurnsPath } from './old-turns.ts';
import { openOldApp } from './open-old-app.ts';
import { record } from './record.ts';

const migrations = await readMigrations();
if (migrations.at(-1)?.tag !== oldMigration) {
  console.error(`The old turns are made with the version whose last migration is ${oldMigration}.`);
  process.exit(1);
}

const made = await openPglite();
await migrate(made, migrations);
const played = [
  ...(await playIndexed(made)),
  ...(await playEnded(made)),
  ...(await playSessions(made)),
  ...(await playUnfinished(made)),
];
const statements = await dump(made);

const asked = await openPglite();
await migrate(asked, migrations);
await runStatements(asked.db, statements);
const recorded = await record(await openOldApp(asked, scriptedModel()), played);

await writeFile(oldTurnsPath('turns.sql'), statements);
await writeFile(oldTurnsPath('turns.json'), `${JSON.stringify(recorded, null, 2)}\n`);
process.exit(0);
