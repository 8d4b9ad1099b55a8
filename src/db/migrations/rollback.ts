// Takes migrations back by their ways down, newest first, and says what data goes with them.
import { sql } from 'drizzle-orm';
import { bringBack, countSince, findKept, type Kept } from '../adopt/set-aside.ts';
import type { Database, Db } from '../database.ts';
import { databaseErrorCode } from '../errors.ts';

import { pendingMigrations, readLedger } from './ledger.ts';
import { lockMigrations } from './lock.ts';
import { countDeleted, findVanished, type Loss, readColumns } from './losses.ts';
import { runStatements } from './migrate.ts';
import { failed, type Migration, MigrationError } from './migration.ts';

/** Stands in a way back where a person has to write what could not be drafted; until then it is not run. */
export const unwritten = '-- WRITE THE WAY BACK OF:';

export type Rollback = {
  /** What was taken back, or would be, newest first. */
  tags: string[];
  /** What holds data now and is gone afterwards. */
  lost: Loss[];
  /** False when `mayLose` said no: then nothing was changed. */
  done: boolean;
  /** The FastAPI application's tables, which come back to their place with this; undefined where none are kept. */
  kept: Kept | undefined;
};

/**
 * Goes back until `to` is the last migration applied (undefined: none is), in one transaction. `mayLose` is
 * asked, under the locks, before data is lost; `onWait` is called when another process migrates. Throws a
 * MigrationError when files and ledger do not belong together, and when a way back is missing, unfinished or fails.
 */
export async function rollback(
  database: Database,
  migrations: readonly Migration[],
  to: string | undefined,
  mayLose: (lost: readonly Loss[]) => boolean = () => true,
  onWait?: () => void,
): Promise<Rollback> {
  const outcome: Rollback = { tags: [], lost: [], done: false, kept: undefined };
  await undone(database.patient, async (tx) => {
    await lockMigrations(tx, onWait);
    // A server that is still running would otherwise be waited for without a word, perhaps for ever.
    await tx.execute(sql`set local lock_timeout = '10s'`);
    const steps = stepsBack(migrations, migrations.length - (await pendingCount(tx, migrations)), to);
    outcome.tags = steps.map(({ tag }) => tag);
    outcome.lost = await lossOf(tx, steps);
    // With AgentChat's tables gone, those of the FastAPI application can stand where they stood.
    outcome.kept = to === undefined ? await findKept(tx) : undefined;
    if (outcome.kept) outcome.lost = await lossSince(tx, outcome.kept, outcome.lost);
    outcome.done = outcome.lost.length === 0 || mayLose(outcome.lost);
    if (outcome.done) await goBack(tx, steps);
    if (outcome.done && outcome.kept) await bringBack(tx, outcome.kept);
    return outcome.done ? 'keep' : 'undo';
  });
  return outcome;
}

async function pendingCount(db: Db, migrations: readonly Migration[]): Promise<number> {
  return pendingMigrations(migrations, await readLedger(db)).length;
}

/** What has to be taken back of the first `applied` migrations, newest first. Throws when it cannot be. */
function stepsBack(migrations: readonly Migration[], applied: number, to: string | undefined): Migration[] {
  const kept = to === undefined ? 0 : migrations.findIndex(({ tag }) => tag === to) + 1;
  if (to !== undefined && kept === 0) throw new MigrationError(`there is no migration ${to}`);
  if (kept > applied) {
    throw new MigrationError(`${to} is not applied; to go there, use \`bun run db:migrate --to ${to}\``);
  }
  const steps = migrations.slice(kept, applied).reverse();
  for (const { tag, down } of steps) {
    if (down === undefined) {
      throw new MigrationError(
        `${tag} has no way back: write migrations/${tag}.down.sql (\`bun run db:generate --back ${tag}\` drafts it)`,
      );
    }
    if (down.includes(unwritten)) {
      throw new MigrationError(
        `the way back of ${tag} is not finished: write what migrations/${tag}.down.sql marks with "${unwritten}"`,
      );
    }
  }
  return steps;
}

async function goBack(db: Db, steps: readonly Migration[]): Promise<void> {
  for (const { tag, down = '', hash, when } of steps) {
    await runStatements(db, down).catch((error) => {
      throw explained(error, tag);
    });
    await db.execute(
      sql`delete from drizzle.__drizzle_migrations where hash = ${hash} and created_at = ${when}`,
    );
  }
}

function explained(error: unknown, tag: string): unknown {
  const code = databaseErrorCode(error);
  if (code === '55P03' || code === '40P01') {
    return new MigrationError(
      'something else uses its tables: stop AgentChat and whatever else is connected, then do it again',
      { cause: error },
    );
  }
  return failed(error, `the way back of ${tag}`);
}

/** What is made of something else, and is made again, or goes where it was: without it nothing is lost. */
const madeOfOthers = new Set([
  'chat_search_parts',
  'chat_sessions.indexed_messages',
  // Owners are names in their sessions then, and turns have one step and one agent.
  'chat_owners',
  ...['sessions', 'messages', 'turns', 'turn_events', 'search_parts'].map(
    (table) => `chat_${table}.owner_id`,
  ),
  ...['messages', 'turns', 'turn_events', 'search_parts'].map((table) => `chat_${table}.step`),
  'chat_messages.attempt',
  'chat_turns.reply_seq',
  'chat_turns.reply_id',
  'chat_turns.agent',
  'chat_turn_events.source',
]);

/** What the steps would lose: they are tried, what vanished or was deleted is noted, they are undone, and it is counted. */
async function lossOf(db: Db, steps: readonly Migration[]): Promise<Loss[]> {
  const before = await readColumns(db);
  const deletedBefore = await countDeleted(db);
  let deleted = deletedBefore;
  let after = before;
  await undone(db, async (tx) => {
    await goBack(tx, steps);
    after = await readColumns(tx);
    deleted = await countDeleted(tx);
    return 'undo';
  });
  const vanished = await findVanished(db, before, after);
  // Of a table that goes whole, all rows are counted already.
  const rows = [...deleted].flatMap(([what, count]): Loss[] => {
    const own = count - (deletedBefore.get(what) ?? 0);
    return own > 0 ? [{ what, count: own, unit: 'rows' }] : [];
  });
  return [...rows, ...vanished].filter(({ what }) => !madeOfOthers.has(what));
}

/** Of `lost`, what was not in the tables that come back; and what was changed since in the sessions that do. */
async function lossSince(db: Db, kept: Kept, lost: readonly Loss[]): Promise<Loss[]> {
  if (!lost.some(({ what }) => what === 'chat_sessions')) return [...lost];
  const since = await countSince(db, kept);
  const others = lost.filter(({ what }) => what !== 'chat_sessions' && what !== 'chat_messages');
  const own: Loss[] = [
    { what: 'chat_messages', count: since.messages, unit: 'rows' },
    { what: 'chat_sessions', count: since.sessions, unit: 'rows' },
    { what: 'chat_sessions.name', count: since.names, unit: 'values' },
    { what: 'chat_sessions.metadata', count: since.metadata, unit: 'values' },
  ];
  return [...others, ...own.filter(({ count }) => count > 0)];
}

/** A transaction (inside one, a savepoint) that undoes itself when `use` says so. */
async function undone(db: Db, use: (tx: Db) => Promise<'keep' | 'undo'>): Promise<void> {
  const undo = new Error('undone');
  try {
    await db.transaction(async (tx) => {
      if ((await use(tx)) === 'undo') throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
}
