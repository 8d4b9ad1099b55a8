// The tools a reply called, each a folded line. What they were given and gave is plain text: nothing in it is drawn.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ToolCall } from '../api/wire.ts';
import { useApp } from '../shell/app-context.ts';
import { Icon } from '../shell/icon.tsx';
import type { Reply } from '../state/reply.ts';

/** What few turns ask for is loaded when one does. */
const card = signal<typeof import('./approval-card.tsx').ApprovalCard | null>(null);

export function CallsView({ reply, sessionId }: { reply: Reply; sessionId: string }) {
  const { t } = useApp().settings;
  const asks = reply.calls.value.some(({ approval }) => approval !== null);
  useEffect(() => {
    if (asks && !card.value)
      import('./approval-card.tsx').then(
        ({ ApprovalCard }) => {
          card.value = ApprovalCard;
        },
        () => {},
      );
  }, [asks]);
  const ApprovalCard = card.value;
  const hasEnded = reply.phase.value === 'ended';
  return reply.calls.value.map((call, place) => {
    // Of a turn that ended before its result, nothing runs any more.
    const isOpen = call.result === null && !hasEnded;
    const state = isOpen ? 'callRunning' : outcome(call);
    if (isOpen && call.approval && ApprovalCard)
      return (
        <ApprovalCard key={call.approval.id} call={call} approval={call.approval} sessionId={sessionId} />
      );
    return (
      <details class="thought call" key={`${place} ${call.id}`}>
        <summary>
          <Icon name="chevron" />
          <span>
            {call.name} · {t(state)}
          </span>
        </summary>
        <CallText label={t('callArguments')} text={call.arguments} />
        {call.result !== null && <CallText label={t('callResult')} text={call.result} />}
      </details>
    );
  });
}

/** The server says of a denied call only this, to the model. */
function outcome({ result, isError }: ToolCall) {
  if (isError && result?.startsWith('The user denied this call')) return 'callDenied';
  return isError || result === null ? 'callFailed' : 'callDone';
}

function CallText({ label, text }: { label: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="thought-text call-text" aria-label={label} tabIndex={0}>
      {text}
    </section>
  );
}
