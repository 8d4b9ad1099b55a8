// One session in the list: its name, which can be changed in place, and a menu of what can be done with it.
import { useComputed } from '@preact/signals';
import type { Session } from '../api/wire.ts';
import { useApp } from '../shell/app-context.ts';
import { Menu } from '../shell/menu.tsx';
import { sessionHash } from '../state/route.ts';
import { RenameField } from './rename-field.tsx';
import { rowLink, useSessionActions } from './session-actions.ts';

export function SessionRow({ session }: { session: Session }) {
  const app = useApp();
  const { t } = app.settings;
  const { id, name } = session;
  const isCurrent = useComputed(() => app.route.sessionId.value === id).value;
  const isRenaming = useComputed(() => app.renaming.value === id).value;
  const { entries, rename, remove } = useSessionActions(id, () => {
    app.renaming.value = id;
  });
  if (isRenaming) {
    const end = () => {
      app.renaming.value = null;
    };
    return (
      <li>
        <RenameField id={id} name={name} onEnd={end} backTo={rowLink(id)} />
      </li>
    );
  }
  return (
    <li class={isCurrent ? 'current' : ''}>
      <a
        href={sessionHash(id)}
        title={name}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={() => {
          app.drawerOpen.value = false;
        }}
        onDblClick={rename}
        onKeyDown={(event) => {
          const run = { F2: rename, Delete: remove }[event.key];
          if (!run) return;
          run();
          event.preventDefault();
        }}
      >
        <span class="name" dir="auto">
          {name}
        </span>
      </a>
      <Menu label={t('sessionMenu', { name })} icon="more" entries={entries} />
    </li>
  );
}
