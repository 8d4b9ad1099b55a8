// Queries on chat_usage, the ledger: what turns have used. A turn's end writes it, in the statement that ends the turn.
import { and, asc, eq, gte, lte, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { as, cte, param } from '../prepared.ts';
import { chatAllowances, chatOwners, chatTurns, chatUsage } from '../schema.ts';
import type { TurnName } from '../turns/turn-name.ts';
import { settledPart } from './allowances.ts';
import { noKey, noOwner, spentColumns, today } from './periods.ts';

/** What a turn has used since it was last counted; in JSON in the statements, so named as there. */
export type Spent = {
  model: string;
  prompt_tokens: number;
  completion_tokens: number;
  /** Whether the model's server did not report all of it. */
  estimated: boolean;
  /** In the unit of the model's prices. */
  cost: number;
};

export const usageGroups = ['day', 'model', 'agent', 'owner'] as const;
export type UsageGroup = (typeof usageGroups)[number];

export type UsageSum = {
  turns: number;
  promptTokens: number;
  completionTokens: number;
  estimatedTurns: number;
  cost: number;
};

/** `name` is the group's: a day as `2026-04-03`, or a model's, an agent's or an owner's name. */
export type UsageRow = UsageSum & { name: string };

/** Both days are counted, as `2026-04-03`. Of all owners where none is named. */
export type UsageQuery = {
  from: string;
  to: string;
  owner?: Owner | undefined;
  ownerName?: string | undefined;
};

export type UsageQueries = ReturnType<typeof usageQueries>;

/**
 * So many processes write without ever waiting for each other; each has a part for either way to complete a turn, and some
 * for all else.
 */
const parts = 64;
export const newPart = (): number => Math.floor(Math.random() * parts) * 2;

/**
 * The part of a statement that adds to the ledger what the turns of its part `turn` have used; that has `owner_id`, `agent`
 * and `spent` of each, null where no model was asked. In their order, and behind the part `settled`, so that two that
 * write at once never deadlock.
 */
export const usagePart = (db: Db, part: number, behind: SQL = behindSettled) =>
  cte(
    db,
    'used',
    { agent: as(chatUsage.agent) },
    sql`insert into ${chatUsage} (owner_id, day, model, agent, part, turns, prompt_tokens, completion_tokens,
        estimated_turns, cost)
      select owner_id, ${today}, spent->>'model', agent, ${sql.raw(String(part))}, count(*),
        sum((spent->>'prompt_tokens')::bigint), sum((spent->>'completion_tokens')::bigint),
        count(*) filter (where (spent->>'estimated')::boolean), sum((spent->>'cost')::numeric)
      from turn where spent is not null${behind} group by 1, 2, 3, 4 order by 1, 2, 3, 4
      on conflict (owner_id, day, model, agent, part) do update set
        turns = ${chatUsage}.turns + excluded.turns,
        prompt_tokens = ${chatUsage}.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = ${chatUsage}.completion_tokens + excluded.completion_tokens,
        estimated_turns = ${chatUsage}.estimated_turns + excluded.estimated_turns,
        cost = ${chatUsage}.cost + excluded.cost
      returning agent`,
  );

const behindSettled = sql` and (select count(*) from settled) >= 0`;

/** The parts that count what the turns of the part `turn` have used; against limits too, where some of these are limited. */
export const countedParts = (db: Db, part: number, limited: boolean) =>
  limited ? [settledPart(db), usagePart(db, part)] : [usagePart(db, part, sql``)];

export function usageQueries(db: Db) {
  const addIfGone = prepareAddIfGone(db);
  const sum = (what: SQL) => sql`coalesce(sum(${what}), 0)`.mapWith(Number);
  const sums = {
    turns: sum(sql`turns`),
    promptTokens: sum(sql`prompt_tokens`),
    completionTokens: sum(sql`completion_tokens`),
    estimatedTurns: sum(sql`estimated_turns`),
    cost: sum(sql`cost`),
  };
  const names: Record<UsageGroup, SQL<string>> = {
    day: sql<string>`${chatUsage.day}::text`,
    model: sql<string>`${chatUsage.model}`,
    agent: sql<string>`${chatUsage.agent}`,
    owner: sql<string>`${chatOwners.name}`,
  };

  return {
    /** Days in their order; of all else, up to `limit`, whoever used most first. */
    list: (query: UsageQuery, by: UsageGroup, limit: number): Promise<UsageRow[]> => {
      const name = names[by];
      return db
        .select({ name, ...sums })
        .from(chatUsage)
        .innerJoin(chatOwners, eq(chatOwners.id, chatUsage.ownerId))
        .where(asked(query))
        .groupBy(name)
        .orderBy(...(by === 'day' ? [] : [sql`sum(prompt_tokens + completion_tokens) desc`]), asc(name))
        .limit(limit);
    },

    /** All of it together. */
    sum: async (query: UsageQuery): Promise<UsageSum> => {
      const [row] = await db
        .select(sums)
        .from(chatUsage)
        .innerJoin(chatOwners, eq(chatOwners.id, chatUsage.ownerId))
        .where(asked(query));
      if (!row) throw new Error('a sum has a row');
      return row;
    },

    /**
     * For a turn that has no end of its own: it went with its session. It counts against limits all the same. Of one that
     * is still there, nothing is counted: its end is what counts it.
     */
    addIfGone: async (turn: TurnName, keyId: string | null, agent: string, spent: Spent): Promise<void> => {
      const { owner, session, turn: id } = turn;
      await addIfGone.execute({ owner, session, turn: id, keyId, agent, spent: JSON.stringify(spent) });
    },
  };
}

const asked = ({ from, to, owner, ownerName }: UsageQuery) =>
  and(
    gte(chatUsage.day, from),
    lte(chatUsage.day, to),
    owner === undefined ? undefined : eq(chatUsage.ownerId, owner),
    ownerName === undefined ? undefined : eq(chatOwners.name, ownerName),
  );

function prepareAddIfGone(db: Db) {
  const turn = cte(
    db,
    'turn',
    { agent: as(chatUsage.agent) },
    sql`select ${param('owner', 'int')} as owner_id, ${param('agent', 'text')} as agent, ${param('spent', 'jsonb')} as spent
      where not exists (select 1 from ${chatTurns} as still where owner_id = ${param('owner', 'int')}
        and session_id = ${param('session', 'uuid')} and id = ${param('turn', 'uuid')})`,
  );
  const held = cte(
    db,
    'held',
    { ownerId: as(chatAllowances.ownerId) },
    sql`select owner_id, key_id from ${chatAllowances}
      where (owner_id = ${param('owner', 'int')} and key_id = ${noKey})
        or (owner_id = ${noOwner} and key_id = ${param('keyId', 'uuid')})
      order by owner_id, key_id for update`,
  );
  const settled = cte(
    db,
    'settled',
    { ownerId: as(chatAllowances.ownerId) },
    sql`update ${chatAllowances} as allowance set ${spentColumns(
      sql`(spent->>'prompt_tokens')::bigint + (spent->>'completion_tokens')::bigint`,
      sql`(spent->>'cost')::numeric`,
    )} from held, turn where allowance.owner_id = held.owner_id and allowance.key_id = held.key_id
      returning allowance.owner_id`,
  );
  const used = usagePart(db, newPart());
  return db.with(turn, held, settled, used).select().from(used).prepare('usage_add_if_gone');
}
