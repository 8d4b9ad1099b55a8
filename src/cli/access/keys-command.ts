// `bun run keys create|list|revoke`: keys, for whoever has the machine.
import type { ParseArgsOptionsConfig } from 'node:util';
import { createKeys, longestKeyName } from '../../access/keys.ts';
import type { KeyRow } from '../../db/access/keys.ts';
import { escaped } from '../../log.ts';
import { isPlain, type Role, roles } from '../../words/access.ts';
import { type Command, type CommandInput, UsageError } from '../command-shape.ts';
import { runCommand } from '../run-command.ts';
import { agentsIn } from './agents-option.ts';
import { readLifetime } from './lifetime.ts';
import { namedOwner } from './owner-option.ts';
import { byCommand, withMigrated } from './with-migrated.ts';

const options = {
  owner: { type: 'string' },
  name: { type: 'string' },
  role: { type: 'string' },
  expires: { type: 'string' },
  agents: { type: 'string' },
} satisfies ParseArgsOptionsConfig;

const create: Command = {
  usage: `Usage: bun run keys create --owner NAME [--name TEXT] [--role ROLE] [--expires 90d] [--agents A,B]

Makes a key and prints it, this once: only its hash is kept. The owner, and the database, are made where they are
missing.

  --owner NAME   whose sessions it opens
  --name TEXT    what people call the key; the owner's name unless given
  --role ROLE    viewer reads, member (unless given) also writes, admin also looks after keys, limits, usage and audit;
                 service, for a backend, speaks for the owner that each request names in X-Owner
  --expires 90d  after so many days (d), weeks (w) or hours (h), or at a time such as 2027-01-31; never unless given
  --agents A,B   the agents that it may ask; all unless given`,
  options,
  run: async ({ values, settings }) => {
    const wanted = {
      owner: ownerOf(values),
      name: nameOf(values),
      role: roleOf(values),
      agents: agentsIn(textOf(values, 'agents')),
      expiresAt:
        textOf(values, 'expires') === undefined ? undefined : readLifetime(textOf(values, 'expires') ?? ''),
    };
    const { key, row } = await withMigrated(settings, (store) => createKeys(store).create(wanted, byCommand));
    console.error(describe(row));
    console.error('The key, shown this once:');
    // Alone on standard output, so that a script can take it.
    console.log(key);
    if (!settings.ways.includes('keys'))
      console.error('It opens nothing until the server is started with AUTH=keys.');
    return 0;
  },
};

const list: Command = {
  usage: `Usage: bun run keys list

Lists all keys, oldest first: none of them can be shown again.`,
  run: async ({ settings }) => {
    const rows = await withMigrated(settings, (store) => createKeys(store).list());
    for (const row of rows) console.log(describe(row));
    if (rows.length === 0) console.error('There are no keys: `bun run keys create --owner NAME` makes one.');
    return 0;
  },
};

const revoke: Command = {
  usage: `Usage: bun run keys revoke ID

Revokes a key: within five seconds no process lets it in, nor who signed in with it. \`bun run keys list\` tells the ids.`,
  positionals: 1,
  run: async ({ positionals: [id = ''], settings }) => {
    if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id))
      throw new UsageError(id === '' ? 'Which key? Give its id.' : `${id} is not the id of a key.`);
    const row = await withMigrated(settings, (store) =>
      createKeys(store).revoke(id.toLowerCase(), byCommand),
    );
    if (!row) throw new Error(`There is no key ${id}: \`bun run keys list\` lists those that there are.`);
    console.log(describe(row));
    return 0;
  },
};

const overview = `Usage: bun run keys COMMAND [OPTIONS]

  keys create   makes a key, and prints it once
  keys list     lists the keys
  keys revoke   takes a key back

Each has --help. Exit codes: 0 done, 1 failed, 2 wrong use.`;

process.exit(await runCommand({ create, list, revoke }, overview, process.argv.slice(2)));

type Values = CommandInput['values'];

function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value.trim() : undefined;
}

function ownerOf(values: Values): string {
  const owner = namedOwner(values);
  if (owner === undefined) throw new UsageError('Whose key is it? Give --owner NAME.');
  return owner;
}

function nameOf(values: Values): string | undefined {
  const name = textOf(values, 'name');
  if (name === undefined || (name !== '' && [...name].length <= longestKeyName && isPlain(name))) return name;
  throw new UsageError(`--name must have 1 to ${longestKeyName} characters, and no control characters.`);
}

function roleOf(values: Values): Role {
  const named = textOf(values, 'role') ?? 'member';
  const role = roles.find((one) => one === named);
  if (role) return role;
  throw new UsageError(`--role is ${JSON.stringify(named)}; it must be ${roles.join(', ')}.`);
}

function describe(row: KeyRow): string {
  const state = row.revokedAt
    ? `revoked ${day(row.revokedAt)}`
    : row.expiresAt
      ? `${row.expiresAt <= new Date() ? 'expired' : 'expires'} ${day(row.expiresAt)}`
      : 'never expires';
  const used = row.lastUsedAt ? `used ${day(row.lastUsedAt)}` : 'never used';
  const agents = row.agents ? [`agents ${row.agents.join(', ')}`] : [];
  const name = row.name === row.owner ? [] : [row.name];
  const told = [
    row.id,
    `${row.hint}…`,
    row.role,
    row.owner,
    ...name,
    ...agents,
    `made ${day(row.createdAt)}`,
    state,
    used,
  ];
  return escaped(told.join('  '));
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
