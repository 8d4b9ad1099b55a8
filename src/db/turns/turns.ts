// Queries on chat_turns: the life of a turn, and looking at it. Each change is one statement.
import { and, asc, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import { alias, type PgColumn } from 'drizzle-orm/pg-core';
import type { TurnStatus } from '../../words/turn-status.ts';
import type { Usage } from '../../words/usage.ts';
import type { Db } from '../database.ts';
import { type ContextRow, type MessageRow, messageColumns } from '../messages.ts';
import { inSession, isIn, type SessionKey } from '../owner.ts';
import { endOfPage, type Page } from '../page-bytes.ts';
import { param } from '../prepared.ts';
import { chatMessages, chatTurns, type Json, type StoredTurnError } from '../schema.ts';
import { createCompletion, type StoredReply } from './complete-turns.ts';
import { type NewStep, prepareSettle, stepValues } from './settle-step.ts';
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
  /** Who answers. */
  agent: string;
  /** What the reply will be stored under, whichever attempt says it. */
  replyId: string;
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
  /** The place of the user's message, and of all that the turn says. */
  seq: number;
  replySeq: number;
  replyId: string;
  agent: string;
  attempt: number;
  /** The step that is open: so many are settled. */
  step: number;
  /** False: another turn of the session runs, this one is queued. */
  running: boolean;
  createdAt: Date;
  agentState: Json | null;
  agentStateSeq: number;
  /** The messages that were asked for and the turn's own, oldest first; without it, they have to be read. */
  tail?: ContextRow[] | undefined;
};

/** What an open step has said so far; nobody where that is nothing. */
export type Streamed = { source: string | undefined; thought: string; content: string };

export type TurnRow = Pick<
  typeof chatTurns.$inferSelect,
  'sessionId' | 'id' | 'seq' | 'status' | 'agent' | 'step' | 'attempt' | 'error' | 'createdAt' | 'finishedAt'
> & {
  userMessage: MessageRow;
  /** The last step of a turn that has ended with one. */
  reply: MessageRow | null;
};

/** With the steps that are settled before the one that is open, or is the reply; oldest first. */
export type TurnWithSteps = TurnRow & { settled: MessageRow[] };

export type TurnQueries = ReturnType<typeof turnQueries>;

