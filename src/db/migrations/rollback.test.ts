import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate as drizzleMigrate } from 'drizzle-orm/pglite/migrator';
import { v7 as newId } from 'uuid';
import { migrationsFolder, readMigrations } from '../../cli/migrations/read-migrations.ts';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { describeSchema, dumpSchema } from '../../testing/describe-schema.ts';
import type { Database } from '../database.ts';
import { openPglite } from '../open-pglite.ts';
import { localOwner } from '../owner.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import * as schema from '../schema.ts';
import { readLedger } from './ledger.ts';
import { readColumns } from './losses.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { rollback, unwritten } from './rollback.ts';

const migrations = await readMigrations();
const tags = migrations.map(({ tag }) => tag);
const newestFirst = tags.toReversed();
const last = migrations.at(-1);

/** A migration after the last one; `number` orders several. */
function extra(number: number, up: string, down: string | undefined): Migration {
  return {
    tag: `900${number}_extra`,
    when: (last?.when ?? 0) + number,
    sql: up,
    hash: `extra ${number}`,
    down,
    ahead: undefined,
  };
}

async function fill({ db }: Database): Promise<void> {
  const id = newId();
  await db.insert(schema.chatSessions).values({ ownerId: localOwner, id, name: '名字', metadata: { a: 1 } });
  await db.insert(schema.chatSearchParts).values({ sessionId: id, seq: 0, part: 0, grams: [1] });
  const message = { sessionId: id, role: 'user' as const, source: 'user', content: 'hi' };
  await db.insert(schema.chatMessages).values([
    { ...message, seq: 1, id: newId() },
    { ...message, seq: 2, id: newId(), thought: 'hm' },
  ]);
}

// What is made of the rest again, or told otherwise, before one of the migrations.
const changing = [
  'instructions',
  'temperature',
  'indexed_messages',
  'owner',
  'owner_id',
  'waiting_turn',
  'step',
  'attempt',
  'data',
  'agent',
  'path',
  'parent_seq',
  'asks_seq',
  'wish',
];

async function everything({ db }: Database, without: readonly string[] = []) {
  const row = (table: string) =>
    sql`to_jsonb(${sql.identifier(table)}) - array(select json_array_elements_text(${JSON.stringify(without)}::json))`;
  return [
    await db
      .select({ row: row('chat_sessions') })
      .from(schema.chatSessions)
      .orderBy(schema.chatSessions.id),
    await db
      .select({ row: row('chat_messages') })
      .from(schema.chatMessages)
      .orderBy(schema.chatMessages.id),
  ];
}

const own: [string, () => Promise<{ database: Database; url?: string }>][] = [
  ['embedded', async () => ({ database: await openPglite() })],
];
if (testServerUrl !== undefined) {
  own.push([
    'postgres',
    async () => {
      const url = await createTestDatabase();
      return { database: openPostgres({ url, poolMax: 4, prepare: true }), url };
    },
  ]);
}

