// The ledger of calls: what a step's tools are asked for, and what becomes of it. Each move is one statement, may be asked
// for again by whoever had no answer, and is the run's that holds the turn or, while that waits, anybody's.
import { and, eq } from 'drizzle-orm';
import { type AuditEntry, auditValues } from '../access/audit.ts';
import type { Spent } from '../access/usage.ts';
import type { Db } from '../database.ts';
import { inSession, type Owner } from '../owner.ts';
import { param } from '../prepared.ts';
import { chatTurns } from '../schema.ts';
import type { CallRow, NewCall } from './call-parts.ts';
import type { StoredReply } from './complete-turns.ts';
import { prepareDecide, prepareExpire } from './decide-statements.ts';
import { callLooks } from './find-calls.ts';
import {
  prepareAfterLostRun,
  prepareFinish,
  prepareSettleCalls,
  prepareStart,
} from './run-call-statements.ts';
import { type NewStep, stepValues } from './settle-step.ts';
import type { TurnKey, TurnName } from './turn-name.ts';
import { prepareCancelWaiting, prepareWait } from './wait-statements.ts';

/** What a call is to be that a lost run had started: asked for again, or unknown, with what its model is told. */
export type Fate = { id: string; unknown?: string };

/** What somebody decides of a call: to make it, with arguments (JSON) instead of the model's; why not; or its result. */
export type Deciding = { by: string } & (
  | { decision: 'approve'; arguments?: string | undefined }
  | { decision: 'deny'; reason?: string | undefined }
  | { decision: 'answer'; answer: string }
);

/**
 * `again`: it was decided so before; `goesOn`: it was the last that the turn waited for; `conflict`: it was decided
 * otherwise before, as the call says, or is over.
 */
export type Decided = { call: CallRow; was: 'decided' | 'again' | 'conflict'; goesOn: boolean };

export type CallQueries = ReturnType<typeof callQueries>;

