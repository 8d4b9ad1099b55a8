// Queries on chat_limits: what an owner may, or a key, or whoever has no limits of their own.
import { asc, eq, sql } from 'drizzle-orm';
import type { LimitValues } from '../../words/limits.ts';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { as, cte, once, param, texts } from '../prepared.ts';
import { chatAllowances, chatKeys, chatLimits, chatOwners } from '../schema.ts';
import { prepareApplying } from './applying-limits.ts';
import { type AuditEntry, auditPart, auditValues } from './audit.ts';
import { thisMinute, zeroKey } from './periods.ts';

/** Whose: a key's, an owner's, or neither, which is the default. */
export type LimitsOf = { owner: Owner } | { key: string } | 'default';

export type LimitsRow = LimitValues & {
  /** The owner's name, or the key's owner's; null for the default. */
  owner: string | null;
  key: string | null;
  updatedAt: Date;
};

/** So many requests a minute, of the owner or key whose row of allowances this names. */
export type RequestLimit = { ownerId: Owner; keyId: string; limit: number };

export type LimitQueries = ReturnType<typeof limitQueries>;

const place = (of: LimitsOf) => ({
  owner: typeof of === 'object' && 'owner' in of ? of.owner : 0,
  keyId: typeof of === 'object' && 'key' in of ? of.key : zeroKey,
});

export function limitQueries(db: Db) {
  const set = prepareSet(db);
  const remove = prepareRemove(db);
  const take = prepareTake(db);
  const keysOwner = sql`(select owner_id from ${chatKeys} where id = ${chatLimits.keyId})`;
  const rows = () =>
    db
      .select({
        owner: chatOwners.name,
        key: chatLimits.keyId,
        requests_per_minute: chatLimits.requestsPerMinute,
        running_turns: chatLimits.runningTurns,
        turns_per_day: chatLimits.turnsPerDay,
        tokens_per_day: chatLimits.tokensPerDay,
        cost_per_month: chatLimits.costPerMonth,
        agents: chatLimits.agents,
        updatedAt: chatLimits.updatedAt,
      })
      .from(chatLimits)
      .leftJoin(
        chatOwners,
        sql`${chatOwners.id} = case when ${chatLimits.ownerId} <> 0 then ${chatLimits.ownerId} else ${keysOwner} end`,
      );
  const shown = (row: Awaited<ReturnType<typeof rows>>[number]): LimitsRow => ({
    ...row,
    key: row.key === zeroKey ? null : row.key,
  });

  return {
    /** Instead of any that there were; an owner who has a row has none of the default's. */
    set: async (of: LimitsOf, values: LimitValues, audit: AuditEntry): Promise<void> => {
      const agents = values.agents && JSON.stringify(values.agents);
      await set.execute({ ...place(of), ...values, agents, ...auditValues(audit) });
    },

    /** An owner has the default's again. False where there were none. */
    remove: async (of: LimitsOf, audit: AuditEntry): Promise<boolean> =>
      (await remove.execute({ ...place(of), ...auditValues(audit) })).length > 0,

    /** Those that apply to an owner's requests by a key, with what counts against them: none, one or two. */
    applying: prepareApplying(db),

    /**
     * Counts `count` requests in this minute, if that many are left: then `counted` is how many there are now, and else
     * null. `seconds` are left of the minute.
     */
    take: async (
      { ownerId, keyId, limit }: RequestLimit,
      count: number,
    ): Promise<{ counted: number | null; seconds: number }> => {
      const [row] = await take.execute({ owner: ownerId, keyId, limit, count });
      return row ?? { counted: null, seconds: 1 };
    },

    /** What holds for an owner: their own row, or else the default's; undefined where there is neither. */
    ofOwner: async (owner: Owner): Promise<LimitsRow | undefined> => {
      const [row] = await rows()
        .where(sql`${chatLimits.ownerId} in (0, ${owner}) and ${eq(chatLimits.keyId, zeroKey)}`)
        .orderBy(sql`${chatLimits.ownerId} desc`)
        .limit(1);
      return row && shown(row);
    },

    /** The row that is somebody's own. */
    find: async (of: LimitsOf): Promise<LimitsRow | undefined> => {
      const { owner, keyId } = place(of);
      const [row] = await rows().where(
        sql`${chatLimits.ownerId} = ${owner} and ${eq(chatLimits.keyId, keyId)}`,
      );
      return row && shown(row);
    },

    /** The default first, then by the owner's name. */
    list: async (): Promise<LimitsRow[]> =>
      (await rows().orderBy(sql`${chatOwners.name} nulls first`, asc(chatLimits.keyId))).map(shown),
  };
}

function prepareTake(db: Db) {
  const taken = cte(
    db,
    'taken',
    { requests: as(chatAllowances.requests) },
    sql`insert into ${chatAllowances} as allowance (owner_id, key_id, minute, requests)
      select ${param('owner', 'int')}, ${param('keyId', 'uuid')}, ${thisMinute}, ${param('count', 'int')}
      where ${param('count', 'int')} <= ${param('limit', 'int')}
      on conflict (owner_id, key_id) do update set
        requests = case when allowance.minute >= excluded.minute then allowance.requests else 0 end + excluded.requests,
        minute = greatest(allowance.minute, excluded.minute)
      where allowance.minute < excluded.minute or allowance.requests + excluded.requests <= ${param('limit', 'int')}
      returning requests`,
  );
  return db
    .with(taken)
    .select({
      counted: taken.requests,
      seconds: sql`60 - extract(second from now())`.mapWith(Number),
    })
    .from(once)
    .leftJoin(taken, sql`true`)
    .prepare('limits_take');
}

function prepareSet(db: Db) {
  const done = cte(
    db,
    'done',
    { owner: as(chatLimits.ownerId) },
    sql`insert into ${chatLimits} (owner_id, key_id, requests_per_minute, running_turns, turns_per_day, tokens_per_day,
        cost_per_month, agents)
      values (${param('owner', 'int')}, ${param('keyId', 'uuid')}, ${param('requests_per_minute', 'int')},
        ${param('running_turns', 'int')}, ${param('turns_per_day', 'int')}, ${param('tokens_per_day', 'bigint')},
        ${param('cost_per_month', 'numeric')},
        ${texts('agents')})
      on conflict (owner_id, key_id) do update set requests_per_minute = excluded.requests_per_minute,
        running_turns = excluded.running_turns, turns_per_day = excluded.turns_per_day,
        tokens_per_day = excluded.tokens_per_day, cost_per_month = excluded.cost_per_month, agents = excluded.agents, updated_at = now()
      returning owner_id`,
  );
  return db.with(done, auditPart(db, sql`done`)).select().from(done).prepare('limits_set');
}

function prepareRemove(db: Db) {
  const done = cte(
    db,
    'done',
    { owner: as(chatLimits.ownerId) },
    sql`delete from ${chatLimits} where owner_id = ${param('owner', 'int')} and key_id = ${param('keyId', 'uuid')}
      returning owner_id`,
  );
  return db.with(done, auditPart(db, sql`done`)).select().from(done).prepare('limits_remove');
}
