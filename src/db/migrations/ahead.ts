// The work ahead of a migration: what of it takes long and needs no lock that others notice, done before its own
// transaction, one statement after another, while turns go on. It may end anywhere, and is then done again.
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';
import { type Migration, MigrationError, reasonOf } from './migration.ts';
import { isLockConflict, lockMs, pause } from './short-locks.ts';
import { statementsOf } from './statements.ts';

type Alone = NonNullable<Database['alone']>;

/** The work ahead failed. What it has done so far is in nobody's way. The message is sentences. */
export class AheadError extends Error {
  override name = 'AheadError';
}

export type AheadOptions = {
  /** Called once where it takes longer than a start with nothing to do. */
  onAhead: (tag: string) => void;
  /** How often a statement is tried that others are in the way of. */
  tries: number;
};

/**
 * Does the work ahead of `migration`; false where somebody still builds an index, and the transaction `tx` has to end
 * before anything can be done. `tx` holds the lock meanwhile, and no snapshot: building an index would wait for that.
 */
export async function workAhead(
  tx: Db,
  alone: Alone,
  { tag, ahead = '' }: Migration,
  { onAhead, tries }: AheadOptions,
): Promise<boolean> {
  await tx.execute(
    sql`select set_config(name, '0', true) from pg_settings
      where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`,
  );
  const telling = setTimeout(() => onAhead(tag), tellMs);
  // What stands between ends those who are silent for long.
  const showing = setInterval(() => requireHeld(tx).catch(() => {}), silentMs);
  try {
    return await runAll(tx, alone, statementsOf(ahead), tries);
  } catch (error) {
    throw explained(error, tag);
  } finally {
    clearTimeout(telling);
    clearInterval(showing);
  }
}

const tellMs = 1000;
const silentMs = 20_000;

/** Fails where the transaction is gone, and its lock with it. It takes no snapshot, and lets go of an earlier one. */
async function requireHeld(tx: Db): Promise<void> {
  await tx.execute(sql`show lock_timeout`);
}

async function runAll(tx: Db, alone: Alone, statements: readonly string[], tries: number): Promise<boolean> {
  let done = 0;
  for (let tried = 1; done < statements.length; tried++) {
    try {
      if (await isBuilding(alone)) return false;
      await dropUnfinished(alone);
      for (const statement of statements.slice(done)) {
        await requireHeld(tx);
        await runOne(alone, statement);
        done++;
        tried = 1;
      }
    } catch (error) {
      if (tried >= triesOf(error, tries)) throw error;
      await pause();
    }
  }
  return true;
}

function triesOf(error: unknown, tries: number): number {
  const code = databaseErrorCode(error) ?? '';
  if (noConnection.includes(code)) return 3;
  return isLockConflict(error) || code === '40001' ? tries : 1;
}

const noConnection = ['53300', 'CONNECT_TIMEOUT'];

// These wait for others while nobody waits behind them.
const patient = /^(?:vacuum|analyze|reindex)\b|^(?:create\s+(?:unique\s+)?|drop\s+)index\s+concurrently\b/i;
/** These may begin and end transactions of their own within. */
const block = /^(?:do|call)\b/i;

async function runOne(alone: Alone, statement: string): Promise<void> {
  if (patient.test(statement)) await alone(statement, 0);
  else await alone(block.test(statement) ? statement : whole(statement), lockMs);
}

/** Texts that are sent at once are one transaction. Behind a pooler only that can be given settings. */
function whole(statement: string): string {
  return `set transaction isolation level read committed; set local lock_timeout = ${lockMs}; set local statement_timeout = 0; ${statement}`;
}

/**
 * The server goes on with the last statement of a process that was killed. Where that builds an index, whoever waited in
 * line for its lock would be waited for in turn. So it is only looked, and looked again. Vacuuming gives way by itself.
 */
async function isBuilding(alone: Alone): Promise<boolean> {
  const busy = await alone(
    `select c.relname::text from pg_locks held join pg_class c on c.oid = held.relation join pg_stat_activity who using (pid)
      where ${ours} and held.locktype = 'relation' and held.mode = 'ShareUpdateExclusiveLock'
        and who.datname = current_database() and who.usesysid is not null limit 1`,
    0,
  );
  return names.parse(busy).length > 0;
}

/** An index whose building was broken off is no use to anybody, and in the way of the one that shall be. */
async function dropUnfinished(alone: Alone): Promise<void> {
  const indexes = await alone(
    `select format('public.%I', x.relname) from pg_index i
      join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
      where ${ours} and not i.indisvalid and not exists (select from pg_constraint k where k.conindid = i.indexrelid)`,
    0,
  );
  for (const [index] of names.parse(indexes)) await alone(`drop index concurrently if exists ${index}`, 0);
}

const names = z.array(z.tuple([z.string()]));
const ours = `c.relnamespace = 'public'::regnamespace and c.relname like 'chat\\_%' and c.relkind = 'r'
  and pg_has_role(c.relowner, 'usage')`;

function explained(error: unknown, tag: string): unknown {
  const code = databaseErrorCode(error) ?? '';
  if (noConnection.includes(code)) {
    return new MigrationError(
      `the work ahead of migration ${tag} needs a second connection at once, and got none: let the server, or the pooler, give this user two`,
      { cause: error },
    );
  }
  if (!/^(0A|2B|2D|22|23|25|40|42|55|P0)/.test(code) || code === '42501') return error;
  return new AheadError(
    `The work ahead of migration ${tag} failed: ${reasonOf(error)}. What it did so far is in nobody's way; the next start goes on with it.`,
    { cause: error },
  );
}
