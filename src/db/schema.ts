// The tables. Order within a session is (`seq`, `step`): places are given under the session's row lock, and time never
// decides. Every key begins with the owner and every hot query names it: what is somebody's stands together.
import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  customType,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Role as AccessRole, Way } from '../words/access.ts';
import type { Bilingual } from '../words/bilingual.ts';
import type { CallStatus, Decision } from '../words/tool-calls.ts';
import type { TurnStatus } from '../words/turn-status.ts';
import type { Usage } from '../words/usage.ts';

/** JSON objects as callers see them. Bare strings never go into jsonb: Drizzle reads them back re-parsed. */
export type Json = { [key: string]: unknown };

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

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
    // Who answers; null: the default one.
    agent: text('agent'),
    // What stands behind the instructions of who answers, and the model's temperature; null: as the agent has it.
    instructions: text('instructions'),
    temperature: doublePrecision('temperature'),
    metadata: jsonb('metadata').$type<Json>().notNull().default({}),
    agentState: jsonb('agent_state').$type<Json>(),
    agentStateSeq: integer('agent_state_seq').notNull().default(0),
    messageCount: integer('message_count').notNull().default(0),
    // How many messages the index of the search has, and the name with them; -1 for none, or another name.
    indexedMessages: integer('indexed_messages').notNull().default(-1),
    lastSeq: integer('last_seq').notNull().default(0),
    // Which places it shows, in a session with versions: from, to, from, to, …, from. Null: all.
    path: integer('path').array(),
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
    // What a type has beside its text, such as the calls of tools; of a user's message, what it asks for; null: nothing.
    data: jsonb('data').$type<Json>(),
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
    // The place that it stands behind, 0 for the beginning; null: what was before it in the session.
    parentSeq: integer('parent_seq'),
    // Of a turn that answers again: where the message stands that it answers. There is none at its own `seq` then, and who
    // is asked stands here and not with the message.
    asksSeq: integer('asks_seq'),
    wish: jsonb('wish').$type<Json>(),
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
    // How many of its steps the ledger has counted: those that an end before this attempt told it.
    countedSteps: integer('counted_steps'),
    // What limits count for it until it ends: the owner's, a key's, or both; all null where none do.
    ownerCounts: boolean('owner_counts'),
    keyId: uuid('key_id'),
    reservedTokens: bigint('reserved_tokens', { mode: 'number' }),
    reservedCost: numeric('reserved_cost', { mode: 'number' }),
    // What it had used, and no end had counted, when it began to wait: nobody holds it who could tell if it ends there.
    waitingSpent: jsonb('waiting_spent').$type<Json>(),
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

// The ledger of calls: what a tool was asked for, before it is, and what came of it.
export const chatToolCalls = pgTable(
  'chat_tool_calls',
  {
    ownerId: integer('owner_id').notNull(),
    sessionId: uuid('session_id').notNull(),
    turnId: uuid('turn_id').notNull(),
    // The turn's step that asks for it, and which call of that it is, from 0.
    step: integer('step').notNull(),
    position: integer('position').notNull(),
    // Our own, and what the tool knows it by in every attempt; `call_id` is the model's.
    id: uuid('id').notNull(),
    callId: text('call_id').notNull(),
    name: text('name').notNull(),
    // What the server is called whose tool it is for, and no other's; '' of a tool that needs none, null where none was known.
    server: text('server'),
    // As the model wrote them, or as they were given before where it is asked about again; those that a person gives instead.
    arguments: text('arguments').notNull(),
    givenArguments: text('given_arguments'),
    status: text('status').$type<CallStatus>().notNull().default('requested'),
    needsApproval: boolean('needs_approval').notNull(),
    // The run that started it.
    lease: uuid('lease'),
    result: text('result'),
    isError: boolean('is_error'),
    // What a person is asked under: `id`, and another one each time that it is asked again.
    approvalId: uuid('approval_id').notNull(),
    // With `decided_by` null: nobody answered in time.
    decision: text('decision').$type<Decision>(),
    decidedBy: text('decided_by'),
    // Why it is denied, or the answer.
    said: text('said'),
    expiresAt: time('expires_at'),
    requestedAt: time('requested_at').notNull().defaultNow(),
    startedAt: time('started_at'),
    finishedAt: time('finished_at'),
  },
  (table) => [
    primaryKey({
      name: 'chat_tool_calls_pkey',
      columns: [table.ownerId, table.sessionId, table.turnId, table.step, table.position],
    }),
    foreignKey({
      name: 'chat_tool_calls_turn_fk',
      columns: [table.ownerId, table.sessionId, table.turnId],
      foreignColumns: [chatTurns.ownerId, chatTurns.sessionId, chatTurns.id],
    }).onDelete('cascade'),
    index('chat_tool_calls_waiting')
      .on(table.ownerId, table.expiresAt, table.id)
      .where(sql`status = 'waiting'`),
    index('chat_tool_calls_expires_at').on(table.expiresAt).where(sql`status = 'waiting'`),
    check(
      'chat_tool_calls_status',
      sql`status in ('requested', 'waiting', 'approved', 'denied', 'started', 'finished', 'unknown', 'cancelled')`,
    ),
    check('chat_tool_calls_decision', sql`decision in ('approve', 'deny', 'answer')`),
  ],
);

