// Looking at turns: at one, with what it has said, and at those of a session.
import { and, asc, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import { alias, type PgColumn } from 'drizzle-orm/pg-core';
import type { TurnStatus } from '../../words/turn-status.ts';
import type { Db } from '../database.ts';
import { type MessageRow, messageColumns } from '../message-row.ts';
import { inSession, type SessionKey } from '../owner.ts';
import { endOfPage, type Page } from '../page-bytes.ts';
import { rangesOf } from '../path-parts.ts';
import { param } from '../prepared.ts';
import { chatMessages, chatSessions, chatTurns } from '../schema.ts';
import type { TurnName } from './turn-name.ts';

export type TurnRow = Pick<
  typeof chatTurns.$inferSelect,
  | 'sessionId'
  | 'id'
  | 'seq'
  | 'replySeq'
  | 'asksSeq'
  | 'status'
  | 'agent'
  | 'step'
  | 'attempt'
  | 'error'
  | 'createdAt'
  | 'finishedAt'
> & {
  /** What it answers, with this turn's wish where it answers again. */
  userMessage: MessageRow;
  /** The last step of a turn that has ended with one. */
  reply: MessageRow | null;
};

/** With the steps that are settled before the one that is open, or is the reply; oldest first. */
export type TurnWithSteps = TurnRow & { settled: MessageRow[] };

export type TurnLooks = ReturnType<typeof turnLooks>;

export type TurnsQuery = {
  status?: TurnStatus | undefined;
  beforeSeq?: number | undefined;
  limit: number;
  shown?: boolean;
};

export function turnLooks(db: Db) {
  const userMessage = alias(chatMessages, 'user_message');
  const reply = alias(chatMessages, 'reply');
  const select = (more = sql<boolean>`false`) =>
    db
      .select({ turn: chatTurns, userMessage, reply, more })
      .from(chatTurns)
      .innerJoin(userMessage, at(userMessage, questionSeq, sql`0`))
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

  return {
    /** The turn that was begun under this key. */
    findByKey: async (
      session: SessionKey,
      key: string,
    ): Promise<{ id: string; requestHash: string | null } | undefined> => {
      const [row] = await byKeyStatement.execute({ ...session, key });
      return row;
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
     * that seq; `shown`: only those of the versions that the session shows.
     */
    list: async (session: SessionKey, query: TurnsQuery): Promise<Page<TurnRow>> => {
      const { status, beforeSeq, limit, shown } = query;
      const path = sql`(select path from ${chatSessions} where owner_id = ${session.owner} and id = ${session.session})`;
      const among = (turn: string) => {
        const of = (column: string) => sql`${sql.identifier(turn)}.${sql.identifier(column)}`;
        return and(
          sql`${of('owner_id')} = ${session.owner} and ${of('session_id')} = ${session.session}`,
          status && sql`${of('status')} = ${status}`,
          shown
            ? sql`exists (select 1 from ${rangesOf(path, 'asc')} as range where ${of('reply_seq')} between range.first and range.last)`
            : undefined,
        );
      };
      const before = beforeSeq === undefined ? undefined : sql`turn.seq < ${beforeSeq}`;
      const page = sql`select seq, (select sum(octet_length(content) + coalesce(octet_length(thought), 0)
            + coalesce(octet_length(data::text), 0))
          from ${chatMessages} as message where message.owner_id = turn.owner_id and message.session_id = turn.session_id
            and (message.seq = coalesce(turn.asks_seq, turn.seq) or message.seq = turn.reply_seq and message.step = turn.step)) as size
        from ${chatTurns} as turn where ${and(among('turn'), before)} order by seq desc limit ${limit}`;
      const rows = await select(
        sql`exists (select 1 from ${chatTurns} as earlier where ${among('earlier')} and earlier.seq < ${chatTurns.seq})`,
      )
        .where(
          and(
            among('chat_turns'),
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

const questionSeq = sql`coalesce(${chatTurns.asksSeq}, ${chatTurns.seq})`;

/** Joins the message of the turn's session that stands at this place. */
const at = (
  message: Record<'ownerId' | 'sessionId' | 'seq' | 'step', PgColumn>,
  seq: PgColumn | SQL,
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
  const { turn, userMessage, reply } = row;
  const again = turn.asksSeq === null ? {} : { data: turn.wish };
  return { ...turn, userMessage: { ...userMessage, ...again }, reply };
}
