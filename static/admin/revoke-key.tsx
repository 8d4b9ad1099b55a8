// Asks before a key is revoked.
import { Dialog } from '../shell/dialog.tsx';
import { problemText } from '../shell/problem-text.ts';
import { useAdmin } from './admin-context.ts';
import { revokeKey } from './calls.ts';
import { useSaving } from './use-saving.ts';
import type { Key } from './wire.ts';

export type RevokeDialogProps = { of: Key; onRevoked: () => Promise<void>; onClose: () => void };

export function RevokeDialog({ of: { id, owner, hint }, onRevoked, onClose }: RevokeDialogProps) {
  const { say, settings, tell } = useAdmin();
  const { run, isBusy, problem } = useSaving();
  const revoke = () =>
    run(async () => {
      await revokeKey(id);
      await onRevoked();
      tell('revokedTold');
      onClose();
    });

  return (
    <Dialog title={say('revokeTitle')} onClose={onClose}>
      <p dir="auto">{say('revokeText', { hint, owner })}</p>
      {problem && (
        <p class="form-error" role="alert">
          {say('notRevoked')} {problemText(problem, settings.t, settings.locale.value)}
        </p>
      )}
      <div class="dialog-buttons">
        <button type="button" class="button plain" onClick={onClose}>
          {say('cancel')}
        </button>
        <button type="button" class="button danger" disabled={isBusy} onClick={() => void revoke()}>
          {say('revoke')}
        </button>
      </div>
    </Dialog>
  );
}
