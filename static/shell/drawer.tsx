// The sessions' place: a column on wide screens, a drawer over the conversation on narrow ones.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from './app-context.ts';
import { focusIfLost } from './focus.ts';

export function Drawer({ isNarrow, children }: { isNarrow: boolean; children: ComponentChildren }) {
  const { settings, drawerOpen, route } = useApp();
  const aside = useRef<HTMLElement>(null);
  const isOpen = drawerOpen.value && isNarrow;
  const place = route.sessionId.value;
  // Whatever is opened, the drawer has done its work.
  useEffect(() => {
    drawerOpen.value = false;
  }, [place, isNarrow]);
  useEffect(() => {
    if (!isOpen) return;
    if (!aside.current?.contains(document.activeElement)) document.getElementById('close-drawer')?.focus();
    return () => focusIfLost('#open-drawer');
  }, [isOpen]);
  return (
    <>
      <aside
        ref={aside}
        id="drawer"
        class={isOpen ? 'drawer open' : 'drawer'}
        inert={isNarrow && !isOpen}
        aria-label={settings.t('sessions')}
      >
        {children}
      </aside>
      {isOpen && (
        <button
          type="button"
          class="backdrop"
          tabIndex={-1}
          aria-label={settings.t('closeSessions')}
          onClick={() => {
            drawerOpen.value = false;
          }}
        />
      )}
    </>
  );
}
