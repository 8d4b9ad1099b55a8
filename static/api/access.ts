// The server's calls about who is calling: who it is, and signing in and out.
import { list, numberOf, record, textOf } from './json.ts';
import { requestJson } from './request.ts';

const roles = ['viewer', 'member', 'admin'] as const;
export type Role = (typeof roles)[number];

/** One thing that is limited: how much of it there may be, how much counts, and how much of that turns in flight hold. */
export type Allowance = { name: LimitName; most: number; used: number; held: number };

export const limitNames = [
  'requests_per_minute',
  'running_turns',
  'turns_per_day',
  'tokens_per_day',
  'cost_per_month',
] as const;
export type LimitName = (typeof limitNames)[number];

export type Used = { turns: number; tokens: number; cost: number };

export type Account = {
  owner: string;
  role: Role;
  /** `none`: everybody who reaches the server is the same one, and nobody signs in. */
  way: string;
  limits: Allowance[];
  /** What holds besides for the key that they signed in with. */
  keyLimits: Allowance[];
  today: Used | null;
  month: Used | null;
};

export type Ways = { keys: boolean; oidc: boolean; proxy: boolean };

const quick = { anybody: true, patienceMs: 8000 };

export const getAccount = async (): Promise<Account> => readAccount(await requestJson('api/me', quick));

export async function getWays(): Promise<Ways> {
  const ways = list(record(await requestJson('api/sign-in', quick)).ways);
  return { keys: ways.includes('keys'), oidc: ways.includes('oidc'), proxy: ways.includes('proxy') };
}

/** The key goes along once, and what comes back with the answer is a cookie that no script reads. */
export const signIn = async (key: string): Promise<Account> =>
  readAccount(await requestJson('api/sign-in', { method: 'POST', body: { key }, anybody: true }));

/** Where to go on, if the provider of the sign-in has to end it too. */
export async function signOut(): Promise<string | null> {
  const answer = record(await requestJson('api/sign-out', { method: 'POST' }));
  return textOf(answer.redirect) || null;
}

export function readAccount(value: unknown): Account {
  const me = record(value);
  const usage = record(me.usage);
  const today = usage.today ? readUsed(usage.today) : null;
  const month = usage.month ? readUsed(usage.month) : null;
  return {
    owner: textOf(me.owner),
    // Who may do less than is known here may read.
    role: roles.find((role) => role === me.role) ?? 'viewer',
    way: textOf(me.way),
    limits: readAllowances(record(me.limits), record(me.limits_used)),
    keyLimits: readAllowances(record(me.key_limits), record(me.key_limits_used)),
    today,
    month,
  };
}

const holds: { [Name in LimitName]?: string } = {
  tokens_per_day: 'held_tokens',
  cost_per_month: 'held_cost',
};

function readAllowances(limits: Record<string, unknown>, used: Record<string, unknown>): Allowance[] {
  return limitNames.flatMap((name) => {
    const most = limits[name];
    const held = numberOf(used[holds[name] ?? '']);
    return typeof most === 'number' ? [{ name, most, used: numberOf(used[name]), held }] : [];
  });
}

function readUsed(value: unknown): Used {
  const used = record(value);
  return {
    turns: numberOf(used.turns),
    tokens: numberOf(used.prompt_tokens) + numberOf(used.completion_tokens),
    cost: numberOf(used.cost),
  };
}
