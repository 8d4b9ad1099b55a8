// Why a reply did not come to its end, and what can be done about it.
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import { problemText } from '../shell/problem-text.ts';
import type { Conversation } from '../state/conversation.ts';
import type { ReplyItem } from '../state/items.ts';

export function Failure({ item, conversation }: { item: ReplyItem; conversation: Conversation }) {
  const { settings, canWrite } = useApp();
  const { t, locale } = settings;
  const outcome = item.reply.outcome.value;
  if (outcome === null || outcome === 'cancelled') return null;
  if (outcome === 'missing') return <p class="notice">{t('noReply')}</p>;
  return (
    <div class="failure">
      <strong>{t('replyFailed')}</strong>
      <p dir="auto">{problemText(outcome, t, locale.value)}</p>
      {outcome.requestId && <p class="request-id">{t('requestId', { id: outcome.requestId })}</p>}
      {outcome.retryable && canWrite.value && (
        <button
          type="button"
          class="button plain small"
          disabled={conversation.busy.value}
          onClick={() => {
            conversation.retry(item);
            focusIfLost(restingPlace());
          }}
        >
          {t('tryAgain')}
        </button>
      )}
    </div>
  );
}
