// Whose a session is. Every query that begins outside names the owner, as a parameter of its statement.
import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { param } from './prepared.ts';

/** The number that `chat_owners` has for a name. Every key begins with it. */
export type Owner = number;

/** Whose all is while nobody signs in, named `local`: the first migration with owners made it. */
export const localOwner: Owner = 1;

/** Names a session: of another owner there is none under that id. */
export type SessionKey = { owner: Owner; session: string };

/** True of what belongs to the session that the parameters `owner` and `session` name. */
export const inSession = (table: { ownerId: PgColumn; sessionId: PgColumn }): SQL | undefined =>
  and(eq(table.ownerId, param('owner')), eq(table.sessionId, param('session')));

/** The same of one that is named here. */
export const isIn = (
  table: { ownerId: PgColumn; sessionId: PgColumn },
  { owner, session }: SessionKey,
): SQL | undefined => and(eq(table.ownerId, owner), eq(table.sessionId, session));

/** The same of the one that the columns `owner` and `session` of a part of the statement name. */
export const inSessionOf = (table: { ownerId: PgColumn; sessionId: PgColumn }, part: string): SQL =>
  sql`${table.ownerId} = ${sql.raw(part)}.owner and ${table.sessionId} = ${sql.raw(part)}.session`;
