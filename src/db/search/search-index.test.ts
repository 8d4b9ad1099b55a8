import { beforeAll, expect } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { onEachDatabase } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import type { Database } from '../database.ts';
import { chatSearchParts, chatSessions } from '../schema.ts';
import { createIndexing } from './search-index.ts';

onEachDatabase('the index of the search', (open, onServer) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  // One connection cannot wait for itself.
  onServer('goes on with the others when a session is deleted while it is taken in', async () => {
    const { db } = database;
    const owner = await newOwner(database);
    const [deleted, kept] = [randomUUID(), randomUUID()];
    await db.execute(sql`insert into chat_sessions (id, owner_id, name)
      values (${deleted}, ${owner}, 'deleted'), (${kept}, ${owner}, 'kept, and found')`);
    const takeIn = createIndexing(database, { owner, quiet: 0 });
    let taken: Promise<boolean> | undefined;
    await db.transaction(async (tx) => {
      await tx.delete(chatSessions).where(eq(chatSessions.id, deleted));
      // It has read the session, and waits for its row before it refers to it.
      taken = takeIn();
      taken.catch(() => {});
      const blocked = () =>
        database.reserved.$count(
          sql`pg_stat_activity`,
          sql`wait_event_type = 'Lock' and datname = current_database() and query like '%chat_search_parts%'`,
        );
      while ((await blocked()) === 0) await Bun.sleep(5);
    });
    expect(await taken).toBe(true);
    while (await takeIn());
    expect(await db.$count(chatSearchParts, eq(chatSearchParts.sessionId, deleted))).toBe(0);
    expect(await db.$count(chatSearchParts, eq(chatSearchParts.sessionId, kept))).toBe(1);
  });
});
