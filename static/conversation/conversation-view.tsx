// What is between the name above and the message box below: a welcome, a session, or why it cannot be shown.
import { useComputed } from '@preact/signals';
import type { Problem } from '../api/problem.ts';
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import { problemText } from '../shell/problem-text.ts';
import type { Conversation } from '../state/conversation.ts';
import { Thread } from './thread.tsx';
import { Welcome } from './welcome.tsx';

export function ConversationView() {
  const { current } = useApp();
  const conversation = current.value;
  if (!conversation)
    return (
      <div class="scroller">
        <Welcome />
      </div>
    );
  return <OpenConversation key={conversation.id} conversation={conversation} />;
}

function OpenConversation({ conversation }: { conversation: Conversation }) {
  const { t } = useApp().settings;
  const isEmpty = useComputed(() => conversation.items.value.length === 0).value;
  const status = conversation.status.value;
  const reload = () => void conversation.load().then(() => focusIfLost(restingPlace()));
  if (!isEmpty)
    return (
      <>
        <Thread conversation={conversation} />
        {typeof status === 'object' && <CannotOpen problem={status} reload={reload} class="banner away" />}
      </>
    );
  return (
    <div class="scroller">
      {typeof status === 'object' ? (
        <CannotOpen problem={status} reload={reload} class="hint" />
      ) : (
        <p class={status === 'loading' ? 'hint late' : 'hint'}>
          {t(status === 'loading' ? 'loading' : 'emptySession')}
        </p>
      )}
    </div>
  );
}

type CannotOpenProps = { problem: Problem; reload: () => void; class: string };

function CannotOpen({ problem, reload, class: kind }: CannotOpenProps) {
  const { t } = useApp().settings;
  return (
    <div class={kind} role="alert">
      <strong>{t('cannotOpen')}</strong>
      <p>{problem.status === 404 ? t('sessionGone') : problemText(problem, t)}</p>
      <button type="button" class="button plain" onClick={reload}>
        {t('reload')}
      </button>
    </div>
  );
}
