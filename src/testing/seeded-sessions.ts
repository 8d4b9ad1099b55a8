// Sessions and messages written straight into a database, for tests that need many of them, or old ones.
import { sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { localOwner } from '../db/owner.ts';

export type SeededSession = {
  id: string;
  name: string;
  /** How long ago it was last used. */
  daysAgo?: number;
  messages?: number;
};

/** Message n of a session, counted from 1: the reader's are odd. */
export const seededText = (n: number): string => `message ${n} of this long story`;

export async function seedSessions(database: Database, sessions: readonly SeededSession[]): Promise<void> {
  for (const { id, name, daysAgo = 0, messages = 0 } of sessions) {
    await database.db.execute(sql`insert into chat_sessions (owner_id, id, name, name_given, message_count, last_seq, created_at, updated_at)
        values (${localOwner}, ${id}, ${name}, true, ${messages}, ${messages}, now() - ${daysAgo} * interval '1 day', now() - ${daysAgo} * interval '1 day')`);
    await database.db.execute(sql`insert into chat_messages (owner_id, session_id, seq, id, role, source, content, created_at)
        select ${localOwner}::int, ${id}::uuid, n, gen_random_uuid(), case when n % 2 = 1 then 'user' else 'assistant' end,
          case when n % 2 = 1 then 'user' else 'assistant' end, 'message ' || n || ' of this long story', now() - (${messages} - n) * interval '1 second'
        from generate_series(1, ${messages}) as n`);
    if (messages > 1)
      await database.db.execute(sql`insert into chat_turns (owner_id, session_id, id, status, seq, reply_seq, created_at, finished_at)
          values (${localOwner}, ${id}, gen_random_uuid(), 'completed', ${messages - 1}, ${messages}, now(), now())`);
  }
}

/** An id that is the same in every run. */
export const seededId = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
