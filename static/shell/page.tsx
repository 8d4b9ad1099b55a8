// The page: the sessions beside the conversation, and what lies over both.
import { Composer } from '../composer/composer.tsx';
import { ConversationView } from '../conversation/conversation-view.tsx';
import { Sidebar } from '../sessions/sidebar.tsx';
import { SignInOver } from '../sign-in/sign-in-over.tsx';
import { useApp } from './app-context.ts';
import { Banner } from './banner.tsx';
import { Drawer } from './drawer.tsx';
import { focusComposer } from './focus.ts';
import { later } from './later.tsx';
import { useNarrow } from './narrow.ts';
import { useShortcuts } from './shortcuts.ts';
import { Toasts } from './toasts.tsx';
import { TopBar } from './top-bar.tsx';

const HelpSheet = later(async () => (await import('./help-sheet.tsx')).HelpSheet);
const ReadOnly = later(async () => (await import('./read-only.tsx')).ReadOnly);
const SignOutSheet = later(async () => (await import('./sign-out-sheet.tsx')).SignOutSheet);
const SharesSheet = later(async () => (await import('../shares/shares-sheet.tsx')).SharesSheet);
const WaitingList = later(async () => (await import('../calls/waiting-list.tsx')).WaitingList);
const InstructionsSheet = later(
  async () => (await import('../instructions/instructions-sheet.tsx')).InstructionsSheet,
);
const ContextSheet = later(async () => (await import('../context/context-sheet.tsx')).ContextSheet);
const ModelSheet = later(async () => (await import('../first-run/model-sheet.tsx')).ModelSheet);

export function ChatPage() {
  const app = useApp();
  const isNarrow = useNarrow();
  useShortcuts(app);
  return (
    <>
      {app.canWrite.value && (
        <button type="button" class="skip" onClick={focusComposer}>
          {app.settings.t('skip')}
        </button>
      )}
      <Drawer isNarrow={isNarrow}>
        <Sidebar isNarrow={isNarrow} />
      </Drawer>
      <main inert={isNarrow && app.drawerOpen.value}>
        <TopBar isNarrow={isNarrow} />
        <Banner />
        <ConversationView />
        {app.canWrite.value ? <Composer /> : <ReadOnly />}
        <p class="unseen" id="status" role="status">
          {app.announcer.said}
        </p>
      </main>
      <Toasts />
      {app.dialog.value === 'help' && <HelpSheet />}
      {app.dialog.value === 'signOut' && <SignOutSheet />}
      {app.dialog.value === 'waiting' && <WaitingList />}
      {app.sharing.value && <SharesSheet id={app.sharing.value} />}
      {app.dialog.value === 'instructions' && <InstructionsSheet />}
      {app.dialog.value === 'context' && <ContextSheet />}
      {app.dialog.value === 'model' && <ModelSheet />}
      {app.connection.status.value === 'signIn' && (
        <SignInOver owner={app.account.value.owner} onSignedIn={app.signedIn} />
      )}
    </>
  );
}
