// Deleting a session with a way back: it leaves the list at once, and the server only when the time to undo is over,
// or the page is left.
import { Problem } from '../api/problem.ts';
import type { SessionList } from './session-list.ts';
import type { Tabs } from './tabs.ts';
import type { Toasts } from './toasts.ts';

export type Deletions = {
  begin: (id: string, name: string, undone: () => void) => Promise<void>;
  /** Deletes at once what still could be had back. */
  settle: () => Promise<void>;
};

export function createDeletions(
  list: SessionList,
  toasts: Toasts,
  tabs: Tabs,
  gone: (id: string) => void,
): Deletions {
  const waiting = new Set<string>();

  addEventListener('pagehide', () => {
    for (const id of waiting) list.remove(id, true).catch(() => {});
    waiting.clear();
  });

  return {
    async settle() {
      const ids = [...waiting];
      waiting.clear();
      await Promise.all(ids.map((id) => list.remove(id)));
    },
    async begin(id, name, undone) {
      waiting.add(id);
      list.hide(id);
      if (await toasts.show({ text: 'deletedNamed', values: { name }, action: 'undo' })) {
        waiting.delete(id);
        list.unhide(id);
        undone();
        return;
      }
      if (!waiting.delete(id)) return;
      try {
        await list.remove(id);
        gone(id);
        tabs.tell({ kind: 'sessions' });
      } catch (error) {
        list.unhide(id);
        if (!(error instanceof Problem)) throw error;
        void toasts.show({ text: 'notDeleted', values: { name }, detail: error.detail });
      }
    },
  };
}
