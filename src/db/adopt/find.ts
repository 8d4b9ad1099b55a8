// Finds the FastAPI application's tables by their structure, and says why such tables cannot be adopted.
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../database.ts';
import { once } from '../prepared.ts';
import { AdoptionError, quoted } from './error.ts';
import { requireRights } from './rights.ts';
import type { MessageColumns } from './statements.ts';

/** What of the FastAPI application a database holds. */
export type FastApiDatabase = MessageColumns & {
  /** Alembic's; `unknown` where it is not one of the application's, or not there. */
  revision: string;
  sessions: number;
  messages: number;
  /** The schema that its tables are moved to. */
  aside: string;
  /** `table.column` of columns that the application never had: they stay behind in the old tables. */
  added: string[];
};

const revisions = ['001', '002', 'e211a05619a6'];

/** Columns that the adoption reads, with the types that it understands; without one, any will do. */
const needed: Record<string, RegExp | undefined> = {
  'chat_sessions.id': /^uuid$/,
  'chat_sessions.name': undefined,
  'chat_sessions.created_at': /^timestamp /,
  'chat_sessions.updated_at': /^timestamp /,
  'chat_sessions.agent_state': undefined,
  'chat_messages.id': /^uuid$/,
  'chat_messages.session_id': /^uuid$/,
  'chat_messages.source': undefined,
  'chat_messages.type': undefined,
  'chat_messages.content': undefined,
  'chat_messages.created_at': /^timestamp /,
  'chat_messages.models_usage': undefined,
};

/**
 * Told by the tables' structure, which a dump may have kept without Alembic's version. Throws an AdoptionError when
 * the tables are the application's, but changed, in another schema, or not this role's.
 */
export async function findFastApiDatabase(db: Db): Promise<FastApiDatabase | undefined> {
  const schemas = await readSchemas(db);
  const columns: Columns = schemas.get('public') ?? new Map();
  if (!isFastApi(columns)) {
    // Whose tables stand there decides; what lies in other schemas may be an earlier adoption's.
    if (hasTable(columns, 'chat_sessions') || hasTable(columns, 'chat_messages')) return undefined;
    refuseOtherSchemas(schemas);
    return undefined;
  }
  refuseDifferences(columns);
  const aside = await freeSchema(db);
  await requireRights(db, aside);
  await refuseDatabase(db);
  const metadataColumn = columns.has('chat_messages.meta_data')
    ? 'meta_data'
    : columns.has('chat_messages.metadata')
      ? 'metadata'
      : undefined;
  const known = [...Object.keys(needed), 'chat_messages.thought', `chat_messages.${metadataColumn}`];
  return {
    revision: columns.has('alembic_version.version_num') ? await readRevision(db) : 'unknown',
    ...(await countRows(db, sql`chat_sessions`, sql`chat_messages`)),
    metadataColumn,
    hasThought: columns.has('chat_messages.thought'),
    aside,
    added: [...columns.keys()].filter((name) => name.startsWith('chat_') && !known.includes(name)),
  };
}

/** Schemas that the old tables are set aside in. */
export const asideSchemas = ['fastapi', 'fastapi_application', 'fastapi_tables'];

// A role that is called as the schema would find the old tables first: "$user" leads the search path.
async function freeSchema(db: Db): Promise<string> {
  const [own] = await db.select({ role: sql`current_user` }).from(once);
  return asideSchemas.find((schema) => schema !== own?.role) ?? 'fastapi';
}

/** `table.column` to its type. */
type Columns = Map<string, string>;

const hasTable = (columns: Columns, table: string) =>
  [...columns.keys()].some((name) => name.startsWith(`${table}.`));

// Each column here is one of the application's that AgentChat's table has too, or has instead.
function isFastApi(columns: Columns): boolean {
  const agentChats = columns.has('chat_sessions.last_seq') || columns.has('chat_messages.seq');
  return (
    !agentChats && (columns.has('chat_sessions.agent_state') || columns.has('chat_messages.models_usage'))
  );
}

