// Queries on chat_keys. A key itself is never here: only the hash that it is recognised by.
import { asc, eq, sql } from 'drizzle-orm';
import type { Role } from '../../words/access.ts';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { as, cte, param, texts } from '../prepared.ts';
import { chatKeys, chatOwners } from '../schema.ts';
import { type AuditEntry, auditPart, auditValues } from './audit.ts';

export type NewKey = {
  id: string;
  owner: Owner;
  hash: string;
  hint: string;
  name: string;
  role: Role;
  /** Null for all. */
  agents: string[] | null;
  expiresAt: Date | null;
};

export type KeyRow = Omit<NewKey, 'owner' | 'hash'> & {
  /** The owner's name. */
  owner: string;
  createdAt: Date;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};

/** What a key that is good now lets its bearer be. */
export type FoundKey = {
  id: string;
  owner: Owner;
  ownerName: string;
  role: Role;
  agents: string[] | null;
  expiresAt: Date | null;
};

export type KeyQueries = ReturnType<typeof keyQueries>;

/** True of a key that lets in: neither revoked nor expired. */
export const isGoodKey = sql`${chatKeys.revokedAt} is null and (${chatKeys.expiresAt} is null or ${chatKeys.expiresAt} > now())`;

const columns = {
  id: chatKeys.id,
  owner: chatOwners.name,
  hint: chatKeys.hint,
  name: chatKeys.name,
  role: chatKeys.role,
  agents: chatKeys.agents,
  createdAt: chatKeys.createdAt,
  expiresAt: chatKeys.expiresAt,
  revokedAt: chatKeys.revokedAt,
  lastUsedAt: chatKeys.lastUsedAt,
};

export function keyQueries(db: Db) {
  const find = prepareFind(db);
  const create = prepareCreate(db);
  const revoke = prepareRevoke(db);
  const rows = () =>
    db.select(columns).from(chatKeys).innerJoin(chatOwners, eq(chatOwners.id, chatKeys.ownerId));
  const one = async (id: string): Promise<KeyRow | undefined> => (await rows().where(eq(chatKeys.id, id)))[0];

  return {
    /** The key with this hash, if it lets in now. That it was used is noted, at most once a minute. */
    find: async (hash: string): Promise<FoundKey | undefined> => (await find.execute({ hash }))[0],

    create: async (key: NewKey, audit: AuditEntry): Promise<KeyRow> => {
      const agents = key.agents && JSON.stringify(key.agents);
      const expiresAt = key.expiresAt?.toISOString() ?? null;
      await create.execute({ ...key, agents, expiresAt, ...auditValues(audit) });
      const made = await one(key.id);
      if (!made) throw new Error('the key that was made is not there');
      return made;
    },

    /** All of them, oldest first. */
    list: (): Promise<KeyRow[]> => rows().orderBy(asc(chatKeys.createdAt), asc(chatKeys.id)),

    /** The key as it is then; undefined where there is none. One that is revoked stays as it is. */
    revoke: async (id: string, audit: AuditEntry): Promise<KeyRow | undefined> => {
      await revoke.execute({ id, ...auditValues(audit) });
      return one(id);
    },
  };
}

function prepareFind(db: Db) {
  const found = cte(
    db,
    'found',
    {
      id: as(chatKeys.id),
      owner: as(chatKeys.ownerId),
      ownerName: as(chatOwners.name),
      role: as(chatKeys.role),
      agents: as(chatKeys.agents),
      expiresAt: as(chatKeys.expiresAt),
    },
    sql`select ${chatKeys.id}, ${chatKeys.ownerId}, ${chatOwners.name}, ${chatKeys.role}, ${chatKeys.agents},
        ${chatKeys.expiresAt}, ${chatKeys.lastUsedAt}
      from ${chatKeys} join ${chatOwners} on ${chatOwners.id} = ${chatKeys.ownerId}
      where ${chatKeys.hash} = ${param('hash', 'text')} and ${isGoodKey}`,
  );
  const used = cte(
    db,
    'used',
    { id: as(chatKeys.id) },
    sql`update ${chatKeys} set last_used_at = now() from found
      where ${chatKeys.ownerId} = found.owner_id and ${chatKeys.id} = found.id
        and (found.last_used_at is null or found.last_used_at < now() - interval '1 minute')
      returning ${chatKeys.id}`,
  );
  return db.with(found, used).select().from(found).prepare('key_find');
}

function prepareCreate(db: Db) {
  const made = cte(
    db,
    'made',
    { id: as(chatKeys.id) },
    sql`insert into ${chatKeys} (owner_id, id, hash, hint, name, role, agents, expires_at)
      values (${param('owner', 'int')}, ${param('id', 'uuid')}, ${param('hash', 'text')}, ${param('hint', 'text')},
        ${param('name', 'text')}, ${param('role', 'text')},
        ${texts('agents')},
        ${param('expiresAt', 'text')}::timestamptz)
      returning id`,
  );
  return db.with(made, auditPart(db, sql`made`)).select().from(made).prepare('key_create');
}

function prepareRevoke(db: Db) {
  const revoked = cte(
    db,
    'revoked',
    { id: as(chatKeys.id) },
    sql`update ${chatKeys} set revoked_at = now() where id = ${param('id', 'uuid')} and revoked_at is null returning id`,
  );
  return db.with(revoked, auditPart(db, sql`revoked`)).select().from(revoked).prepare('key_revoke');
}
