// What a large database costs when its tables change under turns: with the work ahead of the migrations, and without.
import postgres from 'postgres';
import { readMigrations } from '../../src/cli/migrations/read-migrations.ts';
import type { Database } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrations/migrate.ts';
import type { Migration } from '../../src/db/migrations/migration.ts';
import { databaseName, withDatabaseName } from '../../src/db/postgres/database-url.ts';
import { openPostgres } from '../../src/db/postgres/open-postgres.ts';
import type { Benchmark, Outcome } from '../benchmark.ts';
import { sessionId } from '../processes/protocol.ts';
import { onDatabase, type Stand } from '../stand.ts';
import { latencyOf } from '../stats.ts';
import { ms } from '../table.ts';
import { before, checkSql, fillSql, turnSql } from '../tables-before.ts';

const perSession = 10;
/** How often a turn begins, and how often it is looked who holds the tables. */
const turnMs = 50;
const lookMs = 5;

type Measured = {
  seconds: number;
  aheadSeconds: number;
  /** The longest time that tables were locked against all others, and how often they were. */
  lockedSeconds: number;
  locks: number;
  writes: ReturnType<typeof latencyOf>;
  turns: number;
  faults: string[];
};

export const migration: Benchmark = {
  name: 'migration',
  about: `from ${before} to the last migration under turns, with --messages N messages`,
  async run(stand): Promise<Outcome> {
    const migrations = await readMigrations();
    const pending = migrations.slice(migrations.findIndex(({ tag }) => tag === before) + 1);
    const messages = stand.options.messages;
    const sessions = Math.max(1, Math.round(messages / perSession));
    const filled = await fill(stand, migrations, { sessions, messages });
    const kinds: [string, readonly Migration[]][] = [
      ['most of it ahead', migrations],
      ['all in its transaction', migrations.map((each) => ({ ...each, ahead: undefined }))],
    ];
    const data: Record<string, Measured> = {};
    for (const [kind, chosen] of kinds) {
      stand.say(`migration: ${kind}`);
      data[kind] = await measure(stand, await copyOf(stand, filled, kind), chosen, sessions);
    }
    const rows = messages * 2 + sessions + messages / 2;
    return {
      tables: [
        {
          title: `From ${before} to ${pending.at(-1)?.tag ?? 'nothing'} with ${messages.toLocaleString('en')} messages`,
          columns: ['', 'all', 'rows', 'ahead', 'locked', 'a write, p50', 'p99', 'longest'],
          rows: Object.entries(data).map(([kind, one]) => rowOf(kind, one, rows)),
          note: `${sessions.toLocaleString('en')} sessions, ${(messages / 2).toLocaleString('en')} turns, as many parts in the index of the search as messages. A turn began every ${turnMs} ms. Locked: the longest time that a table was locked against all others.`,
        },
      ],
      goals: [],
      faults: Object.entries(data).flatMap(([kind, { faults }]) => faults.map((what) => `${kind}: ${what}`)),
      data,
    };
  },
};