describe.each(own)('going back on %s', (_, open) => {
  let database: Database;
  let url: string | undefined;
  beforeAll(async () => {
    ({ database, url } = await open());
  }, 180_000);
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.db.execute(sql`drop schema public cascade`);
    await database.db.execute(sql`create schema public`);
    await database.db.execute(sql`drop schema if exists drizzle cascade`);
    await database.db.execute(sql`drop schema if exists aside cascade`);
    await migrate(database, migrations);
  });

  test('up, all the way down, up again: the schema is the same, and nothing is left between', async () => {
    const [up, dump] = [await describeSchema(database), url && (await dumpSchema(url))];
    await fill(database);
    expect((await rollback(database, migrations, undefined)).tags).toEqual(newestFirst);
    expect(await readColumns(database.db)).toEqual([]);
    expect(await readLedger(database.db)).toEqual([]);
    expect(await migrate(database, migrations)).toEqual(tags);
    expect(await describeSchema(database)).toEqual(up);
    if (dump !== undefined && url) expect(await dumpSchema(url)).toBe(dump);
  });

  test('each single step down and up again gives the same schema', async () => {
    for (const [index, tag] of tags.entries()) {
      const before = tags[index - 1];
      await rollback(database, migrations, tag);
      const stood = await describeSchema(database);
      await rollback(database, migrations, before);
      await migrate(database, migrations, { to: tag });
      expect(await describeSchema(database)).toEqual(stood);
      await migrate(database, migrations);
    }
  });

  test('one step down and up keeps every row', async () => {
    await fill(database);
    const rows = await everything(database, ['indexed_messages']);
    const bare = await everything(database, changing);
    const never = () => expect.unreachable('nothing is lost, so nobody is asked');
    const { done, lost } = await rollback(database, migrations, '0000_init', never);
    expect({ done, lost }).toEqual({ done: true, lost: [] });
    expect(await everything(database, changing)).toEqual(bare);
    await migrate(database, migrations);
    expect(await everything(database, ['indexed_messages'])).toEqual(rows);
  });

  test('before data is lost it is told what, and a no changes nothing', async () => {
    await fill(database);
    const [before, rows] = [await describeSchema(database), await everything(database)];
    const refused = await rollback(database, migrations, undefined, () => false);
    expect(refused).toEqual({
      tags: newestFirst,
      lost: [
        { what: 'chat_messages', count: 2, unit: 'rows' },
        { what: 'chat_sessions', count: 1, unit: 'rows' },
      ],
      done: false,
      kept: undefined,
    });
    expect(await describeSchema(database)).toEqual(before);
    expect(await everything(database)).toEqual(rows);
    expect(await readLedger(database.db)).toHaveLength(tags.length);
  });

  test('a column is counted by what it holds, under the name it has now; the rest of the table stays', async () => {
    await fill(database);
    const more = [
      ...migrations,
      extra(
        1,
        'alter table chat_messages add column mood text',
        'alter table chat_messages drop column mood',
      ),
      extra(
        2,
        'alter table chat_messages rename column mood to humour',
        'alter table chat_messages rename column humour to mood',
      ),
      extra(3, 'create view humours as select humour from chat_messages', 'drop view humours'),
    ];
    const rows = await everything(database);
    await migrate(database, more);
    await database.db.execute(sql`update chat_messages set humour = 'good' where seq = 2`);
    const { lost } = await rollback(database, more, last?.tag);
    expect(lost).toEqual([{ what: 'chat_messages.humour', count: 1, unit: 'values' }]);
    expect(await everything(database)).toEqual(rows);
  });

  test('what a cascade takes along is told too', async () => {
    const more = [
      ...migrations,
      extra(
        1,
        "create schema aside; --> statement-breakpoint\n create table aside.notes as select 'x' as note",
        'drop schema aside cascade',
      ),
    ];
    await migrate(database, more);
    const { lost } = await rollback(database, more, last?.tag, () => false);
    expect(lost).toEqual([{ what: 'aside.notes', count: 1, unit: 'rows' }]);
  });

  test('rows that it deletes are told too, and only its own', async () => {
    await fill(database);
    const more = [...migrations, extra(1, 'select 1', 'delete from chat_messages where seq = 2')];
    await migrate(database, more);
    await database.db.transaction(async (tx) => {
      await tx.execute(sql`delete from chat_messages where seq = 1`);
      const { lost } = await rollback({ ...database, patient: tx }, more, last?.tag);
      expect(lost).toEqual([{ what: 'chat_messages', count: 1, unit: 'rows' }]);
    });
    expect(await everything(database)).toMatchObject([[{}], []]);
  });

  test('a way back that is missing, unfinished or wrong is refused, and nothing is changed', async () => {
    const up = 'create table more (id int)';
    for (const [down, sentence] of [
      [undefined, /9001_extra has no way back: write migrations\/9001_extra\.down\.sql/],
      [`${unwritten} ALTER TYPE x`, /the way back of 9001_extra is not finished/],
      [
        'drop table more;--> statement-breakpoint\ndrop table nowhere',
        /the way back of 9001_extra failed: table "nowhere" does not exist/,
      ],
    ] as const) {
      const more = [...migrations, extra(1, up, down)];
      await migrate(database, more);
      const before = await describeSchema(database);
      await expect(rollback(database, more, undefined)).rejects.toThrow(sentence);
      expect(await describeSchema(database)).toEqual(before);
      await rollback(database, [...migrations, extra(1, up, 'drop table more')], last?.tag);
    }
  });

  test('an edited file, a newer database and a target that is not applied are refused', async () => {
    const edited = migrations.map((each, index) => (index === 0 ? { ...each, hash: 'other' } : each));
    await expect(rollback(database, edited, undefined)).rejects.toThrow(/0000_init.*edited/);
    await expect(rollback(database, migrations.slice(0, 1), undefined)).rejects.toThrow(/newer/);
    const more = [...migrations, extra(1, 'select 1', 'select 1')];
    await expect(rollback(database, more, '9001_extra')).rejects.toThrow(
      /not applied.*db:migrate --to 9001_extra/,
    );
    expect(await readLedger(database.db)).toHaveLength(tags.length);
  });

  test('going up stops where it is told, and does not go down', async () => {
    await rollback(database, migrations, undefined);
    expect(await migrate(database, migrations, { to: '0000_init' })).toEqual(['0000_init']);
    expect(await migrate(database, migrations, { to: '0000_init' })).toEqual([]);
    expect(await migrate(database, migrations)).toEqual(tags.slice(1));
    await expect(migrate(database, migrations, { to: '0000_init' })).rejects.toThrow(
      /comes after 0000_init; to go back, use `bun run db:rollback 0000_init`/,
    );
  });
});

