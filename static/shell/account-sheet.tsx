// Whose page this is, in the settings: name, role, what is left of the limits, and the way out.
import { useEffect } from 'preact/hooks';
import { Allowances } from '../usage/allowances.tsx';
import { useApp } from './app-context.ts';
import { Icon } from './icon.tsx';

const roleNames = { viewer: 'roleViewer', member: 'roleMember', admin: 'roleAdmin' } as const;

export function AccountSheet({ close }: { close: () => void }) {
  const app = useApp();
  const { t } = app.settings;
  const account = app.account.value;
  const { owner, role } = account;
  useEffect(() => void app.readAccount(), []);

  function signOut(): void {
    close();
    const { drafts, messages } = app.unsent();
    if (drafts + messages > 0) app.dialog.value = 'signOut';
    else void app.signOut();
  }

  return (
    <section class="account" aria-label={t('account')}>
      <p class="account-name">
        <strong dir="auto">{owner}</strong>
        <span class="badge">{t(roleNames[role])}</span>
      </p>
      <Allowances account={account} />
      <p class="account-ways">
        {role === 'admin' && (
          <a class="button plain small" href="admin">
            {t('administration')}
          </a>
        )}
        {account.way !== 'proxy' && (
          <button type="button" class="button plain small" id="sign-out" onClick={signOut}>
            <Icon name="signOut" />
            {t('signOut')}
          </button>
        )}
      </p>
    </section>
  );
}