function rowOf(kind: string, { seconds, aheadSeconds, lockedSeconds, writes }: Measured, rows: number) {
  const s = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} s`;
  const perSecond = `${Math.round(rows / seconds).toLocaleString('en')}/s`;
  return [
    kind,
    s(seconds),
    perSecond,
    s(aheadSeconds),
    s(lockedSeconds),
    ms(writes.p50),
    ms(writes.p99),
    ms(writes.max),
  ];
}

async function fill(
  stand: Stand,
  migrations: readonly Migration[],
  filling: Parameters<typeof fillSql>[0],
): Promise<string> {
  const url = await stand.database('migration');
  const database = openPostgres({ url, poolMax: 1, prepare: true });
  await migrate(database, migrations, { to: before });
  await database.close();
  await onDatabase(url, async (client) => {
    for (const statement of fillSql(filling)) {
      stand.say(`migration: ${statement.trim().split(/\s+/).slice(0, 3).join(' ')}`);
      await client.unsafe(statement);
    }
  });
  return url;
}

async function copyOf(stand: Stand, filled: string, kind: string): Promise<string> {
  const { url: server } = await stand.postgresServer();
  const name = `migration-${kind.replaceAll(' ', '-')}`;
  await onDatabase(server, (client) =>
    client.unsafe(`create database "${name}" template "${databaseName(filled)}"`),
  );
  const url = withDatabaseName(filled, name);
  await onDatabase(url, (client) => client.unsafe('checkpoint'));
  return url;
}

async function measure(
  stand: Stand,
  url: string,
  migrations: readonly Migration[],
  sessions: number,
): Promise<Measured> {
  const opened = openPostgres({ url, poolMax: 2, prepare: true });
  const ahead = timed(opened);
  const turns = turnsOn(url, sessions);
  const locks = watchLocks(url);
  // What a turn takes when nothing else happens comes first.
  await Bun.sleep(2000);
  const startedAt = performance.now();
  await migrate(ahead.database, migrations, { onBusy: () => stand.say('migration: the tables are in use') });
  const seconds = (performance.now() - startedAt) / 1000;
  const { durations, completed, errors } = await turns.end();
  const { longest, times } = await locks.end();
  const [stored] = await onDatabase(url, (client) => client.unsafe(checkSql));
  await opened.close();
  return {
    seconds,
    aheadSeconds: ahead.seconds(),
    lockedSeconds: longest / 1000,
    locks: times,
    writes: latencyOf(durations),
    turns: completed,
    faults: [
      ...errors,
      ...(stored?.turns === completed
        ? []
        : [`${completed} turns were completed, ${stored?.turns} are stored`]),
      ...(stored?.faults === 0 ? [] : [`${stored?.faults} sessions are not whole`]),
    ],
  };
}

/** The same database, and how long it did what it was asked alone. */
function timed(database: Database) {
  const { alone } = database;
  let first: number | undefined;
  let last = 0;
  return {
    database: {
      ...database,
      alone: async (text: string, lockMs: number) => {
        first ??= performance.now();
        const rows = await alone?.(text, lockMs);
        last = performance.now();
        return rows;
      },
    },
    seconds: () => (first === undefined ? 0 : (last - first) / 1000),
  };
}

/** A turn every 50 ms, as the tables were; what the new ones refuse ends it. */
function turnsOn(url: string, sessions: number) {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  const durations: number[] = [];
  const errors: string[] = [];
  let completed = 0;
  let ended = false;
  const write = async (statement: string, session: string, turn: string) => {
    const askedAt = performance.now();
    try {
      const { count } = await client.unsafe(statement, [session, turn], { prepare: true });
      return count === 1;
    } finally {
      // The last one, which the new tables refuse, has waited most of all.
      durations.push(performance.now() - askedAt);
    }
  };
  const run = async () => {
    for (let n = 1; !ended; n++) {
      const [session, turn] = [sessionId(1, (n % sessions) + 1), crypto.randomUUID()];
      const done = await write(turnSql.begin, session, turn);
      if (done && (await write(turnSql.complete, session, turn))) completed++;
      else errors.push(`the turn ${n} was not written`);
      await Bun.sleep(turnMs);
    }
  };
  const running = run().catch(async (error) => {
    const [ledger] = await client`select count(*)::int as applied from drizzle.__drizzle_migrations`;
    if (ledger?.applied === Number.parseInt(before, 10) + 1) errors.push(`a turn was refused: ${error.code}`);
  });
  return {
    end: async () => {
      ended = true;
      await running;
      await client.end();
      return { durations, completed, errors };
    },
  };
}

/** Looks how long, at most, one of the tables is locked against all others. */
function watchLocks(url: string) {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  let since: number | undefined;
  let longest = 0;
  let times = 0;
  let ended = false;
  const look = async () => {
    while (!ended) {
      const askedAt = performance.now();
      const held = await client`select from pg_locks held join pg_class c on c.oid = held.relation
        where held.mode = 'AccessExclusiveLock' and held.granted and c.relkind = 'r' and c.relname like 'chat\\_%' limit 1`;
      if (held.length > 0 && since === undefined) {
        since = askedAt;
        times++;
      }
      if (since !== undefined) longest = Math.max(longest, performance.now() - since);
      if (held.length === 0) since = undefined;
      await Bun.sleep(lookMs);
    }
  };
  const looking = look();
  return {
    end: async () => {
      ended = true;
      await looking;
      await client.end();
      return { longest, times };
    },
  };
}
