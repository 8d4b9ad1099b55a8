// The admin page: keys, owners, sign-ins, usage and audit, for who has the role for it.
import { render } from 'preact';
import type { Account } from '../api/access.ts';
import { SettingsContext } from '../shell/settings-context.ts';
import { Gated } from '../sign-in/gated.tsx';
import { createGate } from '../state/gate.ts';
import { chatPath } from '../state/install.ts';
import { createSettings } from '../state/settings.ts';
import { browserStorage } from '../state/storage.ts';
import { createTabs } from '../state/tabs.ts';
import { AdminPage } from './admin-page.tsx';

const host = document.getElementById('admin');
if (host) {
  const tabs = createTabs();
  const home = `${chatPath}admin`;
  const gate = createGate(tabs, home);
  createSettings(browserStorage()).then((settings) => {
    const page = (account: Account) => (
      <AdminPage settings={settings} tabs={tabs} account={account} home={home} />
    );
    render(
      <SettingsContext.Provider value={settings}>
        <Gated gate={gate}>{page}</Gated>
      </SettingsContext.Provider>,
      host,
    );
  });
}
