// Asks before a sign-out takes away what is only in this browser.
import { useSignal } from '@preact/signals';
import css from '../style/account.css' with { type: 'text' };
import { useWords } from '../usage/words.ts';
import { addStyle } from './add-style.ts';
import { useApp } from './app-context.ts';
import { Dialog } from './dialog.tsx';

addStyle(css);

export function SignOutSheet() {
  const app = useApp();
  const say = useWords();
  const isBusy = useSignal(false);
  const close = () => {
    app.dialog.value = null;
  };
  const { drafts, messages } = app.unsent();
  return (
    <Dialog title={say('signOutTitle')} onClose={close}>
      <p>{say('signOutUnsent')}</p>
      <ul class="unsent">
        {messages > 0 && <li>{say('unsentMessages', { count: messages })}</li>}
        {drafts > 0 && <li>{say('unsentDrafts', { count: drafts })}</li>}
      </ul>
      <div class="dialog-buttons">
        <button type="button" class="button plain" onClick={close}>
          {say('stay')}
        </button>
        <button
          type="button"
          class="button danger"
          disabled={isBusy.value}
          onClick={async () => {
            isBusy.value = true;
            await app.signOut();
            isBusy.value = false;
            close();
          }}
        >
          {say('signOutAnyway')}
        </button>
      </div>
    </Dialog>
  );
}
