// The life of a turn: what begins it, goes on with it and ends it. Each change is one statement.

import { and, eq, lt, type SQL, sql } from 'drizzle-orm';
import { goingOn, type Path } from '../../words/path.ts';
import type { Usage } from '../../words/usage.ts';
import { type Expected, nothingExpected, prepareAsk, type Refusal, refusalIn } from '../access/admission.ts';
import { prepareOpen } from '../access/allowances.ts';
import { createCountedAgain } from '../access/recount.ts';
import type { Spent } from '../access/usage.ts';
import type { Db } from '../database.ts';
import type { ContextRow } from '../message-row.ts';
import { isIn, type Owner, type SessionKey } from '../owner.ts';
import { chatTurns, type Json, type StoredTurnError } from '../schema.ts';
import { createBegin } from './begin-turn.ts';
import { prepareClaim } from './claim-statement.ts';
import { createCompletion, type StoredReply } from './complete-turns.ts';
import { prepareEndQueued, prepareEndRunning } from './end-statements.ts';
import { prepareRetry } from './run-again-statements.ts';
import { type NewStep, prepareSettle, stepValues } from './settle-step.ts';
import type { Elsewhere } from './standing.ts';
import type { Streamed } from './turn-events.ts';
import type { TurnKey, TurnName } from './turn-name.ts';

export type NewTurn = TurnKey & {
  /** Who answers; with `others`, only where the session does not name one of these. */
  agent: string;
  /** Who may answer in its place, see `othersFor`. */
  others?: string | undefined;
  /** Who of them may be asked; without it, all. */
  mayBeAsked?: readonly string[] | undefined;
  /** What the reply will be stored under, whichever attempt says it. */
  replyId: string;
  message: {
    id: string;
    source: string;
    type: string;
    content: string;
    modelsUsage: Usage | null;
    metadata: Json;
    /** What it has beside its text, see `Wish`. */
    data?: Json | null;
  };
  /** The session's name if this is its first message and nobody gave it one. */
  name: string;
  /** Under this key there is one turn in the session, begun by a request with this hash. */
  idempotency: { key: string; requestHash: string } | undefined;
  /** Whether it may wait in the queue for other turns of the session. */
  mayWait: boolean;
  /** How many messages before this one to give, if it need not wait. */
  before: number;
  elsewhere?: Elsewhere | undefined;
} & Limited;

/** What limits count of a turn: the key it comes by, and at least so much is held for it. */
export type Limited = { keyId?: string | null | undefined; expected?: Expected | undefined };

export type BegunTurn = {
  /** The place of the user's message, and of all that the turn says. */
  seq: number;
  replySeq: number;
  /** The place of the message that it answers again; null: its own. */
  asksSeq: number | null;
  replyId: string;
  agent: string;
  /** The agent of the session that is not there any more, where that is why another answers. */
  insteadOf?: string | null;
  attempt: number;
  /** The step that is open: so many are settled. */
  step: number;
  /** How many of its steps the ledger has counted; null: none. */
  countedSteps: number | null;
  /** The key whose limits it counts against. */
  keyId: string | null;
  /** Whether it counts against any limits. */
  limited: boolean;
  /** False: another turn of the session runs, this one is queued. */
  running: boolean;
  createdAt: Date;
  agentState: Json | null;
  agentStateSeq: number;
  instructions: string | null;
  temperature: number | null;
  /** What the session shows as it begins, or goes on. */
  path: Path;
  /** The messages that were asked for and the turn's own, oldest first; without it, they have to be read. */
  tail?: ContextRow[] | undefined;
};

export type TurnChanges = ReturnType<typeof turnChanges>;

