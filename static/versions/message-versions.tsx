// Below a message: which of its versions is shown, with the way to the others, and the way to a session of its own.
import { useEffect, useRef } from 'preact/hooks';
import { Problem } from '../api/problem.ts';
import '../state/conversation-versions.ts';
import { forkSession } from '../api/versions.ts';
import type { Message } from '../api/wire.ts';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { Icon } from '../shell/icon.tsx';
import type { Conversation } from '../state/conversation.ts';
import css from './versions.css' with { type: 'text' };
import { useWords } from './words.ts';

addStyle(css);

/** Where the focus goes once the version is shown that was gone to, which is drawn anew. */
let goingTo: { id: string; by: 'previous' | 'next' } | null = null;

export function MessageVersions({ message, conversation }: { message: Message; conversation: Conversation }) {
  const { canWrite } = useApp();
  return (
    <>
      {message.versions.length > 1 && <Switcher message={message} conversation={conversation} />}
      {canWrite.value && <Fork message={message} conversation={conversation} />}
    </>
  );
}

function Switcher({ message, conversation }: { message: Message; conversation: Conversation }) {
  const { announcer, canWrite } = useApp();
  const say = useWords();
  const group = useRef<HTMLDivElement>(null);
  const { id, versions } = message;
  const count = versions.length;
  const at = versions.indexOf(id);
  const isBusy = conversation.busy.value || !canWrite.value;

  useEffect(() => {
    if (goingTo?.id !== id) return;
    const { by } = goingTo;
    goingTo = null;
    const button = group.current?.querySelector<HTMLButtonElement>(`.${by}:enabled, button:enabled`);
    button?.focus();
    group.current?.scrollIntoView({ block: 'nearest' });
    announcer.say(say('versionOf', { n: at + 1, count }));
  }, [id]);

  async function go(by: 'previous' | 'next'): Promise<void> {
    const other = versions[by === 'next' ? at + 1 : at - 1];
    if (other === undefined || isBusy) return;
    goingTo = { id: other, by };
    if (!(await (await conversation.versions()).show(other))) goingTo = null;
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is sent
    <div
      ref={group}
      class="versions"
      role="group"
      aria-label={say('versions')}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
          event.preventDefault();
          void go(event.key === 'ArrowLeft' ? 'previous' : 'next');
        }
      }}
    >
      <button
        type="button"
        class="icon previous"
        aria-label={say('previous')}
        title={say('previous')}
        disabled={isBusy || at <= 0}
        onClick={() => void go('previous')}
      >
        <Icon name="chevron" />
      </button>
      <span class="which">
        <span aria-hidden="true">
          {at + 1}/{count}
        </span>
        <span class="unseen">{say('versionOf', { n: at + 1, count })}</span>
      </span>
      <button
        type="button"
        class="icon next"
        aria-label={say('next')}
        title={say('next')}
        disabled={isBusy || at >= count - 1}
        onClick={() => void go('next')}
      >
        <Icon name="chevron" />
      </button>
    </div>
  );
}

function Fork({ message, conversation }: { message: Message; conversation: Conversation }) {
  const { list, route, tabs, toasts, connection } = useApp();
  const say = useWords();
  if (message.imported) return null;

  async function fork(): Promise<void> {
    try {
      const session = await forkSession(conversation.id, message.id);
      list.update(session);
      tabs.tell({ kind: 'sessions' });
      route.go(session.id);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      void toasts.show({ detail: `${say('cannotFork')} ${error.detail}` });
    }
  }

  return (
    <button
      type="button"
      class="icon"
      aria-label={say('fork')}
      title={say('fork')}
      disabled={conversation.busy.value}
      onClick={() => void fork()}
    >
      <svg class="glyph" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M7 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM17 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7 21a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7 7v10M17 9c0 5-10 3-10 8" />
      </svg>
    </button>
  );
}
