// What can be done with a session, as the entries of a menu.
import { Problem } from '../api/problem.ts';
import { useApp } from '../shell/app-context.ts';
import type { MenuEntry } from '../shell/menu.tsx';
import { type ExportFormat, exportSession } from './export-session.ts';

/** `rename` shows the name where it can be changed. */
export function useSessionActions(id: string, rename: () => void): MenuEntry[] {
  const app = useApp();
  const { t } = app.settings;

  async function save(format: ExportFormat): Promise<void> {
    const session = app.list.find(id) ?? (await app.list.read(id));
    const name = session?.name ?? '';
    try {
      await exportSession({ id, name, format, t, locale: app.settings.locale.value });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      void app.toasts.show({ text: 'cannotExport', detail: error.detail });
    }
  }

  return [
    { icon: 'pencil', text: t('rename'), run: rename },
    { icon: 'download', text: t('exportMarkdown'), run: () => void save('md') },
    { icon: 'download', text: t('exportJson'), run: () => void save('json') },
    { icon: 'trash', text: t('delete'), danger: true, run: () => app.remove(id) },
  ];
}
