import { expect, test } from 'bun:test';
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../db/database.ts';
import type { Migration } from '../../db/migrations/migration.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { readMigrations } from './read-migrations.ts';
import { readSnapshot } from './snapshots.ts';
import { requireLedger, standsAt } from './stands-at.ts';

const migrations = await readMigrations();
const last = migrations.at(-1)?.tag ?? '';

// A migration that moves data only: its snapshot is the one before it.
const data: Migration = {
  tag: '9002_data',
  when: 9e15,
  sql: 'update x set y = 1',
  hash: 'x',
  down: undefined,
  ahead: undefined,
};
const withData = [...migrations, data];
const snapshotOf = (tag: string) => readSnapshot(tag === data.tag ? last : tag);

onEachDatabase('where a database without a ledger stands', (open) => {
  /** What `ask` tells after `changes`, which are undone. */
  async function after<T>(changes: SQL[], ask: (db: Db) => Promise<T>): Promise<T | string> {
    const database = await open();
    let told: T | string = '';
    const undo = new Error('undone on purpose');
    await database.db
      .transaction(async (tx) => {
        for (const change of changes) await tx.execute(change);
        told = await ask(tx).catch((error) => String(error.message));
        throw undo;
      })
      .catch((error) => {
        if (error !== undo) throw error;
      });
    return told;
  }
  const stands = (...changes: SQL[]) => after(changes, (db) => standsAt(db, migrations));

  test('tables as the last migration leaves them', async () => {
    expect(await stands()).toBe(last);
  });

  test('tables of each migration stand at it', async () => {
    for (const [at, { tag }] of migrations.entries()) {
      const without = migrations
        .slice(at + 1)
        .reverse()
        .flatMap(({ down = '' }) => down.split('--> statement-breakpoint').map((text) => sql.raw(text)));
      // What other tests left may not go back: two owners with one session's id.
      expect(await stands(sql`truncate chat_sessions cascade`, ...without)).toBe(tag);
    }
  });

  test('no table at all, or none of ours', async () => {
    const tables = [
      'chat_session_files',
      'chat_shares',
      'chat_file_pieces',
      'chat_files',
      'chat_search_parts',
      'chat_tool_calls',
      'chat_turn_events',
      'chat_turns',
      'chat_messages',
      'chat_sessions',
      'chat_sign_ins',
      'chat_keys',
      'chat_audit',
      'chat_limits',
      'chat_allowances',
      'chat_usage',
      'chat_owners',
    ];
    const drops = tables.map((name) => sql`drop table ${sql.identifier(name)}`);
    expect(await stands(...drops)).toBeUndefined();
    expect(await stands(...drops, sql`create table somebodys (id int)`)).toBeUndefined();
  });

  test.each([
    [sql`alter table chat_turns alter column seq type bigint`, 'chat_turns.seq is bigint'],
    [sql`alter table chat_messages alter column source drop not null`, 'chat_messages.source may be null'],
    [sql`drop index chat_sessions_owner_id_updated_at_id`, 'no chat_sessions_owner_id_updated_at_id'],
    [sql`alter table chat_turns drop constraint chat_turns_status`, 'no chat_turns_status'],
    [
      sql`alter table chat_messages drop constraint chat_messages_session_id_id, add constraint chat_messages_session_id_id unique (owner_id, session_id, id, seq)`,
      'is of (owner_id, session_id, id, seq), and of (owner_id, session_id, id)',
    ],
    [sql`comment on column chat_turns.seq is 'other'`, 'the comment on chat_turns.seq'],
    [sql`alter table chat_turns add column more int`, 'a column chat_turns.more'],
  ])('a difference is not taken for a migration: %#', async (change, difference) => {
    const told = await stands(change);
    expect(told).toContain('tables that none of them leaves behind');
    expect(told).toContain(difference);
  });

  test('an index that somebody added is theirs', async () => {
    expect(await stands(sql`create index somebodys_own on chat_turns (created_at)`)).toBe(last);
  });

  test('between migrations that differ in data only, a person decides', async () => {
    const ask = (chosen?: string) => after([], (db) => standsAt(db, withData, { chosen, snapshotOf }));
    expect(await ask()).toMatch(new RegExp(`the same after ${last} and 9002_data: say .* --stands-at TAG`));
    expect(await ask('9002_data')).toBe('9002_data');
    expect(await ask(last)).toBe(last);
    expect(await ask('0000_init')).toMatch(
      new RegExp(`does not stand at 0000_init, but at ${last} or 9002_data`),
    );
  });

  test('a command that needs the ledger says that it is missing', async () => {
    const lost = sql`delete from drizzle.__drizzle_migrations`;
    const ask = (db: Db) => requireLedger(db, migrations);
    expect(await after([lost], ask)).toMatch(
      /ledger of migrations is missing .*`bun run init-db` restores it/,
    );
    expect(await after([], ask)).toBeUndefined();
  });
});
