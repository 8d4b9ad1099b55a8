// A dialog over the page. Escape, its close button and a press beside it close it.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { useSettings } from './settings-context.ts';
import { useModal } from './use-modal.ts';

export type DialogProps = {
  title: string;
  onClose: () => void;
  /** Only its buttons close it. */
  staysOpen?: boolean;
  children: ComponentChildren;
};

export function Dialog({ title, onClose, staysOpen = false, children }: DialogProps) {
  const { t } = useSettings();
  const id = useId();
  const dialog = useModal();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same for the keyboard
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => staysOpen && event.preventDefault()}
      // Also told of one that was taken away, a moment later.
      onClose={() => dialog.current && onClose()}
      onClick={(event) => {
        if (event.target === dialog.current && !staysOpen) onClose();
      }}
    >
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="icon" aria-label={t('close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
