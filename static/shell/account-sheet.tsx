// Whose page this is, in the settings: name, role, what is left of the limits, and the way out.
import { useEffect } from 'preact/hooks';
import css from '../style/account.css' with { type: 'text' };
import { Allowances } from '../usage/allowances.tsx';
import { useWords } from '../usage/words.ts';
import { addStyle } from './add-style.ts';
import { useApp } from './app-context.ts';
import { Icon } from './icon.tsx';

addStyle(css);

const roleNames = { viewer: 'roleViewer', member: 'roleMember', admin: 'roleAdmin' } as const;

export function AccountSheet({ close }: { close: () => void }) {
  const app = useApp();
  const { t } = app.settings;
  const say = useWords();
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
        <span class="badge">{say(roleNames[role])}</span>
      </p>
      <Allowances account={account} />
      <p class="account-ways">
        {role === 'admin' && (
          <a class="button plain small" href="admin">
            {say('administration')}
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
