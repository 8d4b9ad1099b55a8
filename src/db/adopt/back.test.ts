import { expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { v7 as newId } from 'uuid';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { addMessage, addSession, makeTables, onEachDatabaseToAdopt } from '../../testing/fastapi-database.ts';
import type { Db } from '../database.ts';
import { rollback } from '../migrations/rollback.ts';
import { localOwner } from '../owner.ts';
import { chatMessages, chatSessions } from '../schema.ts';
import { findFastApiDatabase } from './find.ts';

onEachDatabaseToAdopt('the way back from an adoption', ({ database, onEmpty, adopt }) => {
  async function adoptedSession(tx: Db): Promise<string> {
    await makeTables(tx, '001');
    const session = await addSession(tx, {});
    for (const source of ['user', 'assistant']) await addMessage(tx, session, { source });
    await addSession(tx, {});
    await adopt(tx);
    return session;
  }

  const goBack = async (tx: Db, yes = true) =>
    rollback({ ...database(), db: tx, patient: tx }, await readMigrations(), undefined, () => yes);

  const message = { role: 'user' as const, source: 'user', content: 'hi' };

  test('loses nothing where nothing was said since', async () => {
    await onEmpty(async (tx) => {
      await adoptedSession(tx);
      expect(await goBack(tx, false)).toMatchObject({
        done: true,
        lost: [],
        kept: { aside: 'fastapi', sessions: 2, messages: 2 },
      });
      expect(await findFastApiDatabase(tx)).toMatchObject({ sessions: 2, messages: 2 });
    });
  });

  test('loses what was written since, and no more', async () => {
    await onEmpty(async (tx) => {
      const session = await adoptedSession(tx);
      const sinceId = newId();
      await tx.insert(chatSessions).values({ ownerId: localOwner, id: sinceId, name: 'since' });
      await tx.insert(chatMessages).values([
        { ...message, sessionId: sinceId, seq: 1, id: newId() },
        { ...message, sessionId: sinceId, seq: 2, id: newId() },
        { ...message, sessionId: session, seq: 3, id: newId() },
      ]);
      await tx.execute(
        sql`update chat_sessions set name = 'renamed', metadata = '{"a":1}' where id = ${session}`,
      );
      const refused = await goBack(tx, false);
      expect(refused).toMatchObject({ done: false, kept: { sessions: 2, messages: 2 } });
      expect(refused.lost).toEqual([
        { what: 'chat_messages', count: 3, unit: 'rows' },
        { what: 'chat_sessions', count: 1, unit: 'rows' },
        { what: 'chat_sessions.name', count: 1, unit: 'values' },
        { what: 'chat_sessions.metadata', count: 1, unit: 'values' },
      ]);
      expect((await goBack(tx)).done).toBe(true);
      expect(await findFastApiDatabase(tx)).toMatchObject({ sessions: 2, messages: 2 });
    });
  });

  test('loses everything where the old tables, or one of them, were dropped', async () => {
    await onEmpty(async (tx) => {
      await adoptedSession(tx);
      await tx.execute(sql`drop table fastapi.chat_messages`);
      const result = await goBack(tx, false);
      expect(result).toMatchObject({ done: false, kept: undefined });
      expect(result.lost).toEqual([
        { what: 'chat_messages', count: 2, unit: 'rows' },
        { what: 'chat_sessions', count: 2, unit: 'rows' },
      ]);
    });
  });
});