function refuseDifferences(columns: Columns): void {
  const missing = ['chat_sessions', 'chat_messages'].filter((table) => !hasTable(columns, table));
  const differences = Object.entries(needed).flatMap(([name, type]) => {
    const [table = '', column] = name.split('.');
    const actual = columns.get(name);
    if (missing.includes(table)) return [];
    if (actual === undefined) return `${table} has no column ${column}`;
    return type && !type.test(actual) ? `${name} is of the type ${actual}` : [];
  });
  differences.unshift(...missing.map((table) => `there is no table ${table}`));
  if (differences.length === 0) return;
  throw new AdoptionError(
    `the tables are like those of the FastAPI application, but ${differences.join(', ')}: put that right, and try again`,
  );
}

function refuseOtherSchemas(schemas: Map<string, Columns>): void {
  for (const [schema, columns] of schemas) {
    if (!isFastApi(columns)) continue;
    const moves = ['chat_sessions', 'chat_messages', 'alembic_version']
      .filter((table) => hasTable(columns, table))
      .map((table) => `ALTER TABLE ${quoted(schema)}.${table} SET SCHEMA public;`);
    throw new AdoptionError(
      `the FastAPI application's tables are in the schema ${schema}, and can only be adopted in public: run ${moves.join(' ')} and try again`,
    );
  }
}

async function refuseDatabase(db: Db): Promise<void> {
  const [own] = await db
    .select({
      role: sql<string>`current_user`,
      database: sql<string>`current_database()`,
      schema: sql<string | null>`current_schema()`,
      encoding: sql<string>`current_setting('server_encoding')`,
    })
    .from(once);
  if (own && own.encoding !== 'UTF8') {
    throw new AdoptionError(
      `this database's encoding is ${own.encoding}, and AgentChat needs UTF8: restore a dump of it into one that was made with ENCODING 'UTF8', and adopt that`,
    );
  }
  if (!own || own.schema === 'public') return;
  throw new AdoptionError(
    `this connection makes its tables in the schema ${own.schema}, and AgentChat's can only be in public: take search_path out of DATABASE_URL, or run ALTER ROLE ${quoted(own.role)} IN DATABASE ${quoted(own.database)} SET search_path = public; and try again`,
  );
}

async function readSchemas(db: Db): Promise<Map<string, Columns>> {
  const rows = await db
    .select({
      schema: sql<string>`table_schema.nspname`,
      name: sql<string>`relation.relname || '.' || attribute.attname`,
      type: sql<string>`format_type(attribute.atttypid, null)`,
    })
    .from(
      sql`pg_class as relation join pg_namespace as table_schema on table_schema.oid = relation.relnamespace
        join pg_attribute as attribute on attribute.attrelid = relation.oid`,
    )
    .where(
      sql`table_schema.nspname !~ '^(pg_|information_schema$)' and relation.relkind in ('r', 'p')
        and (relation.relname in ('chat_sessions', 'chat_messages')
          or relation.relname = 'alembic_version' and has_table_privilege(relation.oid, 'select'))
        and attribute.attnum > 0 and not attribute.attisdropped`,
    )
    .orderBy(sql`table_schema.nspname, relation.relname, attribute.attnum`);
  const schemas = new Map<string, Columns>();
  for (const { schema, name, type } of rows) {
    const columns = schemas.get(schema) ?? new Map();
    schemas.set(schema, columns.set(name, type));
  }
  return schemas;
}

async function readRevision(db: Db): Promise<string> {
  const rows = await db.select({ revision: sql<string>`version_num` }).from(sql`public.alembic_version`);
  const revision = rows.length === 1 ? rows[0]?.revision : undefined;
  return revision !== undefined && revisions.includes(revision) ? revision : 'unknown';
}

export async function countRows(
  db: Db,
  sessions: SQL,
  messages: SQL,
): Promise<{ sessions: number; messages: number }> {
  const [row] = await db
    .select({
      sessions: sql`(select count(*) from ${sessions})`.mapWith(Number),
      messages: sql`(select count(*) from ${messages})`.mapWith(Number),
    })
    .from(once);
  return row ?? { sessions: 0, messages: 0 };
}
