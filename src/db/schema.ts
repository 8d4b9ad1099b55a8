// The tables. Order within a session is `seq`, given under the session's row lock; time never decides it.
// Every key and every hot query carry session_id: what belongs to a session stands together.
import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Bilingual } from '../words/bilingual.ts';
import type { TurnStatus } from '../words/turn-status.ts';
import type { Usage } from '../words/usage.ts';

/** JSON objects as callers see them. Bare strings never go into jsonb: Drizzle reads them back re-parsed. */
export type Json = { [key: string]: unknown };

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const chatSessions = pgTable(
  'chat_sessions',
  {
    id: uuid('id').primaryKey(),
    owner: text('owner').notNull().default('local'),
    name: text('name').notNull(),
    nameGiven: boolean('name_given').notNull().default(false),
    metadata: jsonb('metadata').$type<Json>().notNull().default({}),
    agentState: jsonb('agent_state').$type<Json>(),
    agentStateSeq: integer('agent_state_seq').notNull().default(0),
    messageCount: integer('message_count').notNull().default(0),
    // How many messages the index of the search has, and the name with them; -1 for none, or another name.
    indexedMessages: integer('indexed_messages').notNull().default(-1),
    lastSeq: integer('last_seq').notNull().default(0),
    runningLease: uuid('running_lease'),
    queuedTurns: integer('queued_turns').notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [
    // Newest first; NULLS FIRST is what a plain `order by … desc` asks for.
    index('chat_sessions_owner_updated_at_id').on(
      table.owner,
      table.updatedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('chat_sessions_unindexed')
      .on(table.owner, table.updatedAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`indexed_messages <> message_count`),
  ],
);

export const chatMessages = pgTable(
  'chat_messages',
  {
    sessionId: uuid('session_id')
      .notNull()
      .references(() => chatSessions.id, { onDelete: 'cascade' }),
    seq: integer('seq').notNull(),
    id: uuid('id').notNull(),
    role: text('role').$type<Role>().notNull(),
    source: text('source').notNull(),
    type: text('type').notNull().default('TextMessage'),
    content: text('content').notNull(),
    thought: text('thought'),
    modelsUsage: jsonb('models_usage').$type<Usage>(),
    metadata: jsonb('metadata').$type<Json>().notNull().default({}),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'chat_messages_pkey', columns: [table.sessionId, table.seq] }),
    unique('chat_messages_session_id_id').on(table.sessionId, table.id),
    check('chat_messages_role', sql`role in ('user', 'assistant')`),
  ],
);

export const chatTurns = pgTable(
  'chat_turns',
  {
    sessionId: uuid('session_id')
      .notNull()
      .references(() => chatSessions.id, { onDelete: 'cascade' }),
    id: uuid('id').notNull(),
    status: text('status').$type<TurnStatus>().notNull(),
    // The user's message stands at this seq and the reply at the next one, reserved from the start: messages
    // of queued turns and replies of running ones never change places.
    seq: integer('seq').notNull(),
    error: jsonb('error').$type<StoredTurnError>(),
    attempt: integer('attempt').notNull().default(1),
    interruptions: integer('interruptions').notNull().default(0),
    idempotencyKey: text('idempotency_key'),
    requestHash: text('request_hash'),
    // One token for each run of the turn: whoever holds an older one can no longer write.
    lease: uuid('lease'),
    leaseUntil: time('lease_until'),
    cancelRequestedAt: time('cancel_requested_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    startedAt: time('started_at'),
    finishedAt: time('finished_at'),
  },
  (table) => [
    primaryKey({ name: 'chat_turns_pkey', columns: [table.sessionId, table.id] }),
    unique('chat_turns_session_id_seq').on(table.sessionId, table.seq),
    uniqueIndex('chat_turns_one_running').on(table.sessionId).where(sql`status = 'running'`),
    uniqueIndex('chat_turns_idempotency_key')
      .on(table.sessionId, table.idempotencyKey)
      .where(sql`idempotency_key is not null`),
    // On the lease and not on its time: renewing it then touches no index.
    index('chat_turns_unfinished').on(table.lease).where(sql`status in ('queued', 'running')`),
    check('chat_turns_status', sql`status in ('queued', 'running', 'completed', 'failed', 'cancelled')`),
  ],
);

export const chatTurnEvents = pgTable(
  'chat_turn_events',
  {
    sessionId: uuid('session_id').notNull(),
    turnId: uuid('turn_id').notNull(),
    // Part of the key: a process that lost its turn and does not know it yet writes beside the new one's pieces.
    attempt: integer('attempt').notNull(),
    position: integer('position').notNull(),
    event: text('event').notNull(),
    content: text('content'),
    data: jsonb('data').$type<Json>(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({
      name: 'chat_turn_events_pkey',
      columns: [table.sessionId, table.turnId, table.attempt, table.position],
    }),
    foreignKey({
      name: 'chat_turn_events_turn_fk',
      columns: [table.sessionId, table.turnId],
      foreignColumns: [chatTurns.sessionId, chatTurns.id],
    }).onDelete('cascade'),
  ],
);

// What the search looks into first, filled behind the messages' backs: see search-index.ts.
export const chatSearchParts = pgTable(
  'chat_search_parts',
  {
    sessionId: uuid('session_id')
      .notNull()
      .references(() => chatSessions.id, { onDelete: 'cascade' }),
    // The message's; 0 for the session's name.
    seq: integer('seq').notNull(),
    part: integer('part').notNull(),
    grams: integer('grams').array().notNull(),
  },
  (table) => [
    primaryKey({ name: 'chat_search_parts_pkey', columns: [table.sessionId, table.seq, table.part] }),
    // What waits to be sorted in is little, so that nobody waits long for whoever does it.
    index('chat_search_parts_grams').using('gin', table.grams).with({ gin_pending_list_limit: 256 }),
  ],
);

/** Whether a message was said to the agent or by it; `source` is only a name. */
export type Role = 'user' | 'assistant';

/** Why a turn failed: a code that the caller's language turns into a sentence, and what the sentence names. */
export type StoredTurnError = {
  code: string;
  reason?: Bilingual;
  retry_after?: number;
};
