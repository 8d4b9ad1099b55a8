// Asking a pool of connections for the answer to one statement: bounded in time, and asked again where that is safe.
import { databaseErrorCode } from '../errors.ts';
import { isBroken, noAnswer, type Statement } from './connection.ts';
import type { Pool } from './pool.ts';
import type { Member } from './pool-members.ts';

/** How long a statement is asked again that others' transactions got in the way of. */
const conflictMs = 10_000;
const longestPauseMs = 200;

/**
 * The answer to one statement, or NO_ANSWER after the pool's `answerMs`, in which it waits for a connection too. As after
 * any connection that broke, what it asked for may have been done then, or be done yet.
 *
 * What merely reads is asked once more, on a connection that has just proved good, when its own broke, or has said nothing
 * for a third of that time; the first answer counts. What writes is not: behind another that blocks, it waits until the
 * server refuses that one (`lock_timeout`), and where there is no such limit, behind a pooler, fails with it. None is put
 * behind one that has taken 50 ms.
 */
export function ask(pool: Pool, statement: Statement, { urgent }: { urgent: boolean }): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const askedAt = performance.now();
    const until = askedAt + pool.answerMs;
    let again = true;
    let tries = 0;
    let isOver = false;
    let pauseMs = 2;

    function attempt(alone: boolean): void {
      tries++;
      pool.want({ urgent, alone, askedAt, begin, fail });
    }

    /** In place of one that failed, which counts until then. */
    function attemptAgain(): void {
      tries--;
      if (!isOver) attempt(false);
    }

    function begin(member: Member): void {
      member.connection.ask({
        statement,
        answered: (rows) => {
          pool.release(member);
          isOver = true;
          resolve(rows);
        },
        failed: (error) => {
          pool.release(member);
          if (!isOver) failed(error);
        },
        until,
        late: () => {
          isOver = true;
          reject(noAnswer());
        },
        silent: () => {
          if (!isOver && again && isRead(statement)) askAgain();
          return isOver || tries > 1;
        },
      });
    }

    function askAgain(): void {
      again = false;
      pool.check();
      attempt(true);
    }

    function failed(error: unknown): void {
      if (isReadOnly(error)) pool.renew();
      const now = performance.now();
      if (now >= until) fail(error);
      else if (isConflict(error) && now - askedAt <= conflictMs) {
        // Those who met are not to meet again.
        setTimeout(attemptAgain, pauseMs * (0.5 + Math.random()));
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      } else if (again && (isReadOnly(error) || (isBroken(error) && isRead(statement)))) {
        tries--;
        askAgain();
      } else fail(error);
    }

    /** Unless it is asked elsewhere too. */
    function fail(error: unknown): void {
      if (--tries > 0 || isOver) return;
      isOver = true;
      reject(error);
    }

    attempt(false);
  });
}

/** It was rolled back, because of another transaction. */
const isConflict = (error: unknown) => /^40(001|P01)$/.test(databaseErrorCode(error) ?? '');
/** It was refused, by a server that was the primary one, or will be. */
export const isReadOnly = (error: unknown): boolean => databaseErrorCode(error) === '25006';
/** Statements are chains of steps, of which none may change anything. Values are parameters, never in the text. */
const isRead = ({ text }: Statement) =>
  /^(select|with)\b/.test(text) && !/\b(insert|update|delete|lock|pg_advisory_xact_lock)\b/.test(text);
