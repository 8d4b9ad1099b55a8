// A session's name where it can be changed in place. Enter and leaving the field save, Escape does not.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../shell/app-context.ts';
import { focusIfLost } from '../shell/focus.ts';

export type RenameFieldProps = {
  id: string;
  name: string;
  onEnd: () => void;
  /** What gets the focus then. */
  backTo: string;
};

export function RenameField({ id, name, onEnd, backTo }: RenameFieldProps) {
  const app = useApp();
  const input = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  // At once, so that what is typed next is not lost.
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);

  async function end(save: boolean): Promise<void> {
    if (ended.current) return;
    ended.current = true;
    const next = input.current?.value.trim() ?? '';
    const hadFocus = input.current?.matches(':focus') ?? false;
    onEnd();
    if (hadFocus) focusIfLost(backTo);
    if (!save || next === '' || next === name) return;
    await app.rename(id, next);
    // With its new name it may have gone to another place in the list.
    if (hadFocus) focusIfLost(backTo);
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
