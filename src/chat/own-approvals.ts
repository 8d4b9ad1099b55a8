// What waits for somebody to allow it, in all of their sessions, and what they say of it.
import { ASK_USER } from '../agent/ask-user.ts';
import type { Store } from '../db/store.ts';
import type { CallOfTurn, CallRow } from '../db/turns/call-parts.ts';
import type { Deciding } from '../db/turns/calls.ts';
import type { WaitingCursor } from '../db/turns/find-calls.ts';
import type { TurnName } from '../db/turns/turn-name.ts';
import type { Bilingual } from '../words/bilingual.ts';
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
     * decided otherwise, or is a question, which needs an answer.
     */
    decide: async (session: string, turn: string, approval: string, decision: Decision): Promise<CallRow> => {
      mayWrite(caller);
      const name = { owner, session, turn };
      // Its agent goes on with what is decided.
      if (caller.agents) mayAsk(caller, (await findTurn(store, name)).agent);
      if (decision.decision === 'approve' && (await isQuestion(store, name, approval)))
        throw new Failure('invalid_request', { field: 'decision', reason: onlyAnswers });
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

const onlyAnswers: Bilingual = {
  en: 'this is a question, and nothing in it can be approved; answer it, or deny it an answer',
  'zh-CN': '这是一个提问，没有可以批准的内容；请用 answer 回答，或用 deny 拒绝回答',
};

async function isQuestion(store: Store, turn: TurnName, approval: string): Promise<boolean> {
  const calls = await store.calls.ofTurn(turn);
  return calls.some(({ approvalId, name }) => approvalId === approval && name === ASK_USER);
}
