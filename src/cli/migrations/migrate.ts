// `db:migrate`: applies what is pending, or a part of it.

import { type Command, tagOf } from '../command-shape.ts';
import { migrateTold, openUnmigrated } from '../database/open-database.ts';
import { describeAdopted, tellAdoption } from '../database/tell-adoption.ts';
import { readMigrations } from './read-migrations.ts';
import { requireLedger } from './stands-at.ts';

export const migrateCommand: Command = {
  usage: `Usage: bun run db:migrate [--to TAG] [--env FILE]

Applies the migrations that are pending, all of them or none. Makes the database if it is missing.

  --to TAG     go no further than TAG: 0001_comments, or its number, 0001 or 1`,
  options: { to: { type: 'string' } },
  async run({ values, settings }) {
    const migrations = await readMigrations();
    const to = typeof values.to === 'string' ? { to: tagOf(values.to, migrations) } : {};
    const { database, created } = await openUnmigrated(settings);
    try {
      await requireLedger(database.db, migrations);
      const told = tellAdoption(settings, (line) => process.stderr.write(`${line}\n`));
      const { applied, adopted } = await migrateTold(database, migrations, { ...told, ...to });
      console.log(`Database    ${database.description}${created ? ' (made now)' : ''}`);
      console.log(
        applied.length > 0
          ? `Migrations  applied ${applied.join(', ')}`
          : `Migrations  ${to.to === undefined ? 'up to date' : `it stands at ${to.to} already`}`,
      );
      if (adopted) console.log(`Adopted     ${describeAdopted(adopted)}`);
    } finally {
      await database.close();
    }
    return 0;
  },
};
