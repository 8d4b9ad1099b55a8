// `db:rollback`: takes migrations back, and asks before data goes with them.
import { createInterface } from 'node:readline/promises';
import type { Kept } from '../../db/adopt/set-aside.ts';
import type { Database } from '../../db/database.ts';
import type { Loss } from '../../db/migrations/losses.ts';
import type { Migration } from '../../db/migrations/migration.ts';
import { type Rollback, rollback } from '../../db/migrations/rollback.ts';
import { type Command, tagOf, UsageError, withDatabase } from '../command-shape.ts';
import { waiting } from '../database/tell-adoption.ts';
import { appliedMigrations, currentTag } from './history.ts';
import { readMigrations } from './read-migrations.ts';
import { requireLedger } from './stands-at.ts';

export const rollbackCommand: Command = {
  usage: `Usage: bun run db:rollback [-N | TAG | base] [--yes] [--env FILE]

Takes migrations back by their ways down, all of them or none. Stop AgentChat before.
Says what data would be lost, and asks before it is.

  -N           the last N (default: -1)
  TAG          go back until TAG is the last that is applied: 0001_comments, or its number, 0001 or 1
  base         all of them
  --yes        do not ask`,
  options: { yes: { type: 'boolean' } },
  positionals: 1,
  async run({ values, positionals, settings }) {
    const migrations = await readMigrations();
    const goal = readGoal(positionals[0] ?? '-1', migrations);
    return withDatabase(settings, async (database) => {
      console.log(`Database    ${database.description}`);
      await requireLedger(database.db, migrations);
      const to = typeof goal === 'number' ? await stepsBack(database, migrations, goal) : goal.to;
      const result = await goBack(database, migrations, to, values.yes === true);
      if (!result?.done) return 1;
      console.log(`Took back   ${result.tags.length > 0 ? result.tags.join(', ') : 'nothing'}`);
      if (result.lost.length > 0) console.log(`Lost        ${result.lost.map(describeLoss).join(', ')}`);
      if (result.kept) console.log(`Brought back  ${describeKept(result.kept)}`);
      console.log(`Stands at   ${await currentTag(database, migrations)}`);
      return 0;
    });
  },
};

/** A number of steps, or the tag that is to be the last one (undefined: none). */
function readGoal(text: string, migrations: readonly Migration[]): number | { to: string | undefined } {
  if (text === 'base') return { to: undefined };
  if (!text.startsWith('-')) return { to: tagOf(text, migrations) };
  const steps = Number(text.slice(1));
  if (steps === 0) throw new UsageError('-0 takes nothing back.');
  return steps;
}

async function stepsBack(database: Database, migrations: readonly Migration[], steps: number) {
  const applied = await appliedMigrations(database, migrations);
  if (steps > applied.length) {
    throw new Error(
      applied.length === 0
        ? 'There is nothing to take back: no migration is applied.'
        : `Only ${applied.length} of the migrations are applied; to take back all of them, say base.`,
    );
  }
  return applied.at(-steps - 1)?.tag;
}

/** Undefined, or not done, when it may not go on; the reason has been told then. */
async function goBack(
  database: Database,
  migrations: readonly Migration[],
  to: string | undefined,
  yes: boolean,
): Promise<Rollback | undefined> {
  const tried = await rollback(
    database,
    migrations,
    to,
    () => yes,
    () => console.error(waiting),
  );
  if (tried.done) return tried;
  console.log(`Taking back ${tried.tags.join(', ')} loses`);
  for (const loss of tried.lost) console.log(`  ${describeLoss(loss)}`);
  if (tried.kept) console.log(`What comes back: ${describeKept(tried.kept)}`);
  else if (to === undefined)
    console.log('Nothing comes back: no tables of the FastAPI application are kept here.');
  if (!process.stdin.isTTY) {
    console.error('Nothing was changed: there is no terminal to ask on. Make a backup, then say --yes.');
    return undefined;
  }
  if (!(await ask('Go on? [y/N] '))) {
    console.error('Nothing was changed.');
    return undefined;
  }
  const told = new Set(tried.lost.map(({ what }) => what));
  const result = await rollback(database, migrations, to, (lost) => lost.every(({ what }) => told.has(what)));
  if (!result.done) console.error('Nothing was changed: by now more would be lost. Do it again.');
  return result;
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-D and Ctrl-C are a no.
  const gone = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([terminal.question(question), gone]);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function describeKept({ sessions, messages }: Kept): string {
  return `the FastAPI application's tables, as they were (${sessions} sessions, ${messages} messages)`;
}

/** `chat_messages: 208 rows` */
export function describeLoss({ what, count, unit }: Loss): string {
  return `${what}: ${count} ${count === 1 ? unit.slice(0, -1) : unit}`;
}
