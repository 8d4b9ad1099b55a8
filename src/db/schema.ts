// The tables. Order within a session is (`seq`, `step`): places are given under the session's row lock, and time never
// decides. Every key begins with the owner and every hot query names it: what is somebody's stands together.
import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
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

export const chatOwners = pgTable('chat_owners', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  name: text('name').notNull().unique('chat_owners_name'),
  createdAt: time('created_at').notNull().defaultNow(),
});

// What a process of the last version still writes while this one takes over names no owner: it is the first one's.
const ownerId = () => integer('owner_id').notNull().default(1);

export const chatSessions = pgTable(
  'chat_sessions',
  {
    ownerId: integer('owner_id')
      .notNull()
      .references(() => chatOwners.id),
    id: uuid('id').notNull(),
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
    // The turn that waits for somebody: nobody holds it, and the queue stays closed behind it.
    waitingTurn: uuid('waiting_turn'),
    queuedTurns: integer('queued_turns').notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'chat_sessions_pkey', columns: [table.ownerId, table.id] }),
    // Newest first; NULLS FIRST is what a plain `order by … desc` asks for.
    index('chat_sessions_owner_id_updated_at_id').on(
      table.ownerId,
      table.updatedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('chat_sessions_unindexed')
      .on(table.ownerId, table.updatedAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`indexed_messages <> message_count`),
  ],
);

const ofSession = (name: string, { ownerId, sessionId }: Record<'ownerId' | 'sessionId', AnyPgColumn>) =>
  foreignKey({
    name,
    columns: [ownerId, sessionId],
    foreignColumns: [chatSessions.ownerId, chatSessions.id],
  }).onDelete('cascade');

export const chatMessages = pgTable(
  'chat_messages',
  {
    ownerId: ownerId(),
    sessionId: uuid('session_id').notNull(),
    seq: integer('seq').notNull(),
    // Of what a turn says, which all stands at one seq, from 0; 0 for all else.
    step: integer('step').notNull().default(0),
    // The turn's attempt that said it; null for what nobody generated, and in turns of one step, from before there were more.
    attempt: integer('attempt'),
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
    primaryKey({
      name: 'chat_messages_pkey',
      columns: [table.ownerId, table.sessionId, table.seq, table.step],
    }),
    unique('chat_messages_session_id_id').on(table.ownerId, table.sessionId, table.id),
    ofSession('chat_messages_session_fk', table),
    check('chat_messages_role', sql`role in ('user', 'assistant')`),
  ],
);

export const chatTurns = pgTable(
  'chat_turns',
  {
    ownerId: ownerId(),
    sessionId: uuid('session_id').notNull(),
    id: uuid('id').notNull(),
    status: text('status').$type<TurnStatus>().notNull(),
    // The place of the user's message, and of all that the turn says; both are given when it begins: messages of queued
    // turns and replies of running ones never change places.
    seq: integer('seq').notNull(),
    replySeq: integer('reply_seq').notNull(),
    // What its reply is stored under, whichever attempt says it; null until a turn of the last version is run again.
    replyId: uuid('reply_id'),
    agent: text('agent').notNull().default('assistant'),
    // The step that is open, or was the last: so many are settled before it.
    step: integer('step').notNull().default(0),
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
    primaryKey({ name: 'chat_turns_pkey', columns: [table.ownerId, table.sessionId, table.id] }),
    unique('chat_turns_session_id_seq').on(table.ownerId, table.sessionId, table.seq),
    uniqueIndex('chat_turns_one_running')
      .on(table.ownerId, table.sessionId)
      .where(sql`status in ('running', 'waiting')`),
    uniqueIndex('chat_turns_idempotency_key')
      .on(table.ownerId, table.sessionId, table.idempotencyKey)
      .where(sql`idempotency_key is not null`),
    // On the lease and not on its time: renewing it then touches no index.
    index('chat_turns_unfinished').on(table.lease).where(sql`status in ('queued', 'running')`),
    check(
      'chat_turns_status',
      sql`status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled')`,
    ),
    ofSession('chat_turns_session_fk', table),
  ],
);

export const chatTurnEvents = pgTable(
  'chat_turn_events',
  {
    ownerId: ownerId(),
    sessionId: uuid('session_id').notNull(),
    turnId: uuid('turn_id').notNull(),
    // Both part of the key: who lost its turn, or wrote late, and does not know it yet writes beside the newer pieces.
    step: integer('step').notNull().default(0),
    attempt: integer('attempt').notNull(),
    position: integer('position').notNull(),
    event: text('event').notNull(),
    source: text('source').notNull().default('assistant'),
    content: text('content').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({
      name: 'chat_turn_events_pkey',
      columns: [table.ownerId, table.sessionId, table.turnId, table.step, table.attempt, table.position],
    }),
    foreignKey({
      name: 'chat_turn_events_turn_fk',
      columns: [table.ownerId, table.sessionId, table.turnId],
      foreignColumns: [chatTurns.ownerId, chatTurns.sessionId, chatTurns.id],
    }).onDelete('cascade'),
  ],
);

// What the search looks into first, filled behind the messages' backs: see search-index.ts.
export const chatSearchParts = pgTable(
  'chat_search_parts',
  {
    ownerId: ownerId(),
    sessionId: uuid('session_id').notNull(),
    // The message's; 0 for the session's name.
    seq: integer('seq').notNull(),
    step: integer('step').notNull().default(0),
    part: integer('part').notNull(),
    grams: integer('grams').array().notNull(),
  },
  (table) => [
    primaryKey({
      name: 'chat_search_parts_pkey',
      columns: [table.ownerId, table.sessionId, table.seq, table.step, table.part],
    }),
    ofSession('chat_search_parts_session_fk', table),
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
