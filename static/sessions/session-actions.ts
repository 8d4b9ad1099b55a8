// What can be done with a session, as the entries of a menu.
import { Problem, unreachable } from '../api/problem.ts';
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import type { MenuEntry } from '../shell/menu.tsx';
import { sessionHash } from '../state/route.ts';
import type { ExportFormat } from './export-session.ts';

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

  async function save(format: ExportFormat): Promise<void> {
    try {
      const { exportSession } = await import('./export-session.ts').catch(() => {
        throw unreachable();
      });
      await exportSession(id, format);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      void app.toasts.show({ text: 'cannotExport', detail: error.detail });
    }
  }

  function remove(): void {
    const links = [...document.querySelectorAll('#session-list a')];
    const at = links.findIndex((link) => link.matches(rowLink(id)));
    app.remove(id);
    focusIfLost(links[at + 1], links[at - 1], '#new-session', '#open-drawer', restingPlace());
  }

  const share = () => {
    app.sharing.value = id;
  };
  const entries: MenuEntry[] = [
    { icon: 'download', text: t('exportMarkdown'), run: () => void save('md') },
    { icon: 'download', text: t('exportHtml'), run: () => void save('html') },
    { icon: 'download', text: t('exportJson'), run: () => void save('json') },
  ];
  if (!app.canWrite.value) return { entries, rename: undefined, remove: undefined };
  return {
    entries: [
      { icon: 'pencil', text: t('rename'), run: rename },
      { icon: 'link', text: t('share'), run: share },
      ...entries,
      { icon: 'trash', text: t('delete'), danger: true, run: remove },
    ],
    rename,
    remove,
  };
}
