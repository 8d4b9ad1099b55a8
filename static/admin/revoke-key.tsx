// Asks before a key is revoked.
import { useAdmin } from './admin-context.ts';
import { revokeKey } from './calls.ts';
import { Confirm } from './confirm.tsx';
import type { Key } from './wire.ts';

export type RevokeDialogProps = { of: Key; onRevoked: () => Promise<void>; onClose: () => void };

export function RevokeDialog({ of: { id, owner, hint }, onRevoked, onClose }: RevokeDialogProps) {
  const { say, tell } = useAdmin();
  const revoke = async () => {
    await revokeKey(id);
    await onRevoked();
    tell('revokedTold');
  };

  return (
    <Confirm title="revokeTitle" act="revoke" failed="notRevoked" onAct={revoke} onClose={onClose}>
      <p dir="auto">{say('revokeText', { hint, owner })}</p>
    </Confirm>
  );
}
