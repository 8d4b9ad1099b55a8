// `bun src/cli/db.ts <command>`: the commands of the migrations.
import type { Command } from '../command-shape.ts';
import { runCommand } from '../run-command.ts';
import { check } from './check.ts';
import { generate } from './generate.ts';
import { current, history } from './history.ts';
import { migrateCommand } from './migrate.ts';
import { rollbackCommand } from './rollback.ts';

const commands: Record<string, Command> = {
  migrate: migrateCommand,
  rollback: rollbackCommand,
  history,
  current,
  check,
  generate,
};

const overview = `Usage: bun run db:COMMAND [OPTIONS]

  db:migrate    applies the migrations that are pending
  db:rollback   takes migrations back
  db:history    lists the migrations, and which of them are applied
  db:current    says which migration the database stands at
  db:check      says whether files, database and schema agree
  db:generate   writes the next migration from src/db/schema.ts

Each has --help. Exit codes: 0 done, 1 failed, 2 wrong use.`;

process.exit(await runCommand(commands, overview, process.argv.slice(2)));