test('every migration has a way back, finished', () => {
  for (const { tag, down } of migrations) {
    expect(`${tag}: ${down}`).not.toContain('undefined');
    expect(`${tag}: ${down}`).not.toContain(unwritten);
  }
});

test.skipIf(testServerUrl === undefined)(
  'several that go back at once to one place all succeed',
  async () => {
    const url = await createTestDatabase();
    const opened = Array.from({ length: 4 }, () => openPostgres({ url, poolMax: 2, prepare: true }));
    for (const database of opened.slice(0, 1)) await migrate(database, migrations);
    const results = await Promise.all(opened.map((database) => rollback(database, migrations, undefined)));
    expect(results.flatMap((result) => result.tags).sort()).toEqual(tags);
    await Promise.all(opened.map((database) => database.close()));
  },
);

test('drizzle’s own migrator and ours keep one ledger', async () => {
  const client = await PGlite.create();
  const db = drizzle(client, { schema });
  const database: Database = {
    db,
    reserved: db,
    patient: db,
    kind: 'embedded',
    description: '',
    close: () => client.close(),
  };
  const ledger = () => client.query('select * from drizzle.__drizzle_migrations order by id');
  await drizzleMigrate(db, { migrationsFolder });
  const theirs = await ledger();
  const dump = await describeSchema(database);
  expect(await migrate(database, migrations)).toEqual([]);
  await rollback(database, migrations, '0000_init');
  await drizzleMigrate(db, { migrationsFolder });
  expect(await describeSchema(database)).toEqual(dump);
  const columns = (rows: unknown[]) => (rows as { hash: string }[]).map(({ hash }) => hash);
  expect(columns((await ledger()).rows)).toEqual(columns(theirs.rows));
  await client.query('drop schema drizzle cascade');
  await client.exec('drop schema public cascade; create schema public');
  await migrate(database, migrations);
  expect((await ledger()).rows).toEqual(theirs.rows);
  await drizzleMigrate(db, { migrationsFolder });
  expect((await ledger()).rows).toEqual(theirs.rows);
  await client.close();
}, 180_000);
