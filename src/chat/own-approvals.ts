// What waits for somebody to allow it, in all of their sessions, and what they say of it.
import type { CallOfTurn, CallRow } from '../db/turns/call-parts.ts';
import type { Deciding } from '../db/turns/calls.ts';
import type { WaitingCursor } from '../db/turns/find-calls.ts';
import type { ChatParts } from './chat-parts.ts';
import { Failure } from './failure.ts';
import { auditOf, type Caller, mayAsk, mayWrite } from './principal.ts';
import { findTurn } from './turn-view.ts';

type WithoutBy<D> = D extends unknown ? Omit<D, 'by'> : never;
/** What somebody says of a call. */
export type Decision = WithoutBy<Deciding>;

export function ownApprovals({ store, turns }: ChatParts, caller: Caller) {
  const { owner } = caller;
  return {
    /** Up to `limit`, whatever expires first at the beginning. */
    pending: (query: {
      limit: number;
      after?: WaitingCursor | undefined;
    }): Promise<{ calls: CallOfTurn[]; next: WaitingCursor | undefined }> =>
      store.calls.waiting(owner, query),

    /**
     * Decides of a call, and gives it as it is then. Throws a Failure where there is nothing of that id, or where it was
     * decided otherwise.
     */
    decide: async (session: string, turn: string, approval: string, decision: Decision): Promise<CallRow> => {
      mayWrite(caller);
      const name = { owner, session, turn };
      // Its agent goes on with what is decided.
      if (caller.agents) mayAsk(caller, (await findTurn(store, name)).agent);
      const audit = auditOf(caller, 'approval.decided', approval, { turn, decision: decision.decision });
      const decided = await store.calls.decide(name, approval, { ...decision, by: caller.name }, audit);
      if (!decided) {
        await findTurn(store, name);
        throw new Failure('approval_not_found');
      }
      if (decided.was === 'conflict') throw new Failure('approval_decided');
      // It goes on wherever there is room; here, as soon as somebody asked.
      if (decided.goesOn) turns.beat().catch(() => {});
      return decided.call;
    },
  };
}
