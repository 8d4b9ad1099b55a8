// A message of the reader's own; one that was not sent says why, and what can be done.
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import { problemText } from '../shell/problem-text.ts';
import type { Conversation } from '../state/conversation.ts';
import type { UserItem } from '../state/items.ts';
import { CopyButton } from './copy-button.tsx';
import { DetailsButton } from './details-button.tsx';
import { MessageAction } from './message-action.tsx';

export function UserMessage({ item, conversation }: { item: UserItem; conversation: Conversation }) {
  const { settings, handed, canWrite } = useApp();
  const { t } = settings;
  const message = item.message.value;
  const refused = item.refused.value;
  return (
    <article class={message ? 'message user' : 'message user unsettled'}>
      <h2 class="unseen">{t('you')}</h2>
      <div class="bubble" dir="auto">
        {item.text}
      </div>
      {message && (
        <div class="message-actions">
          <CopyButton text={() => item.text} />
          {canWrite.value && (
            <MessageAction
              icon="pencil"
              label={t('edit')}
              run={() => {
                handed.value = item.text;
              }}
            />
          )}
          <DetailsButton message={message} />
        </div>
      )}
      {refused && (
        <div class="failure" role="alert">
          <strong>{t('notSent')}</strong>
          <p dir="auto">{problemText(refused, t, settings.locale.value)}</p>
          {refused.requestId && <p class="request-id">{t('requestId', { id: refused.requestId })}</p>}
          <button
            type="button"
            class="button plain small"
            onClick={() => {
              conversation.sendAgain(item);
              focusIfLost(restingPlace());
            }}
          >
            {t('sendAgain')}
          </button>{' '}
          <button
            type="button"
            class="button plain small"
            onClick={() => {
              handed.value = conversation.takeBack(item);
            }}
          >
            {t('putBack')}
          </button>
        </div>
      )}
    </article>
  );
}