// What people send along. Its bytes stand in pieces, written as they come; nobody sees it before all are there.
export const chatFiles = pgTable(
  'chat_files',
  {
    ownerId: integer('owner_id')
      .notNull()
      .references(() => chatOwners.id),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    // What the bytes say.
    mediaType: text('media_type').notNull().default('application/octet-stream'),
    size: integer('size').notNull().default(0),
    // Null until all of it is there.
    sha256: text('sha256'),
    // What a model is given to read; null where there is nothing to read in it.
    text: text('text'),
    // Whether there is more in it than the text has.
    textCut: boolean('text_cut').notNull().default(false),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'chat_files_pkey', columns: [table.ownerId, table.id] }),
    index('chat_files_created_at').on(table.createdAt),
  ],
);

export const chatFilePieces = pgTable(
  'chat_file_pieces',
  {
    ownerId: integer('owner_id').notNull(),
    fileId: uuid('file_id').notNull(),
    position: integer('position').notNull(),
    bytes: bytes('bytes').notNull(),
  },
  (table) => [
    primaryKey({ name: 'chat_file_pieces_pkey', columns: [table.ownerId, table.fileId, table.position] }),
    foreignKey({
      name: 'chat_file_pieces_file_fk',
      columns: [table.ownerId, table.fileId],
      foreignColumns: [chatFiles.ownerId, chatFiles.id],
    }).onDelete('cascade'),
  ],
);

// Which sessions have a file: it goes with the last of them.
export const chatSessionFiles = pgTable(
  'chat_session_files',
  {
    ownerId: integer('owner_id').notNull(),
    fileId: uuid('file_id').notNull(),
    sessionId: uuid('session_id').notNull(),
  },
  (table) => [
    primaryKey({ name: 'chat_session_files_pkey', columns: [table.ownerId, table.fileId, table.sessionId] }),
    foreignKey({
      name: 'chat_session_files_file_fk',
      columns: [table.ownerId, table.fileId],
      foreignColumns: [chatFiles.ownerId, chatFiles.id],
    }),
    index('chat_session_files_session_id').on(table.ownerId, table.sessionId),
    ofSession('chat_session_files_session_fk', table),
  ],
);

