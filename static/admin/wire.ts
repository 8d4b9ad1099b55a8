// What the server tells an admin, as the page's own types.
import type { LimitName } from '../api/access.ts';
import { list, numberOf, record, textOf } from '../api/json.ts';

export const keyRoles = ['member', 'viewer', 'admin', 'service'] as const;
export type KeyRole = (typeof keyRoles)[number];

export type Key = {
  id: string;
  owner: string;
  name: string;
  role: KeyRole;
  /** How it begins. */
  hint: string;
  /** Null for all. */
  agents: string[] | null;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
};

export type SignIn = {
  id: string;
  owner: string;
  /** `keys` or `oidc`; a later server may have more. */
  way: string;
  role: KeyRole;
  /** The key that it came by. */
  keyId: string | null;
  /** Whether it is this page's own. */
  isCurrent: boolean;
  createdAt: string;
  expiresAt: string;
};

export type Owner = { name: string; createdAt: string; sessions: number };

export type Limits = Record<LimitName, number | null> & { agents: string[] | null };

export type UsageRow = {
  /** The day, model, agent or owner. */
  name: string;
  turns: number;
  promptTokens: number;
  completionTokens: number;
  estimatedTurns: number;
  cost: number;
};

export type AuditEntry = {
  id: string;
  at: string;
  actor: string;
  owner: string;
  way: string;
  action: string;
  target: string;
  address: string;
  requestId: string;
  details: string;
};

const orNull = (value: unknown): string | null => textOf(value) || null;
const names = (value: unknown): string[] | null => (Array.isArray(value) ? value.map(textOf) : null);

const readRole = (value: unknown): KeyRole => keyRoles.find((role) => role === value) ?? 'viewer';

export function readKey(value: unknown): Key {
  const key = record(value);
  return {
    id: textOf(key.id),
    owner: textOf(key.owner),
    name: textOf(key.name),
    role: readRole(key.role),
    hint: textOf(key.hint),
    agents: names(key.agents),
    createdAt: textOf(key.created_at),
    expiresAt: orNull(key.expires_at),
    revokedAt: orNull(key.revoked_at),
    lastUsedAt: orNull(key.last_used_at),
  };
}

export function readSignIn(value: unknown): SignIn {
  const signIn = record(value);
  return {
    id: textOf(signIn.id),
    owner: textOf(signIn.owner),
    way: textOf(signIn.way),
    role: readRole(signIn.role),
    keyId: orNull(signIn.key_id),
    isCurrent: signIn.current === true,
    createdAt: textOf(signIn.created_at),
    expiresAt: textOf(signIn.expires_at),
  };
}

export function readOwner(value: unknown): Owner {
  const owner = record(value);
  return {
    name: textOf(owner.name),
    createdAt: textOf(owner.created_at),
    sessions: numberOf(owner.session_count),
  };
}

export function readLimits(value: unknown): Limits {
  const limits = record(value);
  const limit = (name: LimitName) => (typeof limits[name] === 'number' ? numberOf(limits[name]) : null);
  return {
    requests_per_minute: limit('requests_per_minute'),
    running_turns: limit('running_turns'),
    turns_per_day: limit('turns_per_day'),
    tokens_per_day: limit('tokens_per_day'),
    cost_per_month: limit('cost_per_month'),
    agents: names(limits.agents),
  };
}

/** `by`: what the rows are grouped by, which is also the name of their first field. */
export const readUsage = (value: unknown, by: string): UsageRow[] =>
  list(Array.isArray(value) ? value : record(value).rows).map((one) => {
    const row = record(one);
    return {
      name: textOf(row[by]) || textOf(row.name),
      turns: numberOf(row.turns),
      promptTokens: numberOf(row.prompt_tokens),
      completionTokens: numberOf(row.completion_tokens),
      estimatedTurns: numberOf(row.estimated_turns),
      cost: numberOf(row.cost),
    };
  });

export function readAuditEntry(value: unknown): AuditEntry {
  const entry = record(value);
  const details = record(entry.details);
  return {
    id: String(entry.id ?? ''),
    at: textOf(entry.at),
    actor: textOf(entry.actor),
    owner: textOf(entry.owner),
    way: textOf(entry.way),
    action: textOf(entry.action),
    target: textOf(entry.target),
    address: textOf(entry.address),
    requestId: textOf(entry.request_id),
    details: Object.entries(details)
      .map(([name, of]) => `${name}: ${typeof of === 'string' ? of : JSON.stringify(of)}`)
      .join(', '),
  };
}
