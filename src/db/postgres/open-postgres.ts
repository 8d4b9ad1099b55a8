// Opens a PostgreSQL server: Drizzle over a pool of connections of postgres.js.
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Database } from '../database.ts';
import { databaseClosed } from '../errors.ts';
import * as schema from '../schema.ts';
import { ask } from './ask.ts';
import { connector } from './connect.ts';
import { type Connection, plain, run, type Statement } from './connection.ts';
import { describeDatabaseUrl } from './database-url.ts';
import { createPool } from './pool.ts';
import { inTransaction, type Transaction } from './transaction.ts';

export type PostgresOptions = {
  /** A URL as `normalizeDatabaseUrl` gives it. */
  url: string;
  /** Connections, besides the one that is kept for what is urgent. */
  poolMax: number;
  /** False behind PgBouncer in transaction mode. */
  prepare: boolean;
  /** How long a statement may have no answer, in milliseconds; longer than anything takes, also in a crowd. */
  answerMs?: number;
};

/** Connects lazily: a server that is away shows at the first query, and may come back at any time. */
export function openPostgres({ url, poolMax, prepare, answerMs = 15_000 }: PostgresOptions): Database {
  let fewer: number | undefined;
  let tellFewer: ((count: number, wanted: number) => void) | undefined;
  const most = poolMax + 1;
  const pool = createPool({
    // Before those behind it are given up.
    open: connector(url, { prepare, lockMs: Math.round((answerMs * 2) / 3) }),
    most,
    answerMs,
    onFewer: (count) => {
      fewer = count;
      tellFewer?.(count, most);
    },
  });
  const lone = new Set<Connection>();
  // Clients as Drizzle knows them, which never connect.
  const client = ({ urgent = false, patient = false }) =>
    Object.assign(postgres({ max: 1 }), {
      unsafe: statements((statement) => ask(pool, statement, { urgent })),
      begin: <T>(use: (tx: object) => Promise<T>) =>
        inTransaction(pool, { urgent, patient }, (tx) => use(transactionClient(tx))),
    });
  return {
    db: drizzle(client({}), { schema }),
    reserved: drizzle(client({ urgent: true }), { schema }),
    patient: drizzle(client({ patient: true }), { schema }),
    alone: async (text, lockMs) => {
      const connect = connector(url, { prepare: false, lockMs, patient: true });
      const connection = await connect((gone) => lone.delete(gone));
      lone.add(connection);
      try {
        return await run(connection, plain(text));
      } finally {
        connection.close();
      }
    },
    kind: 'postgres',
    description: describeDatabaseUrl(url),
    pool: {
      onFewer: (tell) => {
        tellFewer = tell;
        if (fewer !== undefined) tell(fewer, most);
      },
      renew: pool.renew,
    },
    close: async () => {
      for (const connection of lone) connection.close(databaseClosed());
      await pool.close(5000);
    },
  };
}

function transactionClient({ run, nested }: Transaction): object {
  return {
    unsafe: statements(run),
    savepoint: <T>(use: (tx: object) => Promise<T>) => nested((tx) => use(transactionClient(tx))),
  };
}

/** Like the driver's queries, which are asked when they are waited for, and may be told to give arrays first. */
function statements(run: (statement: Statement) => Promise<unknown>) {
  return (
    text: string,
    parameters: Statement['parameters'] = [],
    { prepare = false }: { prepare?: boolean | undefined } = {},
  ) => {
    const asked = (values: boolean) => run({ text, parameters, prepare, values });
    return {
      values: () => asked(true),
      // biome-ignore lint/suspicious/noThenProperty: it is what it says.
      then: (...answered: Parameters<Promise<unknown>['then']>) => asked(false).then(...answered),
    };
  };
}
