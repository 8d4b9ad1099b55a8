// Queries on chat_owners: the numbers that owners have in every key.
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import type { Owner } from './owner.ts';
import { param } from './prepared.ts';
import { chatOwners, chatSessions } from './schema.ts';

/** `sessions`: how many there are. */
export type OwnerRow = { name: string; createdAt: Date; sessions: number };

export type OwnerQueries = ReturnType<typeof ownerQueries>;

export function ownerQueries(db: Db) {
  const find = db
    .select({ id: chatOwners.id })
    .from(chatOwners)
    .where(eq(chatOwners.name, param('name')))
    .prepare('owner_find');
  const found = async (name: string): Promise<Owner | undefined> => (await find.execute({ name }))[0]?.id;
  return {
    /** Up to `limit` by their names, behind the name `after`; with `contains`, those that have it in their name. */
    list: async (query: {
      limit: number;
      after?: string | undefined;
      contains?: string | undefined;
    }): Promise<OwnerRow[]> => {
      const { limit, after, contains } = query;
      return db
        .select({
          name: chatOwners.name,
          createdAt: chatOwners.createdAt,
          sessions: sql<number>`(select count(*)::int from ${chatSessions} where owner_id = ${chatOwners}.id)`,
        })
        .from(chatOwners)
        .where(
          and(
            after === undefined ? undefined : gt(chatOwners.name, after),
            contains === undefined
              ? undefined
              : sql`position(lower(${contains}) in lower(${chatOwners.name})) > 0`,
          ),
        )
        .orderBy(asc(chatOwners.name))
        .limit(limit);
    },

    find: found,

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
