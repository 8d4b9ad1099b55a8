// The chat page: its state and its view, put together.
import { effect } from '@preact/signals';
import { render } from 'preact';
import { richTextLabels, setRichTextLabels } from './rich-text/labels.ts';
import { AppContext } from './shell/app-context.ts';
import { ChatPage } from './shell/page.tsx';
import { createApp } from './state/app.ts';

const host = document.getElementById('app');
if (host) {
  const app = createApp();
  const { locale, t } = app.settings;
  effect(() => setRichTextLabels(richTextLabels[locale.value]));
  document.addEventListener('rich-text-copied', () => app.announcer.say(t('copied')));
  render(
    <AppContext.Provider value={app}>
      <ChatPage />
    </AppContext.Provider>,
    host,
  );
}
