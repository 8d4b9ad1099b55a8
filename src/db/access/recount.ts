// Counting again what limits count of turns that have not ended. A process of a version that knows nothing of limits ends
// turns, or deletes their sessions, without giving back what was held for them.
import { sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { chatAllowances, chatTurns } from '../schema.ts';
import type { Refusal } from './admission.ts';
import { noKey, noOwner } from './periods.ts';

const restMs = 10_000;

/** Gives a function that counts again for an owner and a key; not before a rest, and then it says false. */
function createRecount(db: Db) {
  const restsUntil = new Map<string, number>();

  function isDue(name: string): boolean {
    const now = performance.now();
    for (const [other, until] of restsUntil) if (until <= now) restsUntil.delete(other);
    if (restsUntil.has(name)) return false;
    restsUntil.set(name, now + restMs);
    return true;
  }

  return async ({ owner, keyId }: { owner: Owner; keyId: string | null }): Promise<boolean> => {
    if (!isDue(`${owner} ${keyId}`)) return false;
    const theirs = sql`(owner_id = ${owner} and key_id = ${noKey}) or (owner_id = ${noOwner} and key_id = ${keyId}::uuid)`;
    await db.transaction(async (tx) => {
      // Two statements: who begins or ends a turn holds the row until it is seen that they have.
      await tx.execute(
        sql`select 1 from ${chatAllowances} where ${theirs} order by owner_id, key_id for no key update`,
      );
      await tx.execute(sql`update ${chatAllowances} as allowance set (running, reserved_tokens, reserved_cost) = (
          select count(*), coalesce(sum(turn.reserved_tokens), 0), coalesce(sum(turn.reserved_cost), 0)
          from (select * from ${chatTurns} where status in ('queued', 'running')
            union all select * from ${chatTurns} where status = 'waiting') as turn
          where case when allowance.owner_id = ${noOwner} then turn.key_id = allowance.key_id
            else turn.owner_id = allowance.owner_id and turn.owner_counts end)
        where ${theirs}`);
    });
    return true;
  };
}

export type CountedAgain = ReturnType<typeof createCountedAgain>;

/** Gives a function that tells whether a turn that was refused may be asked for again: what refused it was counted anew. */
export function createCountedAgain(db: Db) {
  const recount = createRecount(db);
  return async (
    refusal: Refusal | undefined,
    of: { owner: Owner; keyId: string | null },
  ): Promise<boolean> => {
    if (!refusal || refusal.limit === 'agents') return false;
    return (refusal.limit === 'running_turns' || refusal.held === true) && (await recount(of));
  };
}
