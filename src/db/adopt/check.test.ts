import { describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import {
  addMessage,
  addSession,
  makeTables,
  onEachDatabaseToAdopt,
  texts,
  uuidOf,
} from '../../testing/fastapi-database.ts';
import { migrate } from '../migrations/migrate.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import { rowFaults } from './check.ts';
import { findFastApiDatabase } from './find.ts';

onEachDatabaseToAdopt('rows that cannot be adopted', ({ onEmpty, adopt }) => {
  const [session, message] = [uuidOf('a'), uuidOf('b')];
  const wrongTimes = [
    'NULL',
    `'infinity'`,
    `'-infinity'`,
    `'0044-03-15 BC'`,
    `'10000-01-01'`,
    `'1850-01-01'`,
  ];
  const damages: [change: string, table: string, what: string][] = [
    [`chat_messages SET session_id = '${uuidOf('c')}'`, 'chat_messages', 'that belong to no session'],
    ['chat_messages SET session_id = NULL', 'chat_messages', 'that belong to no session'],
    ['chat_sessions SET name = NULL', 'chat_sessions', 'without name'],
    ['chat_messages SET content = NULL', 'chat_messages', 'without content'],
    ['chat_messages SET source = NULL', 'chat_messages', 'without source'],
    ['chat_messages SET type = NULL', 'chat_messages', 'without type'],
    ...wrongTimes.flatMap((time): [string, string, string][] => [
      [`chat_sessions SET created_at = ${time}`, 'chat_sessions', 'whose created_at is missing, before'],
      [`chat_sessions SET updated_at = ${time}`, 'chat_sessions', 'whose updated_at is missing, before'],
      [`chat_messages SET created_at = ${time}`, 'chat_messages', 'whose created_at is missing, before'],
    ]),
  ];

  test.each(damages)('%s: told beforehand, and adopted after what it says was run', async (...damage) => {
    const [change, table, what] = damage;
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      await tx.execute(sql`alter table chat_messages drop constraint chat_messages_session_id_fkey`);
      for (const column of ['session_id', 'content', 'source', 'type', 'created_at']) {
        await tx.execute(sql.raw(`alter table chat_messages alter ${column} drop not null`));
      }
      for (const column of ['name', 'created_at', 'updated_at']) {
        await tx.execute(sql.raw(`alter table chat_sessions alter ${column} drop not null`));
      }
      await addMessage(tx, await addSession(tx, { id: session }), { id: message });
      const sound = await addMessage(tx, await addSession(tx, {}), {});
      const damaged = table === 'chat_sessions' ? session : message;
      await tx.execute(sql.raw(`UPDATE ${change} WHERE id = '${damaged}'`));

      const faults = await rowFaults(tx);
      expect(faults).toHaveLength(1);
      expect(faults[0]).toStartWith(`${table} has 1 row ${what}`);
      expect(faults[0]).toContain(`such as ${damaged}: look with SELECT`);
      await expect(adopt(tx)).rejects.toThrow(faults[0] ?? '');
      const [, look = '', mend = ''] = /look with (.*); mend with (.*;)$/.exec(faults[0] ?? '') ?? [];
      expect(await texts(tx, sql.raw(look.replace('*', 'id')))).toEqual([damaged]);
      await tx.execute(sql.raw(mend));
      expect(await adopt(tx)).toMatchObject({ sessions: 2 });
      expect(await texts(tx, sql.raw(`select id from chat_messages where id = '${sound}'`))).toEqual([sound]);
    });
  });
});

describe.skipIf(testServerUrl === undefined)('an adoption beside other connections', () => {
  async function onFastApiDatabase(use: (url: string) => Promise<void>): Promise<void> {
    const url = await createTestDatabase();
    const database = openPostgres({ url, poolMax: 1, prepare: true });
    await database.db.transaction(async (tx) => {
      await makeTables(tx, '001');
      await addMessage(tx, await addSession(tx, {}), {});
    });
    await database.close();
    await use(url);
  }

  const application = (url: string, name: string) =>
    postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: name } });

  test('an application that is connected and idle stops it before anything is said or done', async () => {
    await onFastApiDatabase(async (url) => {
      const database = openPostgres({ url, poolMax: 2, prepare: true });
      const old = application(url, 'agentchat');
      const adopt = async (waitMs: number) => {
        let said = false;
        const onAdopt = () => {
          said = true;
        };
        await migrate(database, await readMigrations(), { waitMs, onAdopt }).catch((error) => {
          expect(said).toBe(false);
          throw error;
        });
      };
      try {
        await old`select 1`;
        await expect(adopt(300)).rejects.toThrow(
          /^1 other connection to this database could still write .*agentchat( from 127\.0\.0\.1)?\): stop the FastAPI application, and end every other connection/,
        );
        expect(await findFastApiDatabase(database.db)).toMatchObject({ sessions: 1 });
        // It is waited for, if it is just stopping.
        const adopted = adopt(20_000);
        const waits = () =>
          old`select from pg_stat_activity where datname = current_database() and query like '%pg_sleep%'
            and pid <> pg_backend_pid()`;
        while ((await waits()).length === 0) await Bun.sleep(20);
        await old.end();
        await adopted;
        expect(await findFastApiDatabase(database.db)).toBeUndefined();
      } finally {
        await Promise.all([database.close(), old.end()]);
      }
    });
  }, 180_000);

  test('a connection that could not write the tables does not count', async () => {
    await onFastApiDatabase(async (url) => {
      const role = `agentchat_test_${randomUUID().slice(0, 8)}`;
      const admin = application(url, 'admin');
      await admin.unsafe(`create role ${role} login`);
      await admin.end();
      const watcher = postgres(url, { max: 1, username: role });
      const database = openPostgres({ url, poolMax: 1, prepare: true });
      try {
        await watcher`select 1`;
        await migrate(database, await readMigrations(), { waitMs: 5000 });
        expect(await findFastApiDatabase(database.db)).toBeUndefined();
      } finally {
        await watcher.end();
        await database.db.execute(sql.raw(`drop role ${role}`));
        await database.close();
      }
    });
  }, 180_000);

  test('several that adopt at once all succeed, and one of them does it', async () => {
    await onFastApiDatabase(async (url) => {
      const opened = Array.from({ length: 4 }, () => openPostgres({ url, poolMax: 2, prepare: true }));
      let adopted = 0;
      const onAdopted = () => {
        adopted += 1;
      };
      const migrations = await readMigrations();
      try {
        await Promise.all(opened.map((database) => migrate(database, migrations, { onAdopted })));
        expect(adopted).toBe(1);
      } finally {
        await Promise.all(opened.map((database) => database.close()));
      }
    });
  }, 180_000);
});
