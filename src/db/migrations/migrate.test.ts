import { beforeAll, describe, expect, test } from 'bun:test';
import { getTableColumns, getTableName, sql } from 'drizzle-orm';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { createTestDatabase, onEachDatabase, testServerUrl } from '../../testing/databases.ts';
import type { Database } from '../database.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import {
  chatMessages,
  chatOwners,
  chatSearchParts,
  chatSessions,
  chatTurnEvents,
  chatTurns,
} from '../schema.ts';

import { pendingMigrations } from './ledger.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migration.ts';

const migrations = await readMigrations();
const tables = [chatOwners, chatSessions, chatMessages, chatTurns, chatTurnEvents, chatSearchParts];

onEachDatabase('migrations', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('a second run applies nothing', async () => {
    expect(await migrate(database, migrations)).toEqual([]);
  });

  test('every table and every column has a comment in Chinese and in English', async () => {
    for (const table of tables) {
      const name = getTableName(table);
      const rows = await database.db
        .select({
          column: sql<string | null>`a.attname`,
          comment: sql<string | null>`col_description(c.oid, coalesce(a.attnum, 0))`,
          tableComment: sql<string | null>`obj_description(c.oid)`,
        })
        .from(
          sql`pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`,
        )
        .where(sql`c.oid = ${`public.${name}`}::regclass`);
      const bilingual = /[\u4e00-\u9fff].* \| .*[a-z]/i;
      expect(rows[0]?.tableComment).toMatch(bilingual);
      const columns = Object.values(getTableColumns(table)).map((column) => column.name);
      expect(rows.map((row) => row.column ?? '').sort()).toEqual(columns.sort());
      for (const { column, comment } of rows) expect(`${name}.${column}: ${comment}`).toMatch(bilingual);
    }
  });

  test('a migration that fails leaves nothing of itself or of those before it', async () => {
    const last = migrations.at(-1)?.when ?? 0;
    const more: Migration[] = [
      {
        tag: '9001_good',
        when: last + 1,
        sql: 'create table half_way (id int)',
        hash: 'a',
        down: undefined,
        ahead: undefined,
      },
      {
        tag: '9002_bad',
        when: last + 2,
        sql: 'create table nonsense (id no_such_type)',
        hash: 'b',
        down: undefined,
        ahead: undefined,
      },
    ];
    await expect(migrate(database, [...migrations, ...more])).rejects.toThrow(
      'migration 9002_bad failed: type "no_such_type" does not exist',
    );
    expect(await migrate(database, migrations)).toEqual([]);
    const [row] = await database.db
      .select({ found: sql`to_regclass('half_way')` })
      .from(sql`(values (1)) as once`);
    expect(row?.found).toBeNull();
  });
});

onEachDatabase('what is not migrated', (open) => {
  const last = migrations.at(-1)?.when ?? 0;

  test('a migration without a statement', async () => {
    const database = await open();
    const empty = {
      tag: '9001_empty',
      when: last + 1,
      sql: '-- later\n/* or never */',
      hash: 'a',
      down: undefined,
      ahead: undefined,
    };
    await expect(migrate(database, [...migrations, empty])).rejects.toThrow(
      '9001_empty.sql holds no statement: write it',
    );
    expect(await migrate(database, migrations)).toEqual([]);
  });

  test('a database whose search path leads elsewhere', async () => {
    const database = await open();
    const undo = new Error('undone on purpose');
    const more = {
      tag: '9001_more',
      when: last + 1,
      sql: 'select 1',
      hash: 'a',
      down: undefined,
      ahead: undefined,
    };
    const elsewhere = database.db.transaction(async (tx) => {
      await tx.execute(sql`create schema elsewhere`);
      await tx.execute(sql`set local search_path to elsewhere, public`);
      const inside = { ...database, db: tx, patient: tx };
      expect(await migrate(inside, migrations)).toEqual([]);
      await expect(migrate(inside, [...migrations, more])).rejects.toThrow(
        'belong in the schema public, and the search_path here is elsewhere, public:',
      );
      throw undo;
    });
    await expect(elsewhere).rejects.toBe(undo);
  });
});

describe('the ledger', () => {
  const ledger = migrations.map(({ hash, when }) => ({ hash, when }));

  test('what is pending is what it does not hold yet', () => {
    expect(pendingMigrations(migrations, ledger.slice(0, 1))).toEqual(migrations.slice(1));
  });

  test('an edited file, a missing file and a newer database are refused with a sentence', () => {
    const edited = ledger.map((row, index) => (index === 0 ? { ...row, hash: 'other' } : row));
    expect(() => pendingMigrations(migrations, edited)).toThrow(/0000_init.*edited/);
    expect(() => pendingMigrations(migrations.slice(1), ledger)).toThrow(/not the one that was applied/);
    expect(() => pendingMigrations(migrations, [...ledger, { hash: 'x', when: 9e15 }])).toThrow(/newer/);
  });

  test('rows that are there twice, or are missing, are the ledger’s fault and not the files’', () => {
    const twice = ledger.flatMap((row) => [row, row]);
    for (const rows of [twice, ledger.slice(1)]) {
      expect(() => pendingMigrations(migrations, rows)).toThrow(
        /^its ledger has rows twice, or lacks some: `truncate/,
      );
    }
  });

  test('the files stand in the order of their times', () => {
    const times = migrations.map(({ when }) => when);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });
});

test.skipIf(testServerUrl === undefined)(
  'several processes that migrate one database at once all succeed',
  async () => {
    const url = await createTestDatabase();
    const opened = Array.from({ length: 5 }, () => openPostgres({ url, poolMax: 2, prepare: true }));
    const applied = await Promise.all(opened.map((database) => migrate(database, migrations)));
    expect(applied.flat().sort()).toEqual(migrations.map(({ tag }) => tag).sort());
    await Promise.all(opened.map((database) => database.close()));
  },
);