/** What a process does for all turns goes through `reserved`; with `served`, for those of that owner. */
export function callQueries(db: Db, reserved: Db, served?: Owner) {
  const settleStatement = prepareSettleCalls(db);
  const startStatement = prepareStart(db);
  const finishStatement = prepareFinish(db);
  const afterLostRunStatement = prepareAfterLostRun(db);
  const waitStatement = prepareWait(db);
  const decideStatement = prepareDecide(db);
  const expireStatement = prepareExpire(reserved);
  const cancelWaitingStatement = prepareCancelWaiting(db);
  const looks = callLooks(db);
  const stateStatement = db
    .select({
      status: chatTurns.status,
      lease: chatTurns.lease,
      cancelRequestedAt: chatTurns.cancelRequestedAt,
    })
    .from(chatTurns)
    .where(and(inSession(chatTurns), eq(chatTurns.id, param('turn'))))
    .prepare('turn_state');

  return {
    ...looks,

    /** As `turns.settle`, with the calls that the step asks for, in their order. */
    settle: async (
      key: TurnKey,
      step: number,
      said: NewStep,
      calls: readonly NewCall[],
    ): Promise<StoredReply | undefined> => {
      const asked = JSON.stringify(calls.map((call, position) => ({ ...call, position })));
      return (await settleStatement.execute({ ...key, ...stepValues(said), step, calls: asked }))[0];
    },

    /**
     * Starts those of these calls that may be made: requested ones that need no approval, and approved ones. Gives those
     * that are this run's to make now, in their order; of others no tool is to be touched.
     */
    start: async (key: TurnKey, step: number, calls: readonly string[]): Promise<CallRow[]> =>
      inOrder(await startStatement.execute({ ...key, step, calls: JSON.stringify(calls) })),

    /** Stores the result of a call that this run has started; false where it has not, or no longer holds the turn. */
    finish: async (
      key: TurnKey,
      step: number,
      call: string,
      { result, isError }: { result: string; isError: boolean },
    ): Promise<boolean> =>
      (await finishStatement.execute({ ...key, step, call, result, isError })).length > 0,

    /**
     * Says of calls that another run had started what they are to be; a person may be asked instead, by `wait`. False where
     * this run no longer holds the turn.
     */
    afterLostRun: async (key: TurnKey, step: number, fates: readonly Fate[]): Promise<boolean> => {
      const said = JSON.stringify(fates.map(({ id, unknown }) => ({ id, result: unknown })));
      return (await afterLostRunStatement.execute({ ...key, step, fates: said })).length > 0;
    },

    /**
     * Lets the turn wait for what a person says of these calls, for so many seconds at most: requested ones, or started by
     * a run that is lost. No run holds it from then on. `spent` is what the turn has used that no end has counted, `servers`
     * whose tools the calls are for, by their ids, where that was not known before. Gives the calls that wait; `cancel` where the turn is to be cancelled instead, undefined where this run no longer holds it.
     */
    wait: async (
      key: TurnKey,
      step: number,
      calls: readonly string[],
      {
        seconds,
        spent,
        servers = {},
      }: { seconds: number; spent: Spent | null; servers?: Record<string, string | null> },
    ): Promise<CallRow[] | 'cancel' | undefined> => {
      const asked = { ...key, step, calls: JSON.stringify(calls), seconds, servers: JSON.stringify(servers) };
      const wait = await waitStatement.execute({ ...asked, spent: spent && JSON.stringify(spent) });
      if (wait.length > 0) return inOrder(wait);
      const [turn] = await stateStatement.execute(key);
      // A connection that broke behind the commit.
      if (turn?.status === 'waiting')
        return (await looks.ofTurn(key, step)).filter(({ status }) => status === 'waiting');
      if (turn?.status !== 'running' || turn.lease !== key.lease) return undefined;
      if (turn.cancelRequestedAt) return 'cancel';
      throw new Error('a turn cannot wait for calls that do not');
    },

    /**
     * Decides of a call that waits under the id `approval`; undefined where nothing of the turn waits or waited under it.
     * `audit` is written down with the decision.
     */
    decide: async (
      { owner, session, turn }: TurnName,
      approval: string,
      deciding: Deciding,
      audit: AuditEntry,
    ): Promise<Decided | undefined> => {
      const name = { owner, session, turn };
      const decision = decisionValues(deciding);
      const values = { ...name, approval, ...decision, ...auditValues(audit) };
      for (;;) {
        const lease = crypto.randomUUID();
        const [row] = await decideStatement.execute({ ...values, lease });
        if (row) {
          const { goesOn, ...call } = row;
          return { call, was: 'decided', goesOn };
        }
        const call = (await looks.ofTurn(name)).find(({ approvalId }) => approvalId === approval);
        if (!call || (call.status === 'requested' && call.decision === null)) return undefined;
        if (call.status !== 'waiting') {
          return { call, was: isSame(call, decision) ? 'again' : 'conflict', goesOn: false };
        }
        // It waits since, or its time is over.
        await expireStatement.execute({ served: owner });
      }
    },

    /** Denies what waited too long, of all turns, and gives those that go on. */
    expire: (): Promise<TurnName[]> => expireStatement.execute({ served: served ?? null }),

    /**
     * Cancels a turn that waits, with what it has settled; false where it does not wait. Who has asked for it by
     * `turns.requestCancel` before, and is told so, knows that it does not begin to.
     */
    cancelWaiting: async ({ owner, session, turn }: TurnName): Promise<boolean> =>
      (await cancelWaitingStatement.execute({ owner, session, turn })).length > 0,
  };
}

const inOrder = (calls: CallRow[]): CallRow[] => calls.sort((one, other) => one.position - other.position);

const decisionValues = (deciding: Deciding) => ({
  decision: deciding.decision,
  decidedBy: deciding.by,
  given: (deciding.decision === 'approve' && deciding.arguments) || null,
  said: saidIn(deciding) ?? null,
});

function saidIn(deciding: Deciding): string | undefined {
  if (deciding.decision === 'deny') return deciding.reason;
  return deciding.decision === 'answer' ? deciding.answer : undefined;
}

const isSame = (call: CallRow, { decision, given, said }: ReturnType<typeof decisionValues>): boolean =>
  call.decision === decision && call.said === said && call.givenArguments === given;
