// A session's name where it can be changed in place. Enter and leaving the field save, Escape does not.
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../shell/app-context.ts';
import { sessionHash } from '../state/route.ts';

export function RenameField({ id, name, onEnd }: { id: string; name: string; onEnd: () => void }) {
  const app = useApp();
  const input = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  useEffect(() => input.current?.select(), []);

  async function end(save: boolean): Promise<void> {
    if (ended.current) return;
    ended.current = true;
    const next = input.current?.value.trim() ?? '';
    const hadFocus = input.current?.matches(':focus') ?? false;
    onEnd();
    if (hadFocus) focusRow(id);
    if (!save || next === '' || next === name) return;
    await app.rename(id, next);
    // With its new name it may have gone to another place in the list.
    if (hadFocus) focusRow(id);
  }

  return (
    <input
      ref={input}
      class="rename"
      type="text"
      dir="auto"
      maxLength={100}
      autocomplete="off"
      aria-label={app.settings.t('newName')}
      defaultValue={name}
      onBlur={() => void end(true)}
      onKeyDown={(event) => {
        // Enter may only confirm a composition.
        if (event.isComposing || event.keyCode === 229) return;
        if (event.key === 'Enter') void end(true);
        else if (event.key === 'Escape') void end(false);
        else return;
        event.preventDefault();
      }}
    />
  );
}

/** Unless the reader has gone on to something else. */
function focusRow(id: string): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`#session-list a[href="${sessionHash(id)}"]`)?.focus();
  });
}
