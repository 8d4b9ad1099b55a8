// An admin's calls, by name.
import { record, textOf } from '../api/json.ts';
import { nextQuery } from '../api/link-header.ts';
import { readJson, request, requestJson } from '../api/request.ts';
import { readAll } from '../api/wire.ts';
import {
  type AuditEntry,
  type Key,
  type KeyRole,
  type Limits,
  type Owner,
  readAuditEntry,
  readKey,
  readLimits,
  readOwner,
  readSignIn,
  readUsage,
  type SignIn,
  type UsageRow,
} from './wire.ts';

/** One page of a list, and the address of the next. */
export type Part<T> = { rows: T[]; next: string | null };

async function part<T>(path: string, query: string, read: (one: unknown) => T): Promise<Part<T>> {
  const response = await request(path + query);
  return {
    rows: readAll(await readJson(response), read),
    next: nextQuery(response.headers.get('Link')),
  };
}

const queryOf = (values: Record<string, string>): string => {
  const given = Object.entries(values).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
};

export const listKeys = async (): Promise<Key[]> => readAll(await requestJson('api/admin/keys'), readKey);

export type NewKey = {
  owner: string;
  name: string;
  role: KeyRole;
  expiresAt: string | null;
  agents: string[] | null;
};

/** The key itself, which is told this once. */
export async function createKey({ owner, name, role, expiresAt, agents }: NewKey): Promise<string> {
  const body = {
    owner,
    role,
    ...(name === '' ? {} : { name }),
    ...(expiresAt === null ? {} : { expires_at: expiresAt }),
    ...(agents === null ? {} : { agents }),
  };
  return textOf(record(await requestJson('api/admin/keys', { method: 'POST', body })).key);
}

export const revokeKey = (id: string): Promise<Response> =>
  request(`api/admin/keys/${encodeURIComponent(id)}`, { method: 'DELETE' });

export const listSignIns = (owner: string, next: string | null): Promise<Part<SignIn>> =>
  part('api/admin/sign-ins', next ?? queryOf({ limit: '100', owner }), readSignIn);

/** `id` null: all of the owner's. */
export const endSignIns = (owner: string, id: string | null): Promise<Response> =>
  request(`api/admin/sign-ins/${encodeURIComponent(owner)}${queryOf({ id: id ?? '' })}`, {
    method: 'DELETE',
  });

export const listOwners = (containing: string, next: string | null): Promise<Part<Owner>> =>
  part('api/admin/owners', next ?? queryOf({ limit: '50', q: containing }), readOwner);

/** Whose limits: an owner's, `*` for everybody who has none of their own, or those of one of the owner's keys. */
export type LimitsOf = { owner: string; key: Key | null };

const limitsPath = ({ owner, key }: LimitsOf) =>
  `api/admin/limits/${encodeURIComponent(owner)}${queryOf({ key: key?.id ?? '' })}`;

export const getLimits = async (of: LimitsOf): Promise<Limits> =>
  readLimits(await requestJson(limitsPath(of)));

/** Where none is left, the default holds again for an owner, as for who never had any, and none for a key. */
export const setLimits = (of: LimitsOf, limits: Limits): Promise<Response> =>
  Object.values(limits).every((limit) => limit === null)
    ? request(limitsPath(of), { method: 'DELETE' })
    : request(limitsPath(of), { method: 'PUT', body: limits });

export type UsageBy = 'day' | 'model' | 'agent' | 'owner';
export type Period = { from: string; to: string };

export const getUsage = async (by: UsageBy, period: Period, owner = ''): Promise<UsageRow[]> =>
  readUsage(await requestJson(`api/usage${queryOf({ by, ...period, owner })}`), by);

export const listAudit = (
  filter: { owner: string; action: string },
  next: string | null,
): Promise<Part<AuditEntry>> =>
  part('api/admin/audit', next ?? queryOf({ limit: '100', ...filter }), readAuditEntry);
