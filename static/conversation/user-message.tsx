// A message of the reader's own; one that was not sent says why, and what can be done.
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import { later } from '../shell/later.tsx';
import { problemText } from '../shell/problem-text.ts';
import type { Conversation } from '../state/conversation.ts';
import type { UserItem } from '../state/items.ts';
import { CopyButton } from './copy-button.tsx';
import { DetailsButton } from './details-button.tsx';
import { MessageAction } from './message-action.tsx';

const EditMessage = later(async () => (await import('../versions/versions.ts')).EditMessage);
const SaidFiles = later(async () => (await import('../attachments/files.ts')).SaidFiles);
const MessageVersions = later(async () => (await import('../versions/versions.ts')).MessageVersions);

export function UserMessage({ item, conversation }: { item: UserItem; conversation: Conversation }) {
  const { settings, handed, editing, canWrite } = useApp();
  const { t } = settings;
  const message = item.message.value;
  const refused = item.refused.value;
  const isEdited = editing.value === item.key && message !== null;
  return (
    <article class={message ? 'message user' : 'message user unsettled'}>
      <h2 class="unseen">{t('you')}</h2>
      {item.files.length > 0 && <SaidFiles files={item.files} />}
      {isEdited ? (
        <EditMessage item={item} conversation={conversation} />
      ) : (
        item.text !== '' && (
          <div class="bubble" dir="auto">
            {item.text}
          </div>
        )
      )}
      {message && !isEdited && (
        <div class="message-actions">
          {item.text !== '' && <CopyButton text={() => item.text} />}
          {canWrite.value && (
            <MessageAction
              icon="pencil"
              label={t('edit')}
              disabled={conversation.busy.value}
              run={() => {
                editing.value = item.key;
              }}
            />
          )}
          <MessageVersions message={message} conversation={conversation} />
          <DetailsButton message={message} />
        </div>
      )}
      {item.held.value && (
        <p class="in-line">
          {t('inLine')}{' '}
          <button
            type="button"
            class="button plain small"
            onClick={() => {
              handed.value = conversation.takeBack(item);
            }}
          >
            {t('putBack')}
          </button>{' '}
          <button
            type="button"
            class="button plain small"
            onClick={() => {
              conversation.takeBack(item);
              focusIfLost(restingPlace());
            }}
          >
            {t('remove')}
          </button>
        </p>
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
