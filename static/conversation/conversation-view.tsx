// What is between the name above and the message box below: a welcome, a session, or why it cannot be shown.
import { useComputed } from '@preact/signals';
import type { Problem } from '../api/problem.ts';
import { useApp } from '../shell/app-context.ts';
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
  if (!isEmpty) return <Thread conversation={conversation} />;
  const status = conversation.status.value;
  return (
    <div class="scroller">
      {typeof status === 'object' ? (
        <CannotOpen problem={status} reload={() => void conversation.load()} />
      ) : (
        <p class={status === 'loading' ? 'hint late' : 'hint'}>
          {t(status === 'loading' ? 'loading' : 'emptySession')}
        </p>
      )}
    </div>
  );
}

function CannotOpen({ problem, reload }: { problem: Problem; reload: () => void }) {
  const { t } = useApp().settings;
  return (
    <div class="hint" role="alert">
      <strong>{t('cannotOpen')}</strong>
      <p>{problemText(problem, t)}</p>
      <button type="button" class="button plain" onClick={reload}>
        {t('reload')}
      </button>
    </div>
  );
}
