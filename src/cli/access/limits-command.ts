// `bun run limits set|list|remove`: what owners and keys may use, for whoever has the machine.
import type { ParseArgsOptionsConfig } from 'node:util';
import { createLimits, type LimitsName } from '../../access/limits.ts';
import { Failure } from '../../chat/failure.ts';
import type { Store } from '../../db/store.ts';
import { escaped } from '../../log.ts';
import type { Settings } from '../../settings.ts';
import { everyOwner } from '../../words/access.ts';
import { type LimitName, type LimitValues, limitNames } from '../../words/limits.ts';
import { type Command, type CommandInput, UsageError } from '../command-shape.ts';
import { runCommand } from '../run-command.ts';
import { agentsIn } from './agents-option.ts';
import { namedOwner } from './owner-option.ts';
import { byCommand, withMigrated } from './with-migrated.ts';

const optionOf = (name: LimitName): string => name.replaceAll('_', '-');

const whose = { owner: { type: 'string' }, key: { type: 'string' } } satisfies ParseArgsOptionsConfig;

const set: Command = {
  usage: `Usage: bun run limits set --owner NAME [--key ID] [--turns-per-day 100] …

Sets what somebody may use, instead of any limits that were set for them before. They hold in every process at once.

  --owner NAME                whose; ${everyOwner} for all who have no limits of their own
  --key ID                    of this key of theirs, beside the owner's
  --requests-per-minute N     requests of any kind in a minute
  --running-turns N           turns that run or wait at once
  --turns-per-day N           turns that begin in a day (UTC)
  --tokens-per-day N          tokens of prompts and replies in a day
  --cost-per-month AMOUNT     by the prices in the model's file
  --agents A,B                the agents that may be asked
What is left out is not limited.`,
  options: {
    ...whose,
    agents: { type: 'string' },
    ...Object.fromEntries(limitNames.map((name) => [optionOf(name), { type: 'string' }] as const)),
  },
  run: async ({ values, settings }) => {
    const name = nameIn(values);
    const limits = limitsIn(values);
    await withLimits(settings, (all) => all.set(name, limits, byCommand));
    console.log(describe(name, limits));
    return 0;
  },
};

const list: Command = {
  usage: `Usage: bun run limits list

Lists all limits that were set, the default (${everyOwner}) first.`,
  run: async ({ settings }) => {
    const rows = await withLimits(settings, (all) => all.list());
    for (const { owner, key, ...limits } of rows)
      console.log(describe({ owner: owner ?? everyOwner, key: key ?? undefined }, limits));
    if (rows.length === 0) console.error('There are no limits: everybody may use as much as they like.');
    return 0;
  },
};

const remove: Command = {
  usage: `Usage: bun run limits remove --owner NAME [--key ID]

Takes limits back: an owner has the default's again, a key none.

  --owner NAME   whose; ${everyOwner} for the default
  --key ID       of this key of theirs`,
  options: whose,
  run: async ({ values, settings }) => {
    const name = nameIn(values);
    if (await withLimits(settings, (all) => all.remove(name, byCommand))) return 0;
    throw new Error('There are no such limits: `bun run limits list` lists those that there are.');
  },
};

const overview = `Usage: bun run limits COMMAND [OPTIONS]

  limits set      sets what an owner or a key may use
  limits list     lists the limits
  limits remove   takes limits back

Each has --help. Exit codes: 0 done, 1 failed, 2 wrong use.`;

process.exit(await runCommand({ set, list, remove }, overview, process.argv.slice(2)));

type Values = CommandInput['values'];

function withLimits<T>(
  settings: Settings,
  use: (limits: ReturnType<typeof createLimits>) => Promise<T>,
): Promise<T> {
  return withMigrated(settings, (store: Store) => use(createLimits(store))).catch((error: unknown) => {
    const code = error instanceof Failure ? error.code : undefined;
    if (code === 'key_not_found')
      throw new Error('That owner has no such key: `bun run keys list` lists them.');
    if (code === 'owner_not_found')
      throw new Error('There is no such owner: `bun run limits list` lists the limits that there are.');
    throw error;
  });
}

function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value.trim() : undefined;
}

function nameIn(values: Values): LimitsName {
  const owner = namedOwner(values, everyOwner);
  if (owner === undefined)
    throw new UsageError(`Whose? Give --owner NAME, or --owner '${everyOwner}' for all.`);
  const key = textOf(values, 'key')?.toLowerCase();
  if (key !== undefined && !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(key))
    throw new UsageError(`${key} is not the id of a key.`);
  return { owner, key };
}

function limitsIn(values: Values): LimitValues {
  const read = (name: LimitName): number | null => {
    const text = textOf(values, optionOf(name));
    if (text === undefined) return null;
    const isNumber = name === 'cost_per_month' ? /^\d{1,12}(\.\d{1,6})?$/ : /^\d{1,10}$/;
    if (isNumber.test(text)) return Number(text);
    throw new UsageError(
      `--${optionOf(name)} is ${JSON.stringify(text)}; it must be ${name === 'cost_per_month' ? 'an amount such as 20 or 0.5' : 'a whole number, 0 or more'}.`,
    );
  };
  const limits: LimitValues = {
    requests_per_minute: read('requests_per_minute'),
    running_turns: read('running_turns'),
    turns_per_day: read('turns_per_day'),
    tokens_per_day: read('tokens_per_day'),
    cost_per_month: read('cost_per_month'),
    agents: agentsIn(textOf(values, 'agents')) ?? null,
  };
  if (Object.values(limits).every((limit) => limit === null))
    throw new UsageError('Which limit? Give at least one; `limits remove` takes them back.');
  return limits;
}

function describe({ owner, key }: LimitsName, limits: LimitValues): string {
  const told = limitNames.flatMap((name) =>
    limits[name] === null ? [] : [`${name.replaceAll('_', ' ')} ${limits[name]}`],
  );
  const agents = limits.agents ? [`agents ${limits.agents.join(', ')}`] : [];
  return escaped([owner, ...(key === undefined ? [] : [`key ${key}`]), ...told, ...agents].join('  '));
}