export function turnChanges(db: Db) {
  const countedAgain = createCountedAgain(db);
  const begin = createBegin(db, countedAgain);
  const claimStatement = prepareClaim(db);
  const complete = createCompletion(db);
  const endRunningStatement = prepareEndRunning(db);
  const endQueuedStatement = prepareEndQueued(db);
  const retryStatement = prepareRetry(db);
  const settleStatement = prepareSettle(db);
  const askStatement = prepareAsk(db);
  const openStatement = prepareOpen(db);
  const requestCancel = (session: SessionKey, ...which: SQL[]) =>
    db
      .update(chatTurns)
      .set({ cancelRequestedAt: sql`now()` })
      .where(and(isIn(chatTurns, session), ...which, sql`status in ('queued', 'running', 'waiting')`))
      .returning({ id: chatTurns.id });

  return {
    /**
     * Stores the user's message and its turn; undefined where there is no such session. Changes nothing where the
     * session is busy and the turn may not wait, too many wait already, the key is taken, or a limit is reached.
     */
    begin: async (turn: NewTurn): Promise<BegunTurn | 'not begun' | Refusal | undefined> => {
      const { message } = turn;
      const { elsewhere } = turn;
      const row = await begin({
        ...limitedIn(turn),
        elsewhere,
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
        usage: message.modelsUsage,
        metadata: message.metadata,
        data: message.data ?? null,
        fixed: turn.others === undefined,
        others: turn.others ?? '{}',
        mayBeAsked: turn.mayBeAsked ?? null,
        before: turn.before,
      });
      if (!row) return undefined;
      const { seq, replySeq, status, createdAt, agentState, agentStateSeq, instructions, temperature } = row;
      if (seq === null || replySeq === null || status === null || createdAt === null)
        return row.refusal ?? 'not begun';
      const { source, type, content } = message;
      const own: ContextRow = {
        seq,
        step: 0,
        role: 'user',
        source,
        type,
        data: message.data ?? null,
        content,
        thought: null,
      };
      return {
        seq,
        replySeq,
        asksSeq: elsewhere?.asksSeq ?? null,
        replyId: turn.replyId,
        agent: row.agent,
        insteadOf: row.insteadOf,
        attempt: 1,
        step: 0,
        countedSteps: null,
        keyId: row.keyId,
        limited: row.limited === true,
        running: status === 'running',
        createdAt,
        agentState,
        agentStateSeq,
        instructions,
        temperature,
        path: elsewhere ? goingOn(elsewhere.beginning, seq) : row.path,
        tail: row.before ? [...row.before, own] : undefined,
      };
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
     * `hasPieces`: some of what it streamed, or an earlier run, may be stored. `spent` goes into the ledger. `limited`:
     * limits may count it.
     */
    complete: (
      key: TurnKey,
      status: 'completed' | 'cancelled',
      reply: NewStep,
      hasPieces: boolean,
      spent: Spent | null = null,
      limited = true,
    ): Promise<StoredReply | undefined> => complete({ ...key, ...reply, status, hasPieces, spent, limited }),

    /**
     * Ends a turn, running or still queued, without a reply: failed for `error`, keeping what its open step streamed, or
     * cancelled where there is none. What is settled stays. `spent` goes into the ledger. False when this run no longer
     * holds it.
     */
    endWithoutReply: async (
      key: TurnKey,
      error: StoredTurnError | null,
      partial: Streamed = { source: undefined, thought: '', content: '' },
      spent: Spent | null = null,
    ): Promise<boolean> => {
      const end = {
        ...key,
        status: error ? 'failed' : 'cancelled',
        error: error && JSON.stringify(error),
        source: partial.source ?? '',
        thought: partial.thought || null,
        content: partial.content || null,
        spent: spent && JSON.stringify(spent),
      };
      if ((await endRunningStatement.execute(end)).length > 0) return true;
      return (await endQueuedStatement.execute(end)).length > 0;
    },

    /**
     * Runs a failed turn of one of these agents again behind its settled steps, or queues it; undefined where there is no
     * such turn, or it has not failed. `replyId` is for a turn that has none yet.
     */
    retry: async (
      key: TurnKey,
      agents: readonly string[],
      replyId: string,
      more: Limited = {},
    ): Promise<BegunTurn | Refusal | undefined> => {
      const limited = limitedIn({ ...more, owner: key.owner });
      const retry = async () =>
        (await retryStatement.execute({ ...key, ...limited, agents: JSON.stringify(agents), replyId }))[0];
      const ask = async () => (await askStatement.execute({ ...key, ...limited }))[0];
      for (let [opened, again] = [false, false]; ; ) {
        const begun = await retry();
        if (begun) return begun;
        const asked = await ask();
        const refusal = asked && refusalIn(asked);
        if (asked?.missing && !opened) {
          opened = true;
          await openStatement.execute(limited);
        } else if (!refusal && !again) {
          // What refused it may be over since.
          again = true;
        } else if (!(await countedAgain(refusal, limited))) return refusal;
      }
    },

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
  };
}

const limitedIn = ({ owner, keyId = null, expected = nothingExpected }: Limited & { owner: Owner }) => ({
  owner,
  keyId,
  ...expected,
});
