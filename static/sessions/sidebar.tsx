// The sessions' column: a new one, the search, the list, and the page's own settings.
import { useApp } from '../shell/app-context.ts';
import { focusComposer } from '../shell/focus.ts';
import { Icon } from '../shell/icon.tsx';
import { later } from '../shell/later.tsx';
import { SettingsMenu } from '../shell/settings-menu.tsx';
import { sessionHash } from '../state/route.ts';
import { waitingCount } from '../state/waiting.ts';
import { SessionNav } from './session-nav.tsx';
import { SessionSearch } from './session-search.tsx';

const AccountSheet = later(async () => (await import('../shell/account-sheet.tsx')).AccountSheet);

export function Sidebar({ isNarrow }: { isNarrow: boolean }) {
  const app = useApp();
  const { t } = app.settings;
  return (
    <>
      <header class="brand">
        <img src="static/favicon.svg" alt="" width="28" height="28" />
        <strong>AgentChat</strong>
        {isNarrow && (
          <button
            type="button"
            class="icon"
            id="close-drawer"
            aria-label={t('closeSessions')}
            onClick={() => {
              app.drawerOpen.value = false;
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </header>
      {app.canWrite.value && <NewSession />}
      <WaitingButton />
      <SessionSearch />
      <SessionNav />
      <footer class="corner">
        <a href="docs">{t('apiDocs')}</a>
        <span class="corner-buttons">
          <button
            type="button"
            class="icon"
            id="help"
            aria-label={t('help')}
            title={t('help')}
            onClick={() => {
              app.dialog.value = 'help';
            }}
          >
            <Icon name="keyboard" />
          </button>
          {app.account.value.way === 'none' ? (
            <SettingsMenu />
          ) : (
            <SettingsMenu>{(close) => <AccountSheet close={close} />}</SettingsMenu>
          )}
        </span>
      </footer>
    </>
  );
}

/** What waits for the reader, while something does. */
function WaitingButton() {
  const { waiting, dialog, settings } = useApp();
  const count = waitingCount(waiting);
  if (count === '') return null;
  return (
    <button
      type="button"
      class="button plain waiting-button"
      id="waiting"
      aria-haspopup="dialog"
      onClick={() => {
        dialog.value = 'waiting';
      }}
    >
      {settings.t('waitingForYou')} <span class="count">{count}</span>
    </button>
  );
}

function NewSession() {
  const app = useApp();
  return (
    <a
      class="button plain new-session"
      id="new-session"
      href={sessionHash(null)}
      onClick={(event) => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
        // At once, and not when the browser tells of the new address: what is typed next belongs to the new session.
        event.preventDefault();
        app.newSession();
        app.drawerOpen.value = false;
        focusComposer();
      }}
    >
      <Icon name="plus" />
      {app.settings.t('newSession')}
    </a>
  );
}
