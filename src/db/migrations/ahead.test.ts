// The work ahead of a migration, on a server. Migrations are invented here, after the project's own.
import { afterEach, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { addMessage, addSession, makeTables } from '../../testing/fastapi-database.ts';
import { eventually } from '../../testing/processes.ts';
import { testApp } from '../../testing/test-app.ts';
import { waysToServer } from '../../testing/ways-to-server.ts';
import type { Database } from '../database.ts';
import { openPglite } from '../open-pglite.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import { AheadError } from './ahead.ts';
import { readLedger } from './ledger.ts';
import { migrate } from './migrate.ts';
import { type Migration, MigrationError } from './migration.ts';

const migrations = await readMigrations();
const last = migrations.at(-1)?.when ?? 0;

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A migration after the project's own; `number` orders several. */
function extra(number: number, up: string, ahead?: string[]): Migration {
  return {
    tag: `900${number}_extra`,
    when: last + number,
    sql: up,
    hash: `extra ${number}`,
    down: undefined,
    ahead: ahead?.join('\n--> statement-breakpoint\n'),
  };
}

function openServer(url: string, prepare = true): Database {
  const database = openPostgres({ url, poolMax: 1, prepare });
  stops.push(() => database.close());
  return database;
}

function client(url: string, name = 'somebody else'): postgres.Sql {
  const opened = postgres(url, { max: 4, onnotice: () => {}, connection: { application_name: name } });
  stops.push(() => opened.end({ timeout: 1 }));
  return opened;
}

/** A database of this version, with `log` that keeps who wrote into it in which transaction. */
async function standing(): Promise<{ url: string; database: Database; rows: postgres.Sql }> {
  const url = await createTestDatabase();
  const database = openServer(url);
  await migrate(database, migrations);
  const rows = client(url);
  await rows`create table log (id serial, what text, transaction bigint default txid_current())`;
  return { url, database, rows };
}

const note = (what: string) => `insert into log (what) values ('${what}')`;
const never = `do $$ begin raise exception 'the work ahead was done'; end $$`;

async function noted(rows: postgres.Sql): Promise<string[]> {
  return (await rows<{ what: string }[]>`select what from log order by id`).map(({ what }) => what);
}

async function isValid(rows: postgres.Sql, index: string): Promise<boolean | undefined> {
  const [row] = await rows<{ valid: boolean }[]>`
    select indisvalid as valid from pg_index where indexrelid = to_regclass(${index})`;
  return row?.valid;
}

/** Two turns of one session that have the same `attempt`. */
async function twins(rows: postgres.Sql): Promise<void> {
  const id = randomUUID();
  await rows`insert into chat_sessions (owner_id, id, name) values (1, ${id}, 'twins')`;
  for (const seq of [1, 3])
    await rows`insert into chat_turns (session_id, id, status, seq, reply_seq, attempt)
      values (${id}, gen_random_uuid(), 'completed', ${seq}, ${seq + 1}, 1)`;
}

const uniqueIndex = 'create unique index concurrently if not exists "chat_turns_Odd" on chat_turns (attempt)';

describe.skipIf(testServerUrl === undefined)('the work ahead of a migration', () => {
  test('is done before it, each statement in a transaction of its own, and the hash is not of it', async () => {
    const { database, rows } = await standing();
    const more = extra(1, `${note('migration')} -- ; it is over`, [
      '-- first of all\nalter table chat_turns add column if not exists more integer',
      note("it''s ahead"),
      'create index concurrently if not exists chat_turns_more on chat_turns (more)',
      `do $$ begin ${note('ahead in a block')}; commit; ${note('ahead after it')}; end $$`,
      'vacuum chat_turns',
    ]);
    expect(await migrate(database, [...migrations, more])).toEqual([more.tag]);
    expect(await noted(rows)).toEqual(["it's ahead", 'ahead in a block', 'ahead after it', 'migration']);
    const [count] = await rows`select count(distinct transaction)::int as transactions from log`;
    expect(count?.transactions).toBe(4);
    expect(await isValid(rows, 'chat_turns_more')).toBe(true);
    expect((await readLedger(database.db)).at(-1)).toEqual({ hash: more.hash, when: more.when });
    expect(await migrate(database, [...migrations, more])).toEqual([]);
    expect(await noted(rows)).toHaveLength(4);
  });

  test('is not done for a database that is made', async () => {
    const url = await createTestDatabase();
    const more = extra(1, 'create table chat_more (id integer)', [never]);
    expect(await migrate(openServer(url), [...migrations, more])).toContain(more.tag);
  });

  test('is not done for one that is adopted', async () => {
    const url = await createTestDatabase();
    const database = openServer(url);
    await database.db.transaction(async (tx) => {
      await makeTables(tx, '001');
      await addMessage(tx, await addSession(tx, {}), {});
    });
    let adopted = 0;
    const onAdopted = ({ messages }: { messages: number }) => {
      adopted = messages;
    };
    const more = extra(1, 'create table chat_more (id integer)', [never]);
    expect(await migrate(database, [...migrations, more], { onAdopted })).toContain(more.tag);
    expect(adopted).toBe(1);
  });

  test('comes after the migrations before its own', async () => {
    const { database, rows } = await standing();
    const three = [
      extra(1, 'create table chat_more (id integer)'),
      extra(2, 'insert into chat_more values (2)', ['insert into chat_more values (1)', note('second')]),
      extra(3, 'insert into chat_more values (3)'),
      extra(4, 'insert into chat_more values (4)', [note('fourth')]),
    ];
    expect(await migrate(database, [...migrations, ...three])).toEqual(three.map(({ tag }) => tag));
    expect(await noted(rows)).toEqual(['second', 'fourth']);
    const [more] = await rows`select array_agg(id)::text as ids from chat_more`;
    expect(more?.ids).toBe('{1,2,3,4}');
  });

  test('goes no further than where the migrations go', async () => {
    const { database, rows } = await standing();
    const two = [extra(1, note('first')), extra(2, note('second'), [never])];
    const to = two[0]?.tag ?? '';
    expect(await migrate(database, [...migrations, ...two], { to })).toEqual([to]);
    expect(await noted(rows)).toEqual(['first']);
  });

  test('that fails says so, leaves the migration undone, and is gone on with', async () => {
    const { database, rows } = await standing();
    await twins(rows);
    const two = [extra(1, note('before')), extra(2, note('migration'), [note('ahead'), uniqueIndex])];
    const failing = migrate(database, [...migrations, ...two]);
    await expect(failing).rejects.toThrow(
      /^The work ahead of migration 9002_extra failed: could not create unique index "chat_turns_Odd"\. .*the next start goes on with it\.$/,
    );
    await expect(failing).rejects.toBeInstanceOf(AheadError);
    expect(await noted(rows)).toEqual(['before', 'ahead']);
    // A unique index that was never finished, and `if not exists` finds it.
    expect(await isValid(rows, 'public."chat_turns_Odd"')).toBe(false);
    await rows`delete from chat_turns`;
    expect(await migrate(database, [...migrations, ...two])).toEqual(['9002_extra']);
    expect(await isValid(rows, 'public."chat_turns_Odd"')).toBe(true);
    expect(await noted(rows)).toEqual(['before', 'ahead', 'ahead', 'migration']);
  });

  test('is told when it takes long, and is not stopped by what a database allows its statements', async () => {
    const { url, rows } = await standing();
    await rows.unsafe(`alter database "${new URL(url).pathname.slice(1)}" set statement_timeout = '500ms'`);
    const told: string[] = [];
    const more = extra(1, 'select 1', [`select pg_sleep(1.5)`, `do $$ begin perform pg_sleep(1); end $$`]);
    const onAhead = (tag: string) => told.push(tag);
    expect(await migrate(openServer(url), [...migrations, more], { onAhead })).toEqual([more.tag]);
    expect(told).toEqual([more.tag]);
  });

  test('that finds no second connection says so', async () => {
    const { url, database, rows } = await standing();
    const role = `agentchat_test_${randomUUID().slice(0, 8)}`;
    await rows.unsafe(`create role ${role} login connection limit 1 in role current_user`);
    stops.push(() => rows.unsafe(`drop role ${role}`));
    const lonely = new URL(url);
    lonely.username = role;
    const more = extra(1, 'create table chat_more (id integer)', ['select 1']);
    await expect(migrate(openServer(lonely.href), [...migrations, more])).rejects.toThrow(
      /^the work ahead of migration 9001_extra needs a second connection at once, and got none: let the server/,
    );
    expect(await migrate(database, [...migrations, more])).toEqual([more.tag]);
  });
});

test('the work ahead is not done in an embedded database', async () => {
  const database = await openPglite();
  stops.push(() => database.close());
  await migrate(database, migrations);
  const more = extra(1, 'create table chat_more (id integer)', [never]);
  expect(await migrate(database, [...migrations, more])).toEqual([more.tag]);
}, 180_000);

describe.skipIf(testServerUrl === undefined).each(waysToServer)(
  'of several that start at once on %s',
  (_, way) => {
    test('one does the work ahead and the migration, and the others wait', async () => {
      const { url: direct, rows } = await standing();
      const { url, prepare, stop } = await way(direct);
      stops.push(stop);
      const more = extra(1, note('migration'), [
        'alter table chat_turns add column if not exists more integer',
        note('ahead'),
        // Each waits for all transactions that were there before.
        ...[1, 2, 3, 4].flatMap((n) => [
          `create index concurrently if not exists chat_turns_more_${n} on chat_turns (more)`,
          'select pg_sleep(0.4)',
        ]),
      ]);
      let waited = 0;
      const onWait = () => {
        waited++;
      };
      const opened = Array.from({ length: 3 }, () => openServer(url, prepare));
      const applied = await Promise.all(
        opened.map((database) => migrate(database, [...migrations, more], { onWait })),
      );
      expect(applied.flat()).toEqual([more.tag]);
      expect(await noted(rows)).toEqual(['ahead', 'migration']);
      expect(waited).toBe(2);
      expect(await isValid(rows, 'chat_turns_more_4')).toBe(true);
    }, 180_000);
  },
);

describe.skipIf(testServerUrl === undefined)('a migration in tables that are in use', () => {
  const more = extra(1, 'alter table chat_messages add column more integer');

  test('waits for a moment only, so that turns go on behind it, and tries again', async () => {
    const { url, rows } = await standing();
    const serving = openPostgres({ url, poolMax: 4, prepare: true });
    stops.push(() => serving.close());
    const app = await testApp(serving);
    const id = await app.newSession();
    const turn = async () => (await app.send('POST', `/api/sessions/${id}/chat`, { content: 'hi' })).status;
    expect(await turn()).toBe(200);
    const holder = await rows.reserve();
    await holder`begin`;
    await holder`select from chat_messages where session_id = ${id} for key share`;
    let busy = () => {};
    const isBusy = new Promise<void>((resolve) => {
      busy = resolve;
    });
    const migrated = migrate(openServer(url), [...migrations, more], { onBusy: busy });
    await isBusy;
    // It has given up once, and does so as often as it has to.
    for (let turns = 0; turns < 3; turns++) expect(await turn()).toBe(200);
    await holder`commit`;
    holder.release();
    expect(await migrated).toEqual([more.tag]);
    expect(await turn()).toBe(200);
  }, 180_000);

  test('says who has them when it never gets them, changes nothing, and succeeds later', async () => {
    const { url, database, rows } = await standing();
    const report = await client(url, 'nightly report').reserve();
    await report`begin isolation level repeatable read`;
    await report`select count(*) from chat_messages`;
    const [own] = await report<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const two = [
      extra(1, 'create table chat_more (id integer)'),
      { ...more, tag: '9002_extra', when: last + 2 },
    ];
    const migrated = migrate(database, [...migrations, ...two], { lockTries: 2 });
    await expect(migrated).rejects.toBeInstanceOf(MigrationError);
    await expect(migrated).rejects.toThrow(
      new RegExp(
        `^something uses its tables for long \\(process ${own?.pid} of the server, nightly report, in a transaction for \\d+ s\\): let it end, or end it with \`select pg_terminate_backend\\(${own?.pid}\\)\``,
      ),
    );
    expect(await readLedger(database.db)).toHaveLength(migrations.length);
    const [made] = await rows`select to_regclass('chat_more') as made`;
    expect(made?.made).toBeNull();
    await report`rollback`;
    report.release();
    expect(await migrate(database, [...migrations, ...two])).toEqual(two.map(({ tag }) => tag));
  }, 180_000);

  test('does so too when others want in turn what it holds', async () => {
    const { database, rows } = await standing();
    const both = extra(1, 'lock table chat_messages --> statement-breakpoint\nlock table chat_turns');
    const holder = await rows.reserve();
    await holder`begin`;
    await holder`lock table chat_turns`;
    const migrated = migrate(database, [...migrations, both]);
    const waits = async () =>
      (await rows`select from pg_locks where relation = 'chat_turns'::regclass and not granted`).length > 0;
    expect(await eventually(waits)).toBe(true);
    await holder`set local lock_timeout = 0`;
    await holder`set local deadlock_timeout = '1min'`;
    await holder`lock table chat_messages`;
    await holder`commit`;
    holder.release();
    expect(await migrated).toEqual([both.tag]);
  }, 180_000);
});
