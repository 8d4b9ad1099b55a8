// What a role needs to adopt the FastAPI application's tables, and the SQL that gives it.
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { AdoptionError, quoted } from './error.ts';

/**
 * Throws an AdoptionError that names each right that this role lacks: to move the tables into `aside`, to make that
 * schema and the ledger's, and to make AgentChat's tables.
 */
export async function requireRights(db: Db, aside: string): Promise<void> {
  const owns = (table: string): SQL<boolean> =>
    sql`(select pg_has_role(relowner, 'usage') from pg_class
      where relname = ${table} and relnamespace = 'public'::regnamespace)`;
  const [may] = await db
    .select({
      role: sql<string>`current_user`,
      database: sql<string>`current_database()`,
      sessions: owns('chat_sessions'),
      messages: owns('chat_messages'),
      inDatabase: sql<boolean>`has_database_privilege(current_database(), 'create')`,
      inPublic: sql<boolean>`has_schema_privilege('public', 'create') and has_schema_privilege('public', 'usage')`,
      inAside: sql<boolean>`coalesce((select has_schema_privilege(oid, 'create') from pg_namespace
        where nspname = ${aside}), true)`,
    })
    .from(sql`(values (1)) as once`);
  if (!may) return;
  const role = quoted(may.role);
  const lacking = [
    may.sessions ? [] : `ALTER TABLE chat_sessions OWNER TO ${role};`,
    may.messages ? [] : `ALTER TABLE chat_messages OWNER TO ${role};`,
    may.inDatabase ? [] : `GRANT CREATE ON DATABASE ${quoted(may.database)} TO ${role};`,
    may.inPublic ? [] : `GRANT CREATE, USAGE ON SCHEMA public TO ${role};`,
    may.inAside ? [] : `GRANT CREATE, USAGE ON SCHEMA ${quoted(aside)} TO ${role};`,
  ].flat();
  if (lacking.length === 0) return;
  throw new AdoptionError(
    `the role ${may.role} may not adopt the FastAPI application's tables: let an administrator run ${lacking.join(' ')} and try again`,
  );
}
