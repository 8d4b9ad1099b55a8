// Asking a pool of connections: one statement, bounded in time and asked again where that is safe, or a transaction.
import { databaseErrorCode } from '../errors.ts';
import { type Connection, isBroken, type Statement } from './connection.ts';
import { noAnswer, type Pool } from './pool.ts';

/** How long a statement is asked again that others' transactions got in the way of. */
const conflictMs = 10_000;
const longestPauseMs = 200;

/**
 * The answer to one statement. Without one in `answerMs` it fails with NO_ANSWER, and its connection is closed. As after
 * any connection that broke, what it asked for may have been done then, or be done yet; only what merely reads is asked
 * once more.
 */
export async function ask(
  pool: Pool,
  statement: Statement,
  { urgent, answerMs }: { urgent: boolean; answerMs: number },
): Promise<unknown> {
  const began = performance.now();
  let again = true;
  for (let pauseMs = 2; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const connection = await pool.take({ urgent });
    try {
      return await inTime(pool, connection, statement, answerMs);
    } catch (error) {
      if (isReadOnly(error)) pool.renew();
      if (!isConflict(error)) {
        if (!again || !(isReadOnly(error) || (isBroken(error) && isRead(statement)))) throw error;
        again = false;
        continue;
      }
      if (performance.now() - began > conflictMs) throw error;
    } finally {
      pool.release(connection);
    }
    // Those who met are not to meet again.
    await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())));
  }
}

async function inTime(
  pool: Pool,
  connection: Connection,
  statement: Statement,
  answerMs: number,
): Promise<unknown> {
  if (answerMs === Number.POSITIVE_INFINITY) return connection.run(statement);
  const timer = setTimeout(() => {
    connection.close(noAnswer());
    // The network may have forgotten the others too.
    pool.check();
  }, answerMs);
  try {
    return await connection.run(statement);
  } finally {
    clearTimeout(timer);
  }
}

/** It was rolled back, because of another transaction. */
const isConflict = (error: unknown) => /^40(001|P01)$/.test(databaseErrorCode(error) ?? '');
/** It was refused, by a server that was the primary one, or will be. */
const isReadOnly = (error: unknown) => databaseErrorCode(error) === '25006';
/** Statements are chains of steps, of which none may change anything. Values are parameters, never in the text. */
const isRead = ({ text }: Statement) =>
  /^(select|with)\b/.test(text) && !/\b(insert|update|delete|lock|pg_advisory_xact_lock)\b/.test(text);

/** One transaction on one connection: what Drizzle needs of it. */
export type Transaction = {
  run(statement: Statement): Promise<unknown>;
  /** As `inTransaction`, within this one. */
  nested<T>(use: (tx: Transaction) => Promise<T>): Promise<T>;
};

/**
 * Commits what `use` has done when it resolves, and rolls it back when it rejects, or a statement of it was refused. Each
 * statement is bounded as in `ask`, and none is asked again. Where the connection breaks, everything that is still asked
 * through it fails, and so does the commit.
 */
export async function inTransaction<T>(
  pool: Pool,
  answerMs: number,
  use: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const connection = await pool.take({ alone: true });
  const run = (statement: Statement) => inTime(pool, connection, statement, answerMs);
  try {
    // Whatever the database's default is.
    await run(plain('begin isolation level read committed'));
    return await scope({ connection, run, undo: 'rollback', end: 'commit', depth: 0 }, use);
  } catch (error) {
    if (isReadOnly(error)) pool.renew();
    throw error;
  } finally {
    pool.release(connection);
  }
}

type Scope = {
  connection: Connection;
  run(statement: Statement): Promise<unknown>;
  undo: string;
  end: string;
  depth: number;
};

async function scope<T>(outer: Scope, use: (tx: Transaction) => Promise<T>): Promise<T> {
  const { connection, run, undo, end, depth } = outer;
  let refused: { error: unknown } | undefined;
  let over = false;
  let last: Promise<unknown> = Promise.resolve();
  // One after another: the driver would send all at once, and the server do what follows one that failed.
  const next = <R>(work: () => Promise<R>): Promise<R> => {
    const done = last.then(() => {
      if (over) throw new Error('the transaction is over');
      return work();
    });
    last = done.catch((error) => {
      refused ??= { error };
    });
    return done;
  };
  const nested = <N>(inner: (tx: Transaction) => Promise<N>): Promise<N> => {
    const name = `nested_${depth}`;
    const own = {
      ...outer,
      undo: `rollback to savepoint ${name}`,
      end: `release savepoint ${name}`,
      depth: depth + 1,
    };
    return next(() => run(plain(`savepoint ${name}`))).then(() => scope(own, inner));
  };
  try {
    const result = await use({ run: (statement) => next(() => run(statement)), nested });
    await last;
    if (refused) throw refused.error;
    over = true;
    await run(plain(end));
    return result;
  } catch (error) {
    await last;
    over = true;
    // One that cannot even be rolled back is of no use to anybody else. What failed first is what counts.
    if (connection.isOpen()) await run(plain(undo)).catch(() => connection.close());
    throw error;
  }
}

const plain = (text: string): Statement => ({ text, parameters: [], prepare: false, values: false });