// Links that show a session as it was: which places, and nothing that was stored later. Whoever has the id may read.
export const chatShares = pgTable(
  'chat_shares',
  {
    ownerId: integer('owner_id').notNull(),
    sessionId: uuid('session_id').notNull(),
    id: text('id').notNull().unique('chat_shares_id'),
    name: text('name').notNull(),
    path: integer('path').array(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'chat_shares_pkey', columns: [table.ownerId, table.sessionId, table.id] }),
    ofSession('chat_shares_session_fk', table),
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

// Of a key there is only what it is recognised by: its hash.
export const chatKeys = pgTable(
  'chat_keys',
  {
    ownerId: integer('owner_id')
      .notNull()
      .references(() => chatOwners.id),
    id: uuid('id').notNull(),
    hash: text('hash').notNull().unique('chat_keys_hash'),
    // How it begins, so that people know which it is.
    hint: text('hint').notNull(),
    name: text('name').notNull(),
    role: text('role').$type<AccessRole>().notNull(),
    agents: text('agents').array(),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at'),
    revokedAt: time('revoked_at'),
    // To a minute.
    lastUsedAt: time('last_used_at'),
  },
  (table) => [
    primaryKey({ name: 'chat_keys_pkey', columns: [table.ownerId, table.id] }),
    check('chat_keys_role', sql`role in ('viewer', 'member', 'admin', 'service')`),
  ],
);

// What the page's cookie stands for. With a key, what that may do now.
export const chatSignIns = pgTable(
  'chat_sign_ins',
  {
    ownerId: integer('owner_id')
      .notNull()
      .references(() => chatOwners.id),
    id: uuid('id').notNull(),
    hash: text('hash').notNull().unique('chat_sign_ins_hash'),
    way: text('way').$type<Way>().notNull(),
    role: text('role').$type<AccessRole>().notNull(),
    keyId: uuid('key_id'),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
    revokedAt: time('revoked_at'),
  },
  (table) => [
    primaryKey({ name: 'chat_sign_ins_pkey', columns: [table.ownerId, table.id] }),
    foreignKey({
      name: 'chat_sign_ins_key_fk',
      columns: [table.ownerId, table.keyId],
      foreignColumns: [chatKeys.ownerId, chatKeys.id],
    }),
    index('chat_sign_ins_expires_at').on(table.expiresAt),
    check('chat_sign_ins_way', sql`way in ('keys', 'oidc')`),
    check('chat_sign_ins_role', sql`role in ('viewer', 'member', 'admin', 'service')`),
  ],
);

// Who did what to what. Rows are only added: a trigger refuses anything else.
export const chatAudit = pgTable(
  'chat_audit',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: time('at').notNull().defaultNow(),
    // Whose request it was; null where nobody was let in. No reference: it outlives what it names.
    ownerId: integer('owner_id'),
    actor: text('actor'),
    way: text('way').$type<Way | 'command'>(),
    keyId: uuid('key_id'),
    action: text('action').notNull(),
    target: text('target'),
    details: jsonb('details').$type<Json>().notNull().default({}),
    address: text('address'),
    requestId: text('request_id'),
  },
  (table) => [index('chat_audit_owner_id_id').on(table.ownerId, table.id)],
);

const noKey = sql`'00000000-0000-0000-0000-000000000000'`;

// What an owner may, or a key (under owner 0), or whoever has no row (owner 0, and no key). Null: as much as they like.
export const chatLimits = pgTable(
  'chat_limits',
  {
    ownerId: integer('owner_id').notNull(),
    keyId: uuid('key_id').notNull().default(noKey),
    requestsPerMinute: integer('requests_per_minute'),
    runningTurns: integer('running_turns'),
    turnsPerDay: integer('turns_per_day'),
    tokensPerDay: bigint('tokens_per_day', { mode: 'number' }),
    costPerMonth: numeric('cost_per_month', { mode: 'number' }),
    agents: text('agents').array(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ name: 'chat_limits_pkey', columns: [table.ownerId, table.keyId] })],
);

// What counts against limits, one row for each who has any, named as in chat_limits. Each count is of the minute, day or
// month (UTC) beside it, and else is 0; `running` and what is reserved are of turns that have not ended.
export const chatAllowances = pgTable(
  'chat_allowances',
  {
    ownerId: integer('owner_id').notNull(),
    keyId: uuid('key_id').notNull().default(noKey),
    minute: time('minute').notNull().default(sql`'epoch'`),
    requests: integer('requests').notNull().default(0),
    running: integer('running').notNull().default(0),
    day: date('day').notNull().default(sql`'epoch'`),
    turns: integer('turns').notNull().default(0),
    tokens: bigint('tokens', { mode: 'number' }).notNull().default(0),
    reservedTokens: bigint('reserved_tokens', { mode: 'number' }).notNull().default(0),
    month: date('month').notNull().default(sql`'epoch'`),
    cost: numeric('cost', { mode: 'number' }).notNull().default(0),
    reservedCost: numeric('reserved_cost', { mode: 'number' }).notNull().default(0),
  },
  (table) => [primaryKey({ name: 'chat_allowances_pkey', columns: [table.ownerId, table.keyId] })],
);

// The ledger. Each process adds to rows of its own `part`, so that they do not wait for each other; the sum counts.
export const chatUsage = pgTable(
  'chat_usage',
  {
    ownerId: integer('owner_id').notNull(),
    day: date('day').notNull(),
    model: text('model').notNull(),
    agent: text('agent').notNull(),
    part: smallint('part').notNull(),
    turns: integer('turns').notNull(),
    promptTokens: bigint('prompt_tokens', { mode: 'number' }).notNull(),
    completionTokens: bigint('completion_tokens', { mode: 'number' }).notNull(),
    estimatedTurns: integer('estimated_turns').notNull(),
    cost: numeric('cost', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'chat_usage_pkey',
      columns: [table.ownerId, table.day, table.model, table.agent, table.part],
    }),
    index('chat_usage_day').on(table.day),
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
