// Over a page whose sign-in has ended. What is below is not to be seen, and stays as it was: the draft, the place in the
// conversation, what waits to be sent.
import type { Account } from '../api/access.ts';
import { SettingsMenu } from '../shell/settings-menu.tsx';
import { useModal } from '../shell/use-modal.ts';
import { SignIn } from './late-sign-in.ts';

export type SignInOverProps = { owner: string; onSignedIn: (account: Account) => void };

export function SignInOver({ owner, onSignedIn }: SignInOverProps) {
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      class="gate over"
      aria-labelledby="sign-in-title"
      onCancel={(event) => event.preventDefault()}
      // A browser closes it all the same when Escape is pressed again and again.
      onClose={() => dialog.current?.isConnected && dialog.current.showModal()}
    >
      <div class="gate-corner">
        <SettingsMenu />
      </div>
      <SignIn heading="h2" again={owner} onSignedIn={onSignedIn} />
    </dialog>
  );
}
