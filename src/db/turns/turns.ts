// Queries on chat_turns: the life of a turn, and looking at it. Each change is one statement.
import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { TurnStatus } from '../../words/turn-status.ts';
import type { Usage } from '../../words/usage.ts';
import type { Db } from '../database.ts';
import type { ContextRow, MessageRow } from '../messages.ts';
import { isOwned, type SessionKey } from '../owner.ts';
import { endOfPage, type Page } from '../page-bytes.ts';
import { param } from '../prepared.ts';
import { chatMessages, chatTurns, type Json, type StoredTurnError } from '../schema.ts';
import { createCompletion, type StoredReply } from './complete-turns.ts';
import {
  prepareBegin,
  prepareClaim,
  prepareEndQueued,
  prepareEndRunning,
  prepareRetry,
} from './turn-statements.ts';

export type TurnName = SessionKey & { turn: string };

/** Names one run of a turn: what its process may still write. */
export type TurnKey = TurnName & { lease: string };

export type NewTurn = TurnKey & {
  message: {
    id: string;
    source: string;
    type: string;
    content: string;
    modelsUsage: Usage | null;
    metadata: Json;
  };
  /** The session's name if this is its first message and nobody gave it one. */
  name: string;
  /** Under this key there is one turn in the session, begun by a request with this hash. */
  idempotency: { key: string; requestHash: string } | undefined;
  /** Whether it may wait in the queue for other turns of the session. */
  mayWait: boolean;
  /** How many messages before this one to give, if it need not wait. */
  before: number;
};

export type BegunTurn = {
  seq: number;
  /** False: another turn of the session runs, this one is queued. */
  running: boolean;
  createdAt: Date;
  agentState: Json | null;
  agentStateSeq: number;
  /** The messages that were asked for and the turn's own, oldest first; without it, they have to be read. */
  tail?: ContextRow[] | undefined;
};

export type NewReply = {
  id: string;
  source: string;
  content: string;
  thought: string | null;
  modelsUsage: Usage | null;
  metadata: Json;
};

export type TurnRow = {
  sessionId: string;
  id: string;
  seq: number;
  status: TurnStatus;
  error: StoredTurnError | null;
  attempt: number;
  createdAt: Date;
  finishedAt: Date | null;
  userMessage: MessageRow;
  reply: MessageRow | null;
};

export type TurnQueries = ReturnType<typeof turnQueries>;

