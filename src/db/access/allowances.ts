// The parts of a turn's statements that give back what was held for it and count what it used. Rows of chat_allowances are
// locked in the order of their keys, behind the session's. A day that has begun stays begun, whoever comes late.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { as, cte, flag, param } from '../prepared.ts';
import { chatAllowances, chatTurns } from '../schema.ts';
import { noKey, noOwner, spentColumns, thisMonth, today } from './periods.ts';

/** The rows that are locked and counted in, which are there from then on. */
export function prepareOpen(db: Db) {
  const opened = cte(
    db,
    'opened',
    { ownerId: as(chatAllowances.ownerId) },
    sql`insert into ${chatAllowances} (owner_id, key_id)
      select ${noOwner}, ${param('keyId', 'uuid')} where ${param('keyId', 'uuid')} is not null
      union all select ${param('owner', 'int')}, ${noKey}
      on conflict do nothing returning owner_id`,
  );
  return db.with(opened).select().from(opened).prepare('allowances_open');
}

/** What a turn's row says of it: the columns, and what the part `admitted` has for them. */
export const heldColumns = sql`owner_counts, key_id, reserved_tokens, reserved_cost`;
export const heldValues = sql`counted_owner, counted_key, hold_tokens, hold_cost`;
export const heldResult = { keyId: as(chatTurns.keyId), limited: flag('limited') };
export const heldResultColumns = sql`key_id, owner_counts is not null as limited`;

/**
 * The part that settles the turns of the part `ended`, which has their `owner_id`, the held columns and `spent`: what was
 * held is given back, and what was used counts from today on.
 */
export const settledPart = (db: Db, ended = sql`turn`) =>
  cte(
    db,
    'settled',
    { ownerId: as(chatAllowances.ownerId) },
    sql`insert into ${chatAllowances} as allowance
        (owner_id, key_id, running, reserved_tokens, reserved_cost, day, tokens, month, cost)
      select owner_id, key_id, -count(*), -sum(reserved_tokens), -sum(reserved_cost), ${today},
        coalesce(sum((spent->>'prompt_tokens')::bigint + (spent->>'completion_tokens')::bigint), 0), ${thisMonth},
        coalesce(sum((spent->>'cost')::numeric), 0)
      from (
        select owner_id, ${noKey} as key_id, reserved_tokens, reserved_cost, spent from ${ended} where owner_counts
        union all
        select ${noOwner}, key_id, reserved_tokens, reserved_cost, spent from ${ended} where key_id is not null
      ) as held group by 1, 2 order by 1, 2
      on conflict (owner_id, key_id) do update set running = allowance.running + excluded.running,
        reserved_tokens = allowance.reserved_tokens + excluded.reserved_tokens,
        reserved_cost = allowance.reserved_cost + excluded.reserved_cost,
        ${spentColumns(sql`excluded.tokens`, sql`excluded.cost`)}
      returning owner_id`,
  );