export function turnQueries(db: Db) {
  const beginStatement = prepareBegin(db);
  const claimStatement = prepareClaim(db);
  const complete = createCompletion(db);
  const endRunningStatement = prepareEndRunning(db);
  const endQueuedStatement = prepareEndQueued(db);
  const retryStatement = prepareRetry(db);
  const settleStatement = prepareSettle(db);

  const userMessage = alias(chatMessages, 'user_message');
  const reply = alias(chatMessages, 'reply');
  const select = (more = sql<boolean>`false`) =>
    db
      .select({ turn: chatTurns, userMessage, reply, more })
      .from(chatTurns)
      .innerJoin(userMessage, at(userMessage, chatTurns.seq, sql`0`))
      .leftJoin(reply, at(reply, chatTurns.replySeq, chatTurns.step));

  const findStatement = select()
    .where(and(inSession(chatTurns), eq(chatTurns.id, param('turn'))))
    .prepare('turn_find');
  const settledStatement = db
    .select(messageColumns)
    .from(chatMessages)
    .where(
      and(inSession(chatMessages), eq(chatMessages.seq, param('seq')), lt(chatMessages.step, param('step'))),
    )
    .orderBy(asc(chatMessages.step))
    .prepare('turn_settled');
  const byKeyStatement = db
    .select({ id: chatTurns.id, requestHash: chatTurns.requestHash })
    .from(chatTurns)
    .where(and(inSession(chatTurns), eq(chatTurns.idempotencyKey, param('key'))))
    .prepare('turn_by_key');
  const requestCancel = (session: SessionKey, ...which: SQL[]) =>
    db
      .update(chatTurns)
      .set({ cancelRequestedAt: sql`now()` })
      .where(and(isIn(chatTurns, session), ...which, sql`status in ('queued', 'running', 'waiting')`))
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
        agent: turn.agent,
        replyId: turn.replyId,
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
      const { seq, replySeq, status, createdAt, agentState, agentStateSeq } = row;
      if (seq === null || replySeq === null || status === null || createdAt === null) return 'not begun';
      const { source, content } = message;
      const own: ContextRow = { seq, step: 0, role: 'user', source, content, thought: null };
      return {
        seq,
        replySeq,
        replyId: turn.replyId,
        agent: turn.agent,
        attempt: 1,
        step: 0,
        running: status === 'running',
        createdAt,
        agentState,
        agentStateSeq,
        tail: row.before ? [...row.before, own] : undefined,
      };
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
     * Stores what `step` says, which is never said again, and opens the next one; undefined when this run no longer holds
     * the turn, or the step is settled.
     */
    settle: async (key: TurnKey, step: number, said: NewStep): Promise<StoredReply | undefined> =>
      (await settleStatement.execute({ ...key, ...stepValues(said), step }))[0],

    /**
     * Stores the last step, which is the reply, and ends the turn; undefined when this run no longer holds the turn.
     * `hasPieces`: some of what it streamed, or an earlier run, may be stored.
     */
    complete: (
      key: TurnKey,
      status: 'completed' | 'cancelled',
      reply: NewStep,
      hasPieces: boolean,
    ): Promise<StoredReply | undefined> => complete({ ...key, ...reply, status, hasPieces }),

    /**
     * Ends a turn, running or still queued, without a reply: failed for `error`, keeping what its open step streamed, or
     * cancelled where there is none. What is settled stays. False when this run no longer holds it.
     */
    endWithoutReply: async (
      key: TurnKey,
      error: StoredTurnError | null,
      partial: Streamed = { source: undefined, thought: '', content: '' },
    ): Promise<boolean> => {
      const end = {
        ...key,
        status: error ? 'failed' : 'cancelled',
        error: error && JSON.stringify(error),
        source: partial.source ?? '',
        thought: partial.thought || null,
        content: partial.content || null,
      };
      if ((await endRunningStatement.execute(end)).length > 0) return true;
      return (await endQueuedStatement.execute(end)).length > 0;
    },

    /**
     * Runs a failed turn of one of these agents again behind its settled steps, or queues it; undefined where there is no
     * such turn, or it has not failed. `replyId` is for a turn that has none yet.
     */
    retry: async (key: TurnKey, agents: readonly string[], replyId: string): Promise<BegunTurn | undefined> =>
      (await retryStatement.execute({ ...key, agents: JSON.stringify(agents), replyId }))[0],

    /** Asks whoever runs the turn to cancel it; false where there is no such turn, or it has ended. */
    requestCancel: async (name: TurnName): Promise<boolean> =>
      (await requestCancel(name, eq(chatTurns.id, name.turn))).length > 0,

    /** Asks whoever runs a turn of the session before the one at `seq` to cancel it; gives the turn's id. */
    requestCancelBefore: async (session: SessionKey, seq: number): Promise<string | undefined> => {
      const [row] = await requestCancel(
        session,
        sql`status in ('running', 'waiting')`,
        lt(chatTurns.seq, seq),
      );
      return row?.id;
    },

    find: async (name: TurnName): Promise<TurnWithSteps | undefined> => {
      const [row] = await findStatement.execute(name);
      if (!row) return undefined;
      const { step, replySeq } = row.turn;
      // They do not change, so the two reads tell of one time.
      const settled = step === 0 ? [] : await settledStatement.execute({ ...name, seq: replySeq, step });
      return { ...turnRow(row), settled };
    },

    /**
     * Up to `limit` turns, newest first: fewer where their texts are large. `beforeSeq` continues after the turn with
     * that seq.
     */
    list: async (
      session: SessionKey,
      query: { status?: TurnStatus | undefined; beforeSeq?: number | undefined; limit: number },
    ): Promise<Page<TurnRow>> => {
      const { status, beforeSeq, limit } = query;
      const among = (turn: string) => {
        const of = (column: string) => sql`${sql.identifier(turn)}.${sql.identifier(column)}`;
        return and(
          sql`${of('owner_id')} = ${session.owner} and ${of('session_id')} = ${session.session}`,
          status && sql`${of('status')} = ${status}`,
        );
      };
      const before = beforeSeq === undefined ? undefined : sql`turn.seq < ${beforeSeq}`;
      const page = sql`select seq, (select sum(octet_length(content) + coalesce(octet_length(thought), 0))
          from ${chatMessages} as message where message.owner_id = turn.owner_id and message.session_id = turn.session_id
            and (message.seq = turn.seq or message.seq = turn.reply_seq and message.step = turn.step)) as size
        from ${chatTurns} as turn where ${and(among('turn'), before)} order by seq desc limit ${limit}`;
      const rows = await select(
        sql`exists (select 1 from ${chatTurns} as earlier where ${among('earlier')} and earlier.seq < ${chatTurns.seq})`,
      )
        .where(
          and(
            isIn(chatTurns, session),
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

/** Joins the message of the turn's session that stands at this place. */
const at = (
  message: Record<'ownerId' | 'sessionId' | 'seq' | 'step', PgColumn>,
  seq: PgColumn,
  step: PgColumn | SQL,
) =>
  and(
    eq(message.ownerId, chatTurns.ownerId),
    eq(message.sessionId, chatTurns.sessionId),
    eq(message.seq, seq),
    eq(message.step, step),
  );

function turnRow(row: {
  turn: typeof chatTurns.$inferSelect;
  userMessage: MessageRow;
  reply: MessageRow | null;
}): TurnRow {
  return { ...row.turn, userMessage: row.userMessage, reply: row.reply };
}
