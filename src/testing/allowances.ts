// Limits set straight in the database, and what counts against them there.
import { and, eq } from 'drizzle-orm';
import type { LimitsOf } from '../db/access/limits.ts';
import type { Database } from '../db/database.ts';
import type { Owner } from '../db/owner.ts';
import { chatAllowances } from '../db/schema.ts';
import { createStore } from '../db/store.ts';
import type { LimitValues } from '../words/limits.ts';
import { nobody } from './new-turns.ts';

const unlimited: LimitValues = {
  requests_per_minute: null,
  running_turns: null,
  turns_per_day: null,
  tokens_per_day: null,
  cost_per_month: null,
  agents: null,
};

/** Of an owner, or of whom `of` names. */
export const setLimits = (database: Database, of: Owner | LimitsOf, values: Partial<LimitValues>) =>
  createStore(database).limits.set(
    typeof of === 'number' ? { owner: of } : of,
    { ...unlimited, ...values },
    { ...nobody, action: 'limits.set' },
  );

/** Undefined where nothing is counted. */
export async function allowanceOf({ db }: Database, of: Owner | { key: string }) {
  const { ownerId, keyId } = chatAllowances;
  const [row] = await db
    .select()
    .from(chatAllowances)
    .where(
      typeof of === 'number'
        ? and(eq(ownerId, of), eq(keyId, '00000000-0000-0000-0000-000000000000'))
        : and(eq(ownerId, 0), eq(keyId, of.key)),
    );
  return row;
}
