// A transaction on one connection of a pool, as Drizzle wants it, with those within it.
import { isReadOnly } from './ask.ts';
import { type Connection, plain, run, type Statement } from './connection.ts';
import type { Pool } from './pool.ts';
import type { Member } from './pool-members.ts';

/** One transaction on one connection: what Drizzle needs of it. */
export type Transaction = {
  run(statement: Statement): Promise<unknown>;
  /** As `inTransaction`, within this one. */
  nested<T>(use: (tx: Transaction) => Promise<T>): Promise<T>;
};

/**
 * Commits what `use` has done when it resolves, and rolls it back when it rejects, or a statement of it was refused. Each
 * statement is bounded as in `ask`, unless it is `patient`, and none is asked again. Where the connection breaks,
 * everything that is still asked through it fails, and so does the commit.
 */
export async function inTransaction<T>(
  pool: Pool,
  { urgent, patient }: { urgent: boolean; patient: boolean },
  use: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const member = await new Promise<Member>((begin, fail) => {
    pool.want({ urgent, patient, alone: true, askedAt: performance.now(), begin, fail });
  });
  const { connection } = member;
  try {
    // Whatever the database's default is.
    await run(connection, plain('begin isolation level read committed'));
    return await scope({ connection, undo: 'rollback', end: 'commit', depth: 0 }, async (tx) => {
      if (patient) await tx.run(plain('set local lock_timeout = 0'));
      return use(tx);
    });
  } catch (error) {
    if (isReadOnly(error)) pool.renew();
    throw error;
  } finally {
    pool.release(member);
  }
}

type Scope = {
  connection: Connection;
  undo: string;
  end: string;
  depth: number;
};

async function scope<T>(outer: Scope, use: (tx: Transaction) => Promise<T>): Promise<T> {
  const { connection, undo, end, depth } = outer;
  const ask = (text: string) => run(connection, plain(text));
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
    return next(() => ask(`savepoint ${name}`)).then(() => scope(own, inner));
  };
  try {
    const result = await use({ run: (statement) => next(() => run(connection, statement)), nested });
    await last;
    if (refused) throw refused.error;
    over = true;
    await ask(end);
    return result;
  } catch (error) {
    await last;
    over = true;
    // One that cannot even be rolled back is of no use to anybody else. What failed first is what counts.
    if (connection.isOpen()) await ask(undo).catch(() => connection.close());
    throw error;
  }
}
