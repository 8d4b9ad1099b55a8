// Short messages at the edge of the page, some with something to do about them.
import { type Signal, signal } from '@preact/signals';
import type { TextName, Values } from './settings.ts';

export type Toast = {
  key: number;
  /** Left out by what says it in words of its own. */
  text?: TextName;
  values?: Values;
  /** A sentence, after the text. */
  detail?: string;
  action?: { text: TextName; run: () => void };
};

export type Toasts = {
  shown: Signal<Toast[]>;
  /** Resolves when it is gone: `true` when the reader chose its action. */
  show: (toast: Omit<Toast, 'key' | 'action'> & { action?: TextName }) => Promise<boolean>;
  close: (key: number) => void;
  /** While the reader is at them they stay. */
  hold: (value: boolean) => void;
};

const shownMs = 8000;

export function createToasts(): Toasts {
  const shown = signal<Toast[]>([]);
  const ends = new Map<number, (chosen: boolean) => void>();
  let next = 0;
  let held = false;

  const close = (key: number, chosen = false) => {
    shown.value = shown.value.filter((toast) => toast.key !== key);
    // Not every browser tells that the pointer or the focus has left what is gone.
    if (shown.value.length === 0) held = false;
    ends.get(key)?.(chosen);
    ends.delete(key);
  };

  function closeLater(key: number) {
    setTimeout(() => (held ? closeLater(key) : close(key)), shownMs);
  }

  return {
    shown,
    show({ action, ...toast }) {
      const key = next++;
      const made: Toast = action
        ? { ...toast, key, action: { text: action, run: () => close(key, true) } }
        : { ...toast, key };
      shown.value = [...shown.value.slice(-2), made];
      closeLater(key);
      return new Promise((resolve) => ends.set(key, resolve));
    },
    close: (key) => close(key),
    hold(value) {
      held = value;
    },
  };
}
