// Above the conversation: its name, and what can be done with it.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { RenameField } from '../sessions/rename-field.tsx';
import { useSessionActions } from '../sessions/session-actions.ts';
import { waitingCount } from '../state/waiting.ts';
import { useApp } from './app-context.ts';
import { Icon } from './icon.tsx';
import { Menu } from './menu.tsx';

export function TopBar({ isNarrow }: { isNarrow: boolean }) {
  const app = useApp();
  const { t } = app.settings;
  const id = app.route.sessionId.value;
  const name = id === null ? t('newSession') : (app.list.find(id)?.name ?? '');
  const count = waitingCount(app.waiting);
  useEffect(() => {
    const title = id !== null && name ? `${name} — AgentChat` : 'AgentChat';
    document.title = count ? `(${count}) ${title}` : title;
  }, [id, name, count]);
  return (
    <header class="topbar">
      {isNarrow && (
        <button
          type="button"
          class="icon"
          id="open-drawer"
          data-count={count || undefined}
          aria-controls="drawer"
          aria-expanded={app.drawerOpen.value}
          aria-label={count ? `${t('openSessions')} (${t('waitingForYou')}: ${count})` : t('openSessions')}
          onClick={() => {
            app.drawerOpen.value = true;
          }}
        >
          <Icon name="list" />
        </button>
      )}
      {id === null ? <h1 id="title">{name}</h1> : <OpenSession key={id} id={id} name={name} />}
      {isNarrow && app.canWrite.value && (
        <button type="button" class="icon" aria-label={t('newSession')} onClick={app.newSession}>
          <Icon name="plus" />
        </button>
      )}
    </header>
  );
}

/** The name, which can be changed in place, and the menu beside it. */
function OpenSession({ id, name }: { id: string; name: string }) {
  const app = useApp();
  const isRenaming = useSignal(false);
  const end = () => {
    isRenaming.value = false;
  };
  const { entries, rename } = useSessionActions(id, () => {
    isRenaming.value = true;
  });
  if (isRenaming.value)
    return <RenameField id={id} name={name} onEnd={end} backTo=".topbar [aria-haspopup]" />;
  return (
    <>
      <h1 id="title" dir="auto" onDblClick={rename}>
        {name || 'AgentChat'}
      </h1>
      <Menu label={app.settings.t('thisSessionMenu')} icon="more" entries={entries} />
    </>
  );
}
