// Whose a session is. Every query that begins outside goes through this.
import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { chatSessions } from './schema.ts';

/** True where the session that `sessionId` names is `owner`'s. */
export function isOwned(sessionId: PgColumn, owner: string): SQL {
  return sql`exists (select 1 from ${chatSessions} as owned where owned.id = ${sessionId} and owned.owner = ${owner})`;
}
