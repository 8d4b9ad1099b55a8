// Queries on chat_sign_ins: what the page's cookies stand for. One that came by a key may what that key may now.
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { Role, Way } from '../../words/access.ts';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { as, cte, param } from '../prepared.ts';
import { chatKeys, chatOwners, chatSignIns } from '../schema.ts';
import { type AuditEntry, auditPart, auditValues } from './audit.ts';
import { isGoodKey } from './keys.ts';

export type NewSignIn = {
  id: string;
  owner: Owner;
  hash: string;
  way: Way;
  role: Role;
  /** The key that it came by. */
  key: string | null;
  expiresAt: Date;
};

export type FoundSignIn = {
  id: string;
  owner: Owner;
  ownerName: string;
  way: Way;
  role: Role;
  key: string | null;
  agents: string[] | null;
  expiresAt: Date;
};

/** One that is good now. */
export type SignInRow = {
  id: string;
  /** The owner's name. */
  owner: string;
  way: Way;
  role: Role;
  key: string | null;
  createdAt: Date;
  expiresAt: Date;
};

export type SignInQueries = ReturnType<typeof signInQueries>;

export function signInQueries(db: Db) {
  const find = prepareFind(db);
  const create = prepareCreate(db);
  const end = prepareEnd(db);
  const endOf = prepareEndOf(db);
  const good = prepareGood(db);
  return {
    /** The sign-in with this hash, if it is good now, and its key is. */
    find: async (hash: string): Promise<FoundSignIn | undefined> => (await find.execute({ hash }))[0],

    /** Those that have expired go. */
    create: async (signIn: NewSignIn, audit: AuditEntry): Promise<void> => {
      const expiresAt = signIn.expiresAt.toISOString();
      await create.execute({ ...signIn, expiresAt, ...auditValues(audit) });
    },

    end: async (hash: string, audit: AuditEntry): Promise<void> => {
      await end.execute({ hash, ...auditValues(audit) });
    },

    /** Up to `limit` of those that are good now, newest first, before the id `before`; with `owner`, that one's. */
    list: (query: {
      limit: number;
      before?: string | undefined;
      owner?: string | undefined;
    }): Promise<SignInRow[]> =>
      db
        .select({
          id: chatSignIns.id,
          owner: chatOwners.name,
          way: chatSignIns.way,
          role: sql<Role>`coalesce(${chatKeys.role}, ${chatSignIns.role})`,
          key: chatSignIns.keyId,
          createdAt: chatSignIns.createdAt,
          expiresAt: chatSignIns.expiresAt,
        })
        .from(chatSignIns)
        .innerJoin(chatOwners, eq(chatOwners.id, chatSignIns.ownerId))
        .leftJoin(
          chatKeys,
          and(eq(chatKeys.ownerId, chatSignIns.ownerId), eq(chatKeys.id, chatSignIns.keyId)),
        )
        .where(
          and(
            isGoodSignIn,
            query.before === undefined ? undefined : lt(chatSignIns.id, query.before),
            query.owner === undefined ? undefined : eq(chatOwners.name, query.owner),
          ),
        )
        .orderBy(desc(chatSignIns.id))
        .limit(query.limit),

    /** All of the owner of this name, or with `id` that one of them. How many there were; with any, one entry is written. */
    endOf: async (
      { owner, id }: { owner: string; id?: string | undefined },
      audit: AuditEntry,
    ): Promise<number> => {
      const [row] = await endOf.execute({ owner, id: id ?? null, ...auditValues(audit) });
      return row?.count ?? 0;
    },

    /** Those of these hashes of keys and sign-ins that let somebody in now. */
    good: async (hashes: readonly string[]): Promise<string[]> =>
      (await good.execute({ hashes: JSON.stringify(hashes) })).map(({ hash }) => hash),
  };
}

/** Of a sign-in whose key, if it has one, is joined. */
const isGoodSignIn = sql`${chatSignIns.revokedAt} is null and ${chatSignIns.expiresAt} > now()
  and (${chatSignIns.keyId} is null or ${isGoodKey})`;

