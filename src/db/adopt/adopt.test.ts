import { expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import {
  addMessage,
  addSession,
  makeTables,
  onEachDatabaseToAdopt,
  revisions,
  texts,
} from '../../testing/fastapi-database.ts';
import type { Db } from '../database.ts';
import { migrate } from '../migrations/migrate.ts';
import { localOwner } from '../owner.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import { chatMessages } from '../schema.ts';
import { type FastApiDatabase, findFastApiDatabase } from './find.ts';
import { bringBack, findKept, setAside } from './set-aside.ts';

onEachDatabaseToAdopt('adopting the FastAPI application’s database', (toAdopt) => {
  const { name, database, url, onEmpty, adopt } = toAdopt;

  for (const revision of revisions) {
    test(`revision ${revision} is found by its tables, and adopted once`, async () => {
      await onEmpty(async (tx) => {
        expect(await findFastApiDatabase(tx)).toBeUndefined();
        await makeTables(tx, revision);
        const session = await addSession(tx, {});
        const own = await addMessage(tx, session, { metadata: '{"a":"b"}', thought: 'why', revision });
        const expected = {
          revision,
          sessions: 1,
          messages: 1,
          metadataColumn: revision === 'e211a05619a6' ? 'meta_data' : 'metadata',
          hasThought: revision !== '001',
          aside: 'fastapi',
          added: [],
        } satisfies FastApiDatabase;
        expect(await findFastApiDatabase(tx)).toEqual(expected);
        await tx.execute(sql`update alembic_version set version_num = 'somebody-else'`);
        expect(await findFastApiDatabase(tx)).toEqual({ ...expected, revision: 'unknown' });
        await adopt(tx);

        expect(await findFastApiDatabase(tx)).toBeUndefined();
        expect(await texts(tx, sql`select version_num from alembic_version`)).toEqual(['somebody-else']);
        const [message] = await tx.select().from(chatMessages);
        expect(message).toEqual({
          ownerId: localOwner,
          sessionId: session,
          seq: 1,
          step: 0,
          attempt: null,
          id: own,
          role: 'user',
          source: 'user',
          type: 'TextMessage',
          data: null,
          content: 'hi',
          thought: revision === '001' ? null : 'why',
          modelsUsage: null,
          metadata: { a: 'b' },
          createdAt: new Date('2025-04-03T12:00:00.123Z'),
        });
        await expect(setAside(tx, 'fastapi', 50)).rejects.toThrow(
          /fastapi already holds .* earlier adoption/,
        );
      });
    });
  }

  test('tables restored without Alembic’s are found, AgentChat’s own and others’ are not', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '002');
      await tx.execute(sql`drop table alembic_version`);
      expect(await findFastApiDatabase(tx)).toMatchObject({ revision: 'unknown', sessions: 0 });
      for (const [change, undo] of [
        ['chat_messages add column seq int', 'chat_messages drop column seq'],
        ['chat_sessions add column last_seq int', 'chat_sessions drop column last_seq'],
      ]) {
        await tx.execute(sql.raw(`alter table ${change}`));
        expect(await findFastApiDatabase(tx)).toBeUndefined();
        await tx.execute(sql.raw(`alter table ${undo}`));
        expect(await findFastApiDatabase(tx)).toBeDefined();
      }
      await tx.execute(sql`drop table chat_messages, chat_sessions`);
      await migrate({ ...database(), db: tx, patient: tx }, await readMigrations());
      expect(await findFastApiDatabase(tx)).toBeUndefined();
    });
  });

  test('an adoption that fails half-way leaves the database as it was', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, 'e211a05619a6');
      await addMessage(tx, await addSession(tx, { state: '{}' }), { revision: 'e211a05619a6' });
      const before = await picture(tx);
      const attempt = tx.transaction((inner) =>
        adopt(inner, () => {
          throw new Error('the power went');
        }),
      );
      await expect(attempt).rejects.toThrow('the power went');
      expect(await picture(tx)).toEqual(before);
    });
  });

  test('the way back leaves the application’s tables as they were', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, 'e211a05619a6');
      await addMessage(tx, await addSession(tx, { state: '{}' }), { revision: 'e211a05619a6' });
      expect(await findKept(tx)).toBeUndefined();
      const before = await picture(tx);
      await adopt(tx);
      expect(await picture(tx)).not.toEqual(before);
      await tx.execute(
        sql`drop table chat_shares, chat_session_files, chat_file_pieces, chat_files, chat_search_parts, chat_tool_calls, chat_turn_events, chat_turns, chat_messages, chat_sessions,
          chat_sign_ins, chat_keys, chat_audit, chat_limits, chat_allowances, chat_usage, chat_owners`,
      );
      await tx.execute(sql`drop schema drizzle cascade`);
      await back(tx);
      expect(await picture(tx)).toEqual(before);
      await adopt(tx);
      expect((await tx.select().from(chatMessages)).length).toBe(1);
    });
  });

  test('a schema in which somebody keeps other things stays', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      await tx.execute(sql`create schema fastapi`);
      await tx.execute(sql`create table fastapi.notes (id int)`);
      await setAside(tx, 'fastapi', 50);
      await back(tx);
      expect(await findFastApiDatabase(tx)).toBeDefined();
      expect(await texts(tx, sql`select to_regclass('fastapi.notes')`)).toEqual(['fastapi.notes']);
    });
  });

  test('a role whose own schema would hide the new tables gets another one', async () => {
    await onEmpty(async (tx) => {
      await tx.execute(
        sql`do $$ begin create role fastapi; exception when duplicate_object then null; end $$`,
      );
      await tx.execute(sql`grant all on schema public to fastapi`);
      await tx.execute(sql`do $$ begin
        execute format('grant create on database %I to fastapi', current_database()); end $$`);
      await tx.execute(sql`set local role fastapi`);
      await makeTables(tx, '001');
      await addMessage(tx, await addSession(tx, {}), {});
      await adopt(tx);
      expect((await tx.select().from(chatMessages)).map((row) => row.seq)).toEqual([1]);
    });
  });

  test.skipIf(name !== 'postgres')('tables that the application still uses are not waited for', async () => {
    const [own, other] = [1, 2].map(() => openPostgres({ url: url(), poolMax: 1, prepare: true }));
    try {
      await own?.db.transaction((tx) => makeTables(tx, '001'));
      await other?.db.transaction(async (used) => {
        await used.execute(sql`lock table chat_messages in access share mode`);
        const attempt = own?.db.transaction((tx) => setAside(tx, 'fastapi', 50));
        await expect(attempt).rejects.toThrow(/stop the FastAPI application/);
      });
      expect(own && (await findFastApiDatabase(own.db))).toBeDefined();
    } finally {
      await own?.db.execute(sql`drop table chat_messages, chat_sessions, alembic_version`);
      await Promise.all([own?.close(), other?.close()]);
    }
  });
});

async function back(tx: Db): Promise<void> {
  const kept = await findKept(tx);
  if (!kept) throw new Error('nothing was set aside');
  await bringBack(tx, kept);
}

/** All there is to see of the application's tables: rows, indexes, constraints, comments, and what stands beside. */
async function picture(tx: Db): Promise<(string | null)[][]> {
  return Promise.all([
    texts(
      tx,
      sql`select relation.relnamespace::regnamespace || '.' || relation.relname || relation.relkind::text
      || coalesce(obj_description(relation.oid, 'pg_class'), '') from pg_class as relation
      where relation.relnamespace::regnamespace::text !~ '^(pg_|information_schema)' order by 1`,
    ),
    texts(
      tx,
      sql`select conname || pg_get_constraintdef(oid) from pg_constraint
      where connamespace::regnamespace::text !~ '^(pg_|information_schema)' order by 1`,
    ),
    texts(tx, sql`select nspname from pg_namespace where nspname !~ '^pg_' order by 1`),
    texts(tx, sql`select proname from pg_proc where proname like 'agentchat%'`),
    texts(tx, sql`select row_to_json(old) from public.chat_sessions as old order by old.id`),
    texts(tx, sql`select row_to_json(old) from public.chat_messages as old order by old.id`),
  ]);
}
