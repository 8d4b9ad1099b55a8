// Asks before something is done that cannot be undone.
import type { ComponentChildren } from 'preact';
import { Dialog } from '../shell/dialog.tsx';
import { problemText } from '../shell/problem-text.ts';
import { useAdmin } from './admin-context.ts';
import { useSaving } from './use-saving.ts';
import type { Word } from './words-en.ts';

export type ConfirmProps = {
  title: Word;
  /** What is done, on its button. */
  act: Word;
  /** What is said before why it did not work. */
  failed: Word;
  onAct: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
};

/** It closes once what was asked is done. */
export function Confirm({ title, act, failed, onAct, onClose, children }: ConfirmProps) {
  const { say, settings } = useAdmin();
  const { run, isBusy, problem } = useSaving();
  const confirm = () =>
    run(async () => {
      await onAct();
      onClose();
    });

  return (
    <Dialog title={say(title)} onClose={onClose}>
      {children}
      {problem && (
        <p class="form-error" role="alert">
          {say(failed)} {problemText(problem, settings.t, settings.locale.value)}
        </p>
      )}
      <div class="dialog-buttons">
        <button type="button" class="button plain" onClick={onClose}>
          {say('cancel')}
        </button>
        <button type="button" class="button danger" disabled={isBusy} onClick={() => void confirm()}>
          {say(act)}
        </button>
      </div>
    </Dialog>
  );
}
