// The chat page: whose it is, then its state and its view, put together.
import { effect } from '@preact/signals';
import { render } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Account } from './api/access.ts';
import { richTextLabels, setRichTextLabels } from './rich-text/labels.ts';
import { AppContext } from './shell/app-context.ts';
import { ChatPage } from './shell/page.tsx';
import { SettingsContext, useSettings } from './shell/settings-context.ts';
import { Gated } from './sign-in/gated.tsx';
import { createApp } from './state/app.ts';
import { createGate, startAnew } from './state/gate.ts';
import { chatPath } from './state/install.ts';
import { createSettings } from './state/settings.ts';
import { browserStorage } from './state/storage.ts';
import { createTabs } from './state/tabs.ts';

const tabs = createTabs();

function Chat({ account }: { account: Account }) {
  const settings = useSettings();
  const app = useMemo(() => createApp({ settings, tabs, account, startAnew: () => startAnew(chatPath) }), []);
  useMemo(
    () => document.addEventListener('rich-text-copied', () => app.announcer.say(settings.t('copied'))),
    [],
  );
  return (
    <AppContext.Provider value={app}>
      <ChatPage />
    </AppContext.Provider>
  );
}

const host = document.getElementById('app');
if (host) {
  // It is asked whose page it is while its words come.
  const gate = createGate(tabs, chatPath);
  createSettings(browserStorage()).then((settings) => {
    effect(() => setRichTextLabels(richTextLabels[settings.locale.value]));
    render(
      <SettingsContext.Provider value={settings}>
        <Gated gate={gate}>{(account) => <Chat account={account} />}</Gated>
      </SettingsContext.Provider>,
      host,
    );
  });
}
