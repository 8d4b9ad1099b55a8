// Queries on chat_owners: the numbers that owners have in every key.
import { eq } from 'drizzle-orm';
import type { Db } from './database.ts';
import type { Owner } from './owner.ts';
import { param } from './prepared.ts';
import { chatOwners } from './schema.ts';

export type OwnerQueries = ReturnType<typeof ownerQueries>;

export function ownerQueries(db: Db) {
  const find = db
    .select({ id: chatOwners.id })
    .from(chatOwners)
    .where(eq(chatOwners.name, param('name')))
    .prepare('owner_find');
  const found = async (name: string): Promise<Owner | undefined> => (await find.execute({ name }))[0]?.id;
  return {
    /** The owner of this name, who is made when first asked for. The number stays. */
    named: async (name: string): Promise<Owner> => {
      const known = await found(name);
      if (known !== undefined) return known;
      await db.insert(chatOwners).values({ name }).onConflictDoNothing();
      const made = await found(name);
      if (made === undefined) throw new Error('the owner that was made is not there');
      return made;
    },
  };
}
