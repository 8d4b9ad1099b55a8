// Asks before a sign-out takes away what is only in this browser.
import { useSignal } from '@preact/signals';
import { useApp } from './app-context.ts';
import { Dialog } from './dialog.tsx';

export function SignOutSheet() {
  const app = useApp();
  const { t } = app.settings;
  const isBusy = useSignal(false);
  const close = () => {
    app.dialog.value = null;
  };
  const { drafts, messages } = app.unsent();
  return (
    <Dialog title={t('signOutTitle')} onClose={close}>
      <p>{t('signOutUnsent')}</p>
      <ul class="unsent">
        {messages > 0 && <li>{t('unsentMessages', { count: messages })}</li>}
        {drafts > 0 && <li>{t('unsentDrafts', { count: drafts })}</li>}
      </ul>
      <div class="dialog-buttons">
        <button type="button" class="button plain" onClick={close}>
          {t('stay')}
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
          {t('signOutAnyway')}
        </button>
      </div>
    </Dialog>
  );
}