function prepareFind(db: Db) {
  const found = cte(
    db,
    'found',
    {
      id: as(chatSignIns.id),
      owner: as(chatSignIns.ownerId),
      ownerName: as(chatOwners.name),
      way: as(chatSignIns.way),
      role: sql<Role>`role`.as('role'),
      key: as(chatSignIns.keyId),
      agents: as(chatKeys.agents),
      expiresAt: as(chatSignIns.expiresAt),
    },
    sql`select ${chatSignIns.id}, ${chatSignIns.ownerId}, ${chatOwners.name}, ${chatSignIns.way},
        coalesce(${chatKeys.role}, ${chatSignIns.role}) as role, ${chatSignIns.keyId}, ${chatKeys.agents},
        ${chatSignIns.expiresAt}
      from ${chatSignIns}
      join ${chatOwners} on ${chatOwners.id} = ${chatSignIns.ownerId}
      left join ${chatKeys} on ${chatKeys.ownerId} = ${chatSignIns.ownerId} and ${chatKeys.id} = ${chatSignIns.keyId}
      where ${chatSignIns.hash} = ${param('hash', 'text')} and ${isGoodSignIn}`,
  );
  return db.with(found).select().from(found).prepare('sign_in_find');
}

function prepareCreate(db: Db) {
  const made = cte(
    db,
    'made',
    { id: as(chatSignIns.id) },
    sql`insert into ${chatSignIns} (owner_id, id, hash, way, role, key_id, expires_at)
      values (${param('owner', 'int')}, ${param('id', 'uuid')}, ${param('hash', 'text')}, ${param('way', 'text')},
        ${param('role', 'text')}, ${param('key', 'uuid')}, ${param('expiresAt', 'text')}::timestamptz)
      returning id`,
  );
  const expired = cte(
    db,
    'expired',
    { id: as(chatSignIns.id) },
    sql`delete from ${chatSignIns} where expires_at < now() returning id`,
  );
  return db.with(made, expired, auditPart(db, sql`made`)).select().from(made).prepare('sign_in_create');
}

function prepareEnd(db: Db) {
  const ended = cte(
    db,
    'ended',
    { id: as(chatSignIns.id) },
    sql`update ${chatSignIns} set revoked_at = now() where hash = ${param('hash', 'text')} and revoked_at is null
      returning id`,
  );
  return db.with(ended, auditPart(db, sql`ended`)).select().from(ended).prepare('sign_in_end');
}

function prepareEndOf(db: Db) {
  const ended = cte(
    db,
    'ended',
    { id: as(chatSignIns.id) },
    sql`update ${chatSignIns} set revoked_at = now()
      where owner_id = (select id from ${chatOwners} where name = ${param('owner', 'text')})
        and (${param('id', 'uuid')} is null or id = ${param('id', 'uuid')})
        and revoked_at is null and expires_at > now()
      returning id`,
  );
  return db
    .with(ended, auditPart(db, sql`(select 1 from ended limit 1) as any_ended`))
    .select({ count: sql<number>`count(*)::int` })
    .from(ended)
    .prepare('sign_ins_end');
}

function prepareGood(db: Db) {
  const asked = sql`(select value from json_array_elements_text(${param('hashes', 'json')}))`;
  const good = cte(
    db,
    'good',
    { hash: as(chatKeys.hash) },
    sql`select hash from ${chatKeys} where hash in ${asked} and ${isGoodKey}
      union all
      select ${chatSignIns.hash} from ${chatSignIns}
        left join ${chatKeys} on ${chatKeys.ownerId} = ${chatSignIns.ownerId} and ${chatKeys.id} = ${chatSignIns.keyId}
        where ${chatSignIns.hash} in ${asked} and ${isGoodSignIn}`,
  );
  return db.with(good).select().from(good).prepare('sign_ins_good');
}
