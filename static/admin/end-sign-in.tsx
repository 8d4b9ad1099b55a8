// Asks before a sign-in is ended, or all of its owner's.
import { useSignal } from '@preact/signals';
import { shortTime } from '../shell/time.ts';
import { useAdmin } from './admin-context.ts';
import { endSignIns } from './calls.ts';
import { Confirm } from './confirm.tsx';
import type { SignIn } from './wire.ts';

export type EndSignInDialogProps = { of: SignIn; onEnded: () => Promise<void>; onClose: () => void };

export function EndSignInDialog({ of, onEnded, onClose }: EndSignInDialogProps) {
  const { say, tell, settings, owner: me } = useAdmin();
  const { id, owner } = of;
  const isOfAll = useSignal(false);
  const end = async () => {
    const ofAll = isOfAll.value;
    await endSignIns(owner, ofAll ? null : id);
    await onEnded();
    if (ofAll) tell('allEndedTold', { owner });
    else tell('endedTold');
  };

  return (
    <Confirm title="endTitle" act="end" failed="notEnded" onAct={end} onClose={onClose}>
      <p dir="auto">
        {say('endText', { owner, since: shortTime(of.createdAt, settings.locale.value, true) })}
      </p>
      {/* All of one's own would end this one too, for which there is a way that says so. */}
      {owner !== me && (
        <label class="check">
          <input
            type="checkbox"
            checked={isOfAll.value}
            onChange={({ currentTarget }) => {
              isOfAll.value = currentTarget.checked;
            }}
          />
          <span dir="auto">{say('endAllOf', { owner })}</span>
        </label>
      )}
    </Confirm>
  );
}
