import { expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import {
  addMessage,
  addSession,
  makeTables,
  onEachDatabaseToAdopt,
  setDatabaseTimeZone,
  texts,
} from '../../testing/fastapi-database.ts';
import type { Db } from '../database.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import { chatMessages, chatSessions } from '../schema.ts';

onEachDatabaseToAdopt('the times of an adopted database', ({ name, url, onEmpty, adopt }) => {
  test('naive times are in the database’s time zone, whatever the connection’s is', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      await addMessage(tx, await addSession(tx, { at: '2025-04-03 10:00:00' }), {
        at: '2025-04-03 12:00:00',
      });
      await setDatabaseTimeZone(tx, 'Asia/Shanghai');
      await tx.execute(sql`set local timezone to 'America/New_York'`);
      await adopt(tx);
      const [session] = await tx.select().from(chatSessions);
      const [message] = await tx.select().from(chatMessages);
      expect(session?.createdAt).toEqual(new Date('2025-04-03T02:00:00Z'));
      expect(session?.updatedAt).toEqual(new Date('2025-04-03T03:00:00Z'));
      expect(message?.createdAt).toEqual(new Date('2025-04-03T04:00:00Z'));
    });
  });

  test('times that were given a zone are taken as they are', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      await setDatabaseTimeZone(tx, 'Asia/Shanghai');
      await tx.execute(sql`set local timezone to 'Asia/Shanghai'`);
      await addMessage(tx, await addSession(tx, { at: '2025-04-03 10:00:00' }), {
        at: '2025-04-03 12:00:00',
      });
      await tx.execute(sql`alter table chat_messages alter created_at type timestamptz`);
      await tx.execute(sql`alter table chat_sessions alter created_at type timestamptz`);
      await adopt(tx);
      const [session] = await tx.select().from(chatSessions);
      const [message] = await tx.select().from(chatMessages);
      expect(session?.createdAt).toEqual(new Date('2025-04-03T02:00:00Z'));
      expect(session?.updatedAt).toEqual(new Date('2025-04-03T03:00:00Z'));
      expect(message?.createdAt).toEqual(new Date('2025-04-03T04:00:00Z'));
    });
  });

  test('without one for the database, they are in the server’s', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      await addSession(tx, { at: '2025-04-03 10:00:00' });
      const own = sql`select timestamp '2025-04-03 10:00:00' at time zone reset_val at time zone 'UTC'
        from pg_settings where name = 'TimeZone'`;
      const [expected] = await texts(tx, own);
      await tx.execute(sql`set local timezone to 'Asia/Kathmandu'`);
      await adopt(tx);
      const [session] = await tx.select().from(chatSessions);
      expect(session?.createdAt).toEqual(new Date(`${expected}Z`));
    });
  });

  test.skipIf(name !== 'postgres')('a time zone in the URL is not taken for the database’s', async () => {
    const withZone = openPostgres({ url: `${url()}?TimeZone=America/New_York`, poolMax: 1, prepare: true });
    const tryIt = (zone: string | undefined, use: (tx: Db) => Promise<void>) =>
      withZone.db.transaction(async (tx) => {
        await makeTables(tx, '001');
        await addMessage(tx, await addSession(tx, {}), { at: '2025-04-03 12:00:00' });
        if (zone !== undefined) await setDatabaseTimeZone(tx, zone);
        await adopt(tx);
        await use(tx);
        throw new Error('rolled back on purpose');
      });
    try {
      await expect(tryIt(undefined, async () => {})).rejects.toThrow(/take TimeZone out of DATABASE_URL/);
      const inShanghai = tryIt('Asia/Shanghai', async (tx) => {
        const [message] = await tx.select().from(chatMessages);
        expect(message?.createdAt).toEqual(new Date('2025-04-03T04:00:00Z'));
      });
      await expect(inShanghai).rejects.toThrow('on purpose');
    } finally {
      await withZone.close();
    }
  });
});