export function turnQueries(db: Db) {
  const beginStatement = prepareBegin(db);
  const claimStatement = prepareClaim(db);
  const complete = createCompletion(db);
  const endRunningStatement = prepareEndRunning(db);
  const endQueuedStatement = prepareEndQueued(db);
  const retryStatement = prepareRetry(db);

  const userMessage = alias(chatMessages, 'user_message');
  const reply = alias(chatMessages, 'reply');
  const select = (more = sql<boolean>`false`) =>
    db
      .select({ turn: chatTurns, userMessage, reply, more })
      .from(chatTurns)
      .innerJoin(
        userMessage,
        and(eq(userMessage.sessionId, chatTurns.sessionId), eq(userMessage.seq, chatTurns.seq)),
      )
      .leftJoin(
        reply,
        and(eq(reply.sessionId, chatTurns.sessionId), eq(reply.seq, sql`${chatTurns.seq} + 1`)),
      );

  const findStatement = select()
    .where(
      and(
        eq(chatTurns.sessionId, param('session')),
        eq(chatTurns.id, param('turn')),
        isOwned(chatTurns.sessionId, param('owner')),
      ),
    )
    .prepare('turn_find');
  const byKeyStatement = db
    .select({ id: chatTurns.id, requestHash: chatTurns.requestHash })
    .from(chatTurns)
    .where(
      and(
        eq(chatTurns.sessionId, param('session')),
        eq(chatTurns.idempotencyKey, param('key')),
        isOwned(chatTurns.sessionId, param('owner')),
      ),
    )
    .prepare('turn_by_key');
  const requestCancel = ({ owner, session }: SessionKey, ...which: SQL[]) =>
    db
      .update(chatTurns)
      .set({ cancelRequestedAt: sql`now()` })
      .where(
        and(
          eq(chatTurns.sessionId, session),
          ...which,
          sql`status in ('queued', 'running')`,
          isOwned(chatTurns.sessionId, owner),
        ),
      )
      .returning({ id: chatTurns.id });

  return {
    /**
     * Stores the user's message and its turn; undefined where there is no such session. Changes nothing where the
     * session is busy and the turn may not wait, too many wait already, or the key is taken.
     */
    begin: async (turn: NewTurn): Promise<BegunTurn | 'not begun' | undefined> => {
      const { message } = turn;
      const [row] = await beginStatement.execute({
        owner: turn.owner,
        session: turn.session,
        turn: turn.turn,
        lease: turn.lease,
        name: turn.name,
        mayWait: turn.mayWait,
        idempotencyKey: turn.idempotency?.key ?? null,
        requestHash: turn.idempotency?.requestHash ?? null,
        message: message.id,
        source: message.source,
        type: message.type,
        content: message.content,
        usage: message.modelsUsage === null ? null : JSON.stringify(message.modelsUsage),
        metadata: JSON.stringify(message.metadata),
        before: turn.before,
      });
      if (!row) return undefined;
      const { seq, status, createdAt, agentState, agentStateSeq } = row;
      if (seq === null || status === null || createdAt === null) return 'not begun';
      const { source, content } = message;
      const own: ContextRow = { seq, role: 'user', source, content, thought: null };
      const tail = row.before ? [...row.before, own] : undefined;
      return { seq, running: status === 'running', createdAt, agentState, agentStateSeq, tail };
    },

    /** The turn that was begun under this key. */
    findByKey: async (
      session: SessionKey,
      key: string,
    ): Promise<{ id: string; requestHash: string | null } | undefined> => {
      const [row] = await byKeyStatement.execute({ ...session, key });
      return row;
    },

    /** Lets a queued turn run if it is its turn; false: not yet. */
    claim: async (key: TurnKey, seq: number): Promise<boolean> =>
      (await claimStatement.execute({ ...key, seq })).length > 0,

    /**
     * Stores the reply and ends the turn; undefined when this run no longer holds the turn. `hasPieces`: some of what
     * it streamed, or an earlier run, may be stored.
     */
    complete: (
      key: TurnKey,
      status: 'completed' | 'cancelled',
      { id: message, source, content, thought, modelsUsage: usage, metadata }: NewReply,
      hasPieces: boolean,
    ): Promise<StoredReply | undefined> =>
      complete({ ...key, status, message, source, content, thought, usage, metadata, hasPieces }),

    /**
     * Ends a turn, running or still queued, without a reply: failed for `error`, keeping what was streamed, or
     * cancelled where there is none. False when this run no longer holds it.
     */
    endWithoutReply: async (
      key: TurnKey,
      error: StoredTurnError | null,
      partial: { thought: string; content: string } = { thought: '', content: '' },
    ): Promise<boolean> => {
      const end = {
        ...key,
        status: error ? 'failed' : 'cancelled',
        error: error && JSON.stringify(error),
        thought: partial.thought || null,
        content: partial.content || null,
      };
      if ((await endRunningStatement.execute(end)).length > 0) return true;
      return (await endQueuedStatement.execute(end)).length > 0;
    },

    /** Runs a failed turn again, or queues it; undefined where there is no such turn, or it has not failed. */
    retry: async (key: TurnKey): Promise<(BegunTurn & { attempt: number }) | undefined> =>
      (await retryStatement.execute(key))[0],

    /** Asks whoever runs the turn to cancel it; false where there is no such turn, or it has ended. */
    requestCancel: async (name: TurnName): Promise<boolean> =>
      (await requestCancel(name, eq(chatTurns.id, name.turn))).length > 0,

    /** Asks whoever runs a turn of the session before the one at `seq` to cancel it; gives the turn's id. */
    requestCancelBefore: async (session: SessionKey, seq: number): Promise<string | undefined> => {
      const [row] = await requestCancel(session, eq(chatTurns.status, 'running'), lt(chatTurns.seq, seq));
      return row?.id;
    },

    find: async (name: TurnName): Promise<TurnRow | undefined> => {
      const [row] = await findStatement.execute(name);
      return row && turnRow(row);
    },

    /**
     * Up to `limit` turns, newest first: fewer where their texts are large. `beforeSeq` continues after the turn with
     * that seq.
     */
    list: async (
      { owner, session }: SessionKey,
      query: { status?: TurnStatus | undefined; beforeSeq?: number | undefined; limit: number },
    ): Promise<Page<TurnRow>> => {
      const { status, beforeSeq, limit } = query;
      const among = (turn: string) => {
        const of = (column: string) => sql`${sql.identifier(turn)}.${sql.identifier(column)}`;
        return and(sql`${of('session_id')} = ${session}`, status && sql`${of('status')} = ${status}`);
      };
      const before = beforeSeq === undefined ? undefined : sql`turn.seq < ${beforeSeq}`;
      const page = sql`select seq, (select sum(octet_length(content) + coalesce(octet_length(thought), 0))
          from ${chatMessages} where session_id = turn.session_id and seq in (turn.seq, turn.seq + 1)) as size
        from ${chatTurns} as turn where ${and(among('turn'), before)} order by seq desc limit ${limit}`;
      const rows = await select(
        sql`exists (select 1 from ${chatTurns} as earlier where ${among('earlier')} and earlier.seq < ${chatTurns.seq})`,
      )
        .where(
          and(
            eq(chatTurns.sessionId, session),
            isOwned(chatTurns.sessionId, owner),
            status && eq(chatTurns.status, status),
            beforeSeq === undefined ? undefined : lt(chatTurns.seq, beforeSeq),
            sql`${chatTurns.seq} > coalesce((${endOfPage(page, 'desc')}), 0)`,
          ),
        )
        .orderBy(desc(chatTurns.seq))
        .limit(limit);
      return { rows: rows.map(turnRow), more: rows.at(-1)?.more ?? false };
    },
  };
}

function turnRow(row: {
  turn: typeof chatTurns.$inferSelect;
  userMessage: MessageRow;
  reply: MessageRow | null;
}): TurnRow {
  const { sessionId, id, seq, status, error, attempt, createdAt, finishedAt } = row.turn;
  return {
    sessionId,
    id,
    seq,
    status,
    error,
    attempt,
    createdAt,
    finishedAt,
    userMessage: row.userMessage,
    reply: row.reply,
  };
}
