// `bun run sign-ins list|end`: who is signed in on the page, for whoever has the machine.
import { endSignIns } from '../../access/sign-ins.ts';
import type { SignInRow } from '../../db/access/sign-ins.ts';
import { type Command, UsageError } from '../command-shape.ts';
import { runCommand } from '../run-command.ts';
import { namedOwner } from './owner-option.ts';
import { byCommand, withMigrated } from './with-migrated.ts';

const options = { owner: { type: 'string' } } as const;
/** More than one screen shows nobody anything. */
const most = 1000;

const list: Command = {
  usage: `Usage: bun run sign-ins list [--owner NAME]

Lists who is signed in on the page, newest first, at most ${most}.

  --owner NAME   this owner's alone`,
  options,
  run: async ({ values, settings }) => {
    const query = { limit: most, owner: namedOwner(values) };
    const rows = await withMigrated(settings, (store) => store.signIns.list(query));
    for (const row of rows) console.log(describe(row));
    if (rows.length === 0) console.error('Nobody is signed in.');
    return 0;
  },
};

const end: Command = {
  usage: `Usage: bun run sign-ins end --owner NAME

Ends all sign-ins of an owner: within five seconds no process lets anybody in by one, and streams are cut. Who may still
come in signs in again, with the role that they have then. Keys stay: \`bun run keys revoke\` takes those.

  --owner NAME   whose`,
  options,
  run: async ({ values, settings }) => {
    const owner = namedOwner(values);
    if (owner === undefined) throw new UsageError('Whose? Give --owner NAME.');
    const count = await withMigrated(settings, (store) => endSignIns(store, { owner }, byCommand));
    console.log(`${count} ended`);
    return 0;
  },
};

const overview = `Usage: bun run sign-ins COMMAND [OPTIONS]

  sign-ins list   lists who is signed in on the page
  sign-ins end    ends an owner's sign-ins

Each has --help. Exit codes: 0 done, 1 failed, 2 wrong use.`;

process.exit(await runCommand({ list, end }, overview, process.argv.slice(2)));

function describe(row: SignInRow): string {
  return [
    row.owner,
    row.role,
    row.key === null ? row.way : `${row.way} ${row.key}`,
    `since ${day(row.createdAt)}`,
    `until ${day(row.expiresAt)}`,
  ].join('  ');
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
