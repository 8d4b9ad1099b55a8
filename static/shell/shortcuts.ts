// The keyboard shortcuts of the whole page. Those of the message box are its own.
import { useEffect } from 'preact/hooks';
import type { App } from '../state/app.ts';
import { focusComposer, focusIfLost, restingPlace } from './focus.ts';
import { isNarrowScreen } from './narrow.ts';

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** The key that goes with letters, as its keyboard names it. */
export const commandKey = isApple ? '⌘' : 'Ctrl';

const focusSearch = (): void => document.getElementById('search')?.focus();

export function useShortcuts(app: App): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      const run = shortcut(event, app);
      if (!run) return;
      event.preventDefault();
      run();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [app]);
}

function shortcut(event: KeyboardEvent, app: App): (() => void) | undefined {
  const command = isApple ? event.metaKey : event.ctrlKey;
  const isModal = document.querySelector('dialog[open]') !== null;
  const toggleHelp = () => {
    app.dialog.value = app.dialog.value === 'help' ? null : 'help';
  };
  if (command && event.key === '/') return toggleHelp;
  if (isModal) return undefined;
  if (command && !event.shiftKey && event.key.toLowerCase() === 'k') return () => openSearch(app);
  if (command && event.shiftKey && event.key.toLowerCase() === 'o') return () => openNew(app);
  if (command && event.key === '.')
    return () => {
      app.dialog.value = 'waiting';
    };
  // What lies above the drawer closes first.
  if (event.key === 'Escape' && app.drawerOpen.value && !document.querySelector(':popover-open'))
    return () => {
      app.drawerOpen.value = false;
    };
  const conversation = app.current.value;
  // What is open closes by itself.
  if (event.key === 'Escape' && conversation?.canStop.value && !document.querySelector(':popover-open'))
    return () => {
      conversation.stop();
      focusIfLost(restingPlace());
    };
  if (command || event.altKey || isTyping(event.target)) return undefined;
  if (event.key === '/') return focusComposer;
  if (event.key === '?') return toggleHelp;
  return undefined;
}

function openSearch(app: App): void {
  app.drawerOpen.value = isNarrowScreen();
  // On a narrow screen it is only now to be seen.
  requestAnimationFrame(focusSearch);
}

function openNew(app: App): void {
  if (!app.canWrite.value) return;
  app.newSession();
  app.drawerOpen.value = false;
  requestAnimationFrame(focusComposer);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
