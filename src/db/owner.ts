// Whose a session is. Every query that begins outside names the owner, as a parameter of its statement.
import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { chatSessions } from './schema.ts';

export type Owner = string;

/** Names a session: of another owner there is none under that id. */
export type SessionKey = { owner: Owner; session: string };

/** True where the session that `sessionId` names is `owner`'s. */
export function isOwned(sessionId: PgColumn, owner: SQL | Owner): SQL {
  return sql`exists (select 1 from ${chatSessions} as owned where owned.id = ${sessionId} and owned.owner = ${owner})`;
}
