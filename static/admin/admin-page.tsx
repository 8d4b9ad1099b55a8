// The admin page's frame: its parts by the address, and what lies over them.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Account } from '../api/access.ts';
import { SettingsMenu } from '../shell/settings-menu.tsx';
import { SignInOver } from '../sign-in/sign-in-over.tsx';
import { createConnection } from '../state/connection.ts';
import { startAnew } from '../state/gate.ts';
import { chatPath } from '../state/install.ts';
import type { Settings, Values } from '../state/settings.ts';
import type { Tabs } from '../state/tabs.ts';
import { type Admin, AdminContext } from './admin-context.ts';
import { AuditView } from './audit-view.tsx';
import { KeysView } from './keys-view.tsx';
import { OwnersView } from './owners-view.tsx';
import { SignInsView } from './sign-ins-view.tsx';
import { UsageView } from './usage-view.tsx';
import { useTab } from './use-tab.ts';
import { say as sayIn } from './words.ts';
import type { Word } from './words-en.ts';

export type AdminPageProps = { settings: Settings; tabs: Tabs; account: Account; home: string };

const views = {
  keys: KeysView,
  owners: OwnersView,
  'sign-ins': SignInsView,
  usage: UsageView,
  audit: AuditView,
} as const;
type Tab = keyof typeof views;
const tabNames: readonly Tab[] = ['keys', 'owners', 'sign-ins', 'usage', 'audit'];

const toldMs = 5000;

export function AdminPage({ settings, tabs, account, home }: AdminPageProps) {
  const { owner, role } = account;
  const told = useSignal('');
  const hiding = useRef<ReturnType<typeof setTimeout>>(undefined);
  const admin = useMemo((): Admin => {
    const anew = () => startAnew(home);
    const connection = createConnection(owner, anew);
    tabs.listen((news) => {
      if (news.kind === 'signedOut' && news.owner === owner) anew();
      if (news.kind === 'account') connection.lookAgain();
    });
    const say = (word: Word, values?: Values) => sayIn(settings.locale.value, word, values);
    const tell = (word: Word, values?: Values) => {
      clearTimeout(hiding.current);
      told.value = say(word, values);
      hiding.current = setTimeout(() => {
        told.value = '';
      }, toldMs);
    };
    return { settings, connection, owner, say, tell };
  }, []);
  const { say, connection } = admin;
  const tab = useTab(tabNames);
  const title = say('title');
  useEffect(() => {
    document.title = `${title} — AgentChat`;
  }, [title]);
  // All of them do not fit on a phone.
  useEffect(() => {
    document.querySelector('.tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);
  const View = views[tab];
  return (
    <AdminContext.Provider value={admin}>
      <header class="admin-head">
        <a class="admin-brand" href={chatPath}>
          <img src="static/favicon.svg" alt="" width="28" height="28" />
          <span>
            AgentChat <span class="soft">{title}</span>
          </span>
        </a>
        <div class="admin-ways">
          <a class="button plain small" href={chatPath}>
            {say('toChat')}
          </a>
          <SettingsMenu />
        </div>
      </header>
      {role === 'admin' ? (
        <>
          <nav class="tabs" aria-label={title}>
            {tabNames.map((name) => (
              <a key={name} href={`#/${name}`} aria-current={name === tab ? 'page' : undefined}>
                {say(name)}
              </a>
            ))}
          </nav>
          <main class="admin-main">
            <Away connection={connection} settings={settings} />
            <View key={tab} />
          </main>
        </>
      ) : (
        <main class="admin-main">
          <section class="nothing-here">
            <h1>{say('notForYou')}</h1>
            <p class="soft" dir="auto">
              {say('notForYouText', { owner })}
            </p>
            <a class="button" href={chatPath}>
              {say('toChat')}
            </a>
          </section>
        </main>
      )}
      <p class={told.value === '' ? 'unseen' : 'told'} role="status">
        {told.value}
      </p>
      {connection.status.value === 'signIn' && (
        <SignInOver
          owner={owner}
          onSignedIn={(read) => {
            tabs.tell({ kind: 'account', owner: read.owner });
            connection.signedIn(read);
          }}
        />
      )}
    </AdminContext.Provider>
  );
}

function Away({ connection, settings: { t } }: Pick<Admin, 'connection' | 'settings'>) {
  const status = connection.status.value;
  return (
    <div role="status">
      {(status === 'away' || status === 'signedOut') && (
        <p class="banner away">{t(status === 'away' ? 'unreachable' : 'signedOut')}</p>
      )}
    </div>
  );
}
