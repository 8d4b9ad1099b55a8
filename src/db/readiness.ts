// Whether the database can do its work: it may answer, and yet store nothing.
import { getTableName, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { type DatabaseFault, databaseFault } from './errors.ts';
import {
  chatAllowances,
  chatAudit,
  chatFilePieces,
  chatFiles,
  chatKeys,
  chatLimits,
  chatMessages,
  chatOwners,
  chatSearchParts,
  chatSessionFiles,
  chatSessions,
  chatShares,
  chatSignIns,
  chatToolCalls,
  chatTurnEvents,
  chatTurns,
  chatUsage,
} from './schema.ts';

type Queries = Record<string, (...parameters: never[]) => Promise<unknown>>;

// What serving does in each table.
const needed = [
  [chatOwners, 'select', 'insert'],
  [chatKeys, 'select', 'insert', 'update'],
  [chatSignIns, 'select', 'insert', 'update', 'delete'],
  [chatAudit, 'select', 'insert'],
  [chatSessions, 'select', 'insert', 'update', 'delete'],
  [chatMessages, 'select', 'insert'],
  [chatTurns, 'select', 'insert', 'update'],
  [chatTurnEvents, 'select', 'insert', 'delete'],
  [chatToolCalls, 'select', 'insert', 'update'],
  [chatFiles, 'select', 'insert', 'update', 'delete'],
  [chatFilePieces, 'select', 'insert', 'delete'],
  [chatSessionFiles, 'select', 'insert', 'delete'],
  [chatShares, 'select', 'insert', 'delete'],
  [chatSearchParts, 'select'],
  [chatLimits, 'select'],
  [chatAllowances, 'select', 'insert', 'update'],
  [chatUsage, 'select', 'insert', 'update'],
] as const;
const rights = needed.flatMap(([table, ...doings]) =>
  doings.map((right) => ({ name: `public.${getTableName(table)}`, right })),
);
const asked = sql`json_to_recordset(${JSON.stringify(rights)}::json) as needed (name text, "right" text)`;

export type Readiness = ReturnType<typeof createReadiness>;

export function createReadiness({ db, pool }: Database) {
  // A full disk lets everything be read, so it shows at what is written.
  let isFull = false;

  return {
    /** The same queries; of each that fails it is seen whether the disk is full. */
    watch<Q extends Queries>(queries: Q): Q {
      const watched: Queries = {};
      for (const [name, query] of Object.entries(queries)) {
        watched[name] = (...parameters) => {
          const answer = query(...parameters);
          answer.catch((error) => {
            if (databaseFault(error) === 'database_full') isFull = true;
          });
          return answer;
        };
      }
      return { ...queries, ...watched };
    },

    /**
     * What keeps it from serving; undefined where nothing does. Throws when it is away. `migration` is the hash of the
     * last one that it must have.
     */
    async require(migration: string | undefined): Promise<DatabaseFault | undefined> {
      const last = db
        .select({
          hash: sql<string>`hash`,
          readOnly: sql<boolean>`current_setting('transaction_read_only') = 'on'`,
          isWhole: sql<boolean>`(select bool_and(to_regclass(name) is not null) from ${asked})`,
          isAllowed: sql<boolean>`(select bool_and(has_table_privilege(to_regclass(name), "right")) from ${asked})`,
        })
        .from(sql`drizzle.__drizzle_migrations`)
        .orderBy(sql`created_at desc`)
        .limit(1);
      const [state] = await last.execute();
      if (migration !== undefined && state?.hash !== migration) return 'not_migrated';
      if (state && !state.isWhole) return 'not_migrated';
      if (state && !state.isAllowed) return 'database_refused';
      if (state?.readOnly) {
        pool?.renew();
        return 'database_read_only';
      }
      if (isFull) await takeRoom();
      return undefined;
    },
  };

  /** Asks for as much room as some turns need, and gives it back. Throws while there is none. */
  async function takeRoom(): Promise<void> {
    await db.execute(sql`create temporary table agentchat_room on commit drop as
      select md5(n::text) as filler from generate_series(1, 20000) as n`);
    isFull = false;
  }
}
