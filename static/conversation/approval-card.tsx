// A call that waits for a person: with what it is to be made, which may be changed, and what is said of it.
import { useSignal } from '@preact/signals';
import { parseJson } from '../api/json.ts';
import { Problem } from '../api/problem.ts';
import { type Decision, decideCall } from '../api/turns.ts';
import type { Approval, ToolCall } from '../api/wire.ts';
import { useApp } from '../shell/app-context.ts';
import { problemText } from '../shell/problem-text.ts';

type CardProps = { call: ToolCall; approval: Approval; sessionId: string };

export function ApprovalCard({ call, approval, sessionId }: CardProps) {
  const { settings, canWrite } = useApp();
  const { t, locale } = settings;
  const given = useSignal(readable(call.arguments));
  const reason = useSignal('');
  const said = useSignal('');
  const state = useSignal<'open' | 'sending' | 'closed'>('open');

  async function decide(decision: Decision) {
    state.value = 'sending';
    try {
      await decideCall(sessionId, approval, decision);
      said.value = t('approvalSaid');
      state.value = 'closed';
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const isDecided = error.status === 409;
      said.value = isDecided ? t('approvalOtherwise') : problemText(error, t, locale.value);
      state.value = isDecided ? 'closed' : 'open';
    }
  }

  function allow() {
    // Untouched, it is called with what the model wrote, to the letter.
    if (given.value === readable(call.arguments)) return void decide({ decision: 'approve' });
    const changed = parseJson(given.value);
    const isObject = typeof changed === 'object' && changed !== null && !Array.isArray(changed);
    if (!isObject) said.value = t('approvalBadJson');
    else void decide({ decision: 'approve', arguments: changed });
  }

  const isShut = state.value !== 'open' || !canWrite.value;
  return (
    <fieldset class="approval" disabled={isShut}>
      <legend>{t('approvalAsked', { name: call.name })}</legend>
      <textarea
        aria-label={t('callArguments')}
        rows={4}
        spellcheck={false}
        value={given.value}
        onInput={({ currentTarget }) => {
          given.value = currentTarget.value;
        }}
      />
      <input
        aria-label={t('approvalReason')}
        placeholder={t('approvalReason')}
        value={reason.value}
        onInput={({ currentTarget }) => {
          reason.value = currentTarget.value;
        }}
      />
      <div class="approval-answers">
        <button type="button" class="button small" onClick={allow}>
          {t('approvalAllow')}
        </button>
        <button
          type="button"
          class="button plain small"
          onClick={() =>
            void decide({ decision: 'deny', ...(reason.value.trim() && { reason: reason.value.trim() }) })
          }
        >
          {t('approvalDeny')}
        </button>
      </div>
      <p role="status">{said.value}</p>
    </fieldset>
  );
}

function readable(json: string): string {
  const value = parseJson(json);
  return value === undefined ? json : JSON.stringify(value, null, 2);
}
