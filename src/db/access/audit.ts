// What is written down of who did what: a part of the statement that does it, so that there is never one without the other.
import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import type { Way } from '../../words/access.ts';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { as, cte, param } from '../prepared.ts';
import { chatAudit, chatOwners, type Json } from '../schema.ts';

/** `actor` is a name; `action` what was done, such as `key.created`, to `target`. */
export type AuditEntry = {
  owner: Owner | null;
  actor: string | null;
  way: Way | 'command' | null;
  key: string | null;
  action: string;
  target: string | null;
  details?: Json;
  address: string | null;
  requestId: string | null;
};

export type AuditRow = Omit<AuditEntry, 'owner'> & { id: number; at: Date; owner: string | null };

export type AuditQueries = ReturnType<typeof auditQueries>;

/** The part that writes an entry for each row of the part `done`. Its parameters are `auditValues`. */
export const auditPart = (db: Db, done: SQL) =>
  cte(
    db,
    'audit',
    { id: as(chatAudit.id) },
    sql`insert into ${chatAudit} (owner_id, actor, way, key_id, action, target, details, address, request_id)
      select ${param('auditOwner', 'int')}, ${param('auditActor', 'text')}, ${param('auditWay', 'text')},
        ${param('auditKey', 'uuid')}, ${param('auditAction', 'text')}, ${param('auditTarget', 'text')},
        ${param('auditDetails', 'jsonb')}, ${param('auditAddress', 'text')}, ${param('auditRequestId', 'text')}
      from ${done} returning id`,
  );

export const auditValues = (entry: AuditEntry) => ({
  auditOwner: entry.owner,
  auditActor: entry.actor,
  auditWay: entry.way,
  auditKey: entry.key,
  auditAction: entry.action,
  auditTarget: entry.target,
  auditDetails: JSON.stringify(entry.details ?? {}),
  auditAddress: entry.address,
  auditRequestId: entry.requestId,
});

export function auditQueries(db: Db) {
  return {
    /** For what changes no row of its own, such as a sign-in that was refused. */
    add: async (entry: AuditEntry): Promise<void> => {
      await db.insert(chatAudit).values({
        ownerId: entry.owner,
        actor: entry.actor,
        way: entry.way,
        keyId: entry.key,
        action: entry.action,
        target: entry.target,
        details: entry.details ?? {},
        address: entry.address,
        requestId: entry.requestId,
      });
    },

    /** Up to `limit`, newest first, before the entry `before`. */
    list: (query: {
      limit: number;
      before?: number | undefined;
      owner?: string | undefined;
      action?: string | undefined;
    }): Promise<AuditRow[]> =>
      db
        .select({
          id: chatAudit.id,
          at: chatAudit.at,
          owner: chatOwners.name,
          actor: chatAudit.actor,
          way: chatAudit.way,
          key: chatAudit.keyId,
          action: chatAudit.action,
          target: chatAudit.target,
          details: chatAudit.details,
          address: chatAudit.address,
          requestId: chatAudit.requestId,
        })
        .from(chatAudit)
        .leftJoin(chatOwners, eq(chatOwners.id, chatAudit.ownerId))
        .where(
          and(
            query.before === undefined ? undefined : lt(chatAudit.id, query.before),
            query.owner === undefined ? undefined : eq(chatOwners.name, query.owner),
            query.action === undefined ? undefined : eq(chatAudit.action, query.action),
          ),
        )
        .orderBy(desc(chatAudit.id))
        .limit(query.limit),
  };
}
