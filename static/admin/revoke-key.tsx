// Asks before a key is revoked.
import { useSignal } from '@preact/signals';
import { Problem } from '../api/problem.ts';
import { Dialog } from '../shell/dialog.tsx';
import { problemText } from '../shell/problem-text.ts';
import { useAdmin } from './admin-context.ts';
import { revokeKey } from './calls.ts';
import type { Key } from './wire.ts';

export type RevokeDialogProps = { of: Key; onRevoked: () => Promise<void>; onClose: () => void };

export function RevokeDialog({ of: { id, owner, hint }, onRevoked, onClose }: RevokeDialogProps) {
  const { say, settings, tell, connection } = useAdmin();
  const isBusy = useSignal(false);
  const problem = useSignal<Problem | null>(null);

  async function revoke(): Promise<void> {
    isBusy.value = true;
    try {
      await revokeKey(id);
      await onRevoked();
      tell('revokedTold');
      onClose();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      problem.value = error;
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <Dialog title={say('revokeTitle')} onClose={onClose}>
      <p dir="auto">{say('revokeText', { hint, owner })}</p>
      {problem.value && (
        <p class="form-error" role="alert">
          {say('notRevoked')} {problemText(problem.value, settings.t, settings.locale.value)}
        </p>
      )}
      <div class="dialog-buttons">
        <button type="button" class="button plain" onClick={onClose}>
          {say('cancel')}
        </button>
        <button type="button" class="button danger" disabled={isBusy.value} onClick={() => void revoke()}>
          {say('revoke')}
        </button>
      </div>
    </Dialog>
  );
}
