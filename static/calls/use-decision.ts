// Says what is to become of a call that waits, and lets every place that shows it know.
import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { Approval, DecisionKind } from '../api/calls-wire.ts';
import { type Decision, decideCall } from '../api/decisions.ts';
import { Problem } from '../api/problem.ts';
import { useApp } from '../shell/app-context.ts';
import { problemText } from '../shell/problem-text.ts';
import { useWords } from './words.ts';
import type { Word } from './words-en.ts';

export type Deciding = {
  isSending: ReadonlySignal<boolean>;
  /** Why it was not taken, in a sentence. */
  trouble: ReadonlySignal<string>;
  decide: (decision: Decision) => void;
};

/** What is announced of each decision. */
export type Said = Record<DecisionKind, Word>;

const statuses = { approve: 'approved', deny: 'denied', answer: 'finished' };

export function useDecision(sessionId: string, approval: Approval, said: Said = ofCalls): Deciding {
  const { waiting, tabs, connection, settings, announcer, toasts } = useApp();
  const say = useWords();
  const isSending = useSignal(false);
  const trouble = useSignal('');

  async function send(decision: Decision): Promise<void> {
    isSending.value = true;
    trouble.value = '';
    try {
      const stored = await decideCall(sessionId, approval, decision);
      const given = decision.decision === 'approve' ? JSON.stringify(decision.arguments) : '';
      waiting.decided({
        approvalId: approval.id,
        status: statuses[decision.decision],
        ...stored,
        given: given ?? '',
        tookMs: null,
      });
      tabs.tell({ kind: 'decided' });
      announcer.say(say(said[decision.decision]));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      trouble.value = problemText(error, settings.t, settings.locale.value);
      if (error.status === 409) await tellWhy();
    } finally {
      isSending.value = false;
    }
  }

  /** Somebody else was there before, or its time was over: what was said is shown in its place. */
  async function tellWhy(): Promise<void> {
    void toasts.show({ detail: say('decidedBefore') });
    await waiting.refresh();
  }

  return { isSending, trouble, decide: (decision) => void send(decision) };
}

const ofCalls: Said = { approve: 'saidApprove', deny: 'saidDeny', answer: 'saidAnswer' };

export const denial = (reason: string) => ({
  decision: 'deny' as const,
  ...(reason.trim() && { reason: reason.trim() }),
});
