// What can be done with a session, as the entries of a menu.
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import type { MenuEntry } from '../shell/menu.tsx';
import { sessionHash } from '../state/route.ts';

/** A session's link in the list, as a selector. */
export const rowLink = (id: string): string => `#session-list a[href="${sessionHash(id)}"]`;

/** Who may only read can neither rename nor remove. */
export type SessionActions = {
  entries: MenuEntry[];
  rename: (() => void) | undefined;
  remove: (() => void) | undefined;
};

/** `rename` shows the name where it can be changed. */
export function useSessionActions(id: string, rename: () => void): SessionActions {
  const app = useApp();
  const { t } = app.settings;

  function remove(): void {
    const links = [...document.querySelectorAll('#session-list a')];
    const at = links.findIndex((link) => link.matches(rowLink(id)));
    app.remove(id);
    focusIfLost(links[at + 1], links[at - 1], '#new-session', '#open-drawer', restingPlace());
  }

  const entries: MenuEntry[] = [
    {
      icon: 'download',
      text: t('share'),
      run: () => {
        app.sharing.value = id;
      },
    },
  ];
  if (!app.canWrite.value) return { entries, rename: undefined, remove: undefined };
  return {
    entries: [
      { icon: 'pencil', text: t('rename'), run: rename },
      ...entries,
      { icon: 'trash', text: t('delete'), danger: true, run: remove },
    ],
    rename,
    remove,
  };
}
