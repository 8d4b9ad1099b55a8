// The page's state, put together: what the view reads and what it may do.
import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals';
import { isAway, Problem } from '../api/problem.ts';
import { createSession } from '../api/sessions.ts';
import { type Announcer, createAnnouncer } from './announcer.ts';
import { type Connection, createConnection } from './connection.ts';
import { type Conversation, createConversation } from './conversation.ts';
import { type Conversations, createConversations } from './conversations.ts';
import { createDeletions } from './deletions.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { keepFresh } from './keep-fresh.ts';
import { createOutbox, newKey } from './outbox.ts';
import { createRoute, type Route } from './route.ts';
import { createSessionList, type SessionList } from './session-list.ts';
import { createSettings, type Settings } from './settings.ts';
import { browserStorage } from './storage.ts';
import { shareStreams } from './stream-share.ts';
import { createTabs } from './tabs.ts';
import { createToasts, type Toasts } from './toasts.ts';

export type App = {
  settings: Settings;
  connection: Connection;
  route: Route;
  list: SessionList;
  conversations: Conversations;
  /** The conversation in view; null is a session that does not exist yet. */
  current: ReadonlySignal<Conversation | null>;
  drafts: Drafts;
  toasts: Toasts;
  announcer: Announcer;
  /** A new session is being made for what was sent. */
  creating: Signal<boolean>;
  /** A text for the message box, asked for elsewhere on the page; it takes it and clears this. */
  handed: Signal<string | null>;
  dialog: Signal<'help' | null>;
  drawerOpen: Signal<boolean>;
  /** Which session's name is being changed in the list. */
  renaming: Signal<string | null>;
  /** Sends into the session in view, or into a new one. False: not now, the text stays where it is. */
  send: (text: string) => Promise<boolean>;
  newSession: () => void;
  rename: (id: string, name: string) => Promise<void>;
  remove: (id: string) => void;
};

export function createApp(): App {
  const storage = browserStorage();
  const settings = createSettings(storage);
  const connection = createConnection();
  const route = createRoute();
  const list = createSessionList(connection);
  const tabs = createTabs();
  const toasts = createToasts();
  const announcer = createAnnouncer();
  const drafts = createDrafts(storage);
  const outbox = createOutbox(storage);
  const creating = signal(false);
  const { t } = settings;

  const current = signal<Conversation | null>(null);
  const mayStream = shareStreams(computed(() => current.value?.busy.value ?? false));
  const conversations = createConversations((id, isNew) =>
    createConversation(id, isNew, {
      connection,
      outbox,
      mayStream: computed(() => mayStream.value && route.sessionId.value === id),
      changed() {
        void list.refresh();
        tabs.tell({ kind: 'turn', sessionId: id });
      },
      announce(what, text = '') {
        if (route.sessionId.value !== id) return;
        announcer.say(what === 'replied' ? `${t('replied')} ${text}` : t(what));
      },
      complain: (text, { detail }) => void toasts.show({ text, detail }),
    }),
  );
  const deletions = createDeletions(list, toasts, tabs, (id) => {
    // Who has gone back to it meanwhile is told.
    if (route.sessionId.value === id) return void conversations.find(id)?.refresh();
    conversations.forget(id);
    drafts.keep(id, '');
    for (const { key } of outbox.of(id)) outbox.remove(key);
  });

  effect(() => {
    const id = route.sessionId.value;
    untracked(() => {
      announcer.forget();
      current.value = id === null ? null : conversations.open(id);
    });
  });
  nameWhatIsOpen();
  keepFresh({ connection, list, tabs, conversations, current });

  /** A session that no page of the list had is read for its name. */
  function nameWhatIsOpen(): void {
    effect(() => {
      const id = route.sessionId.value;
      if (id === null || list.status.value !== 'ready') return;
      untracked(() => {
        if (!list.find(id)) void list.read(id);
      });
    });
  }

  async function send(text: string): Promise<boolean> {
    const open = untracked(() => current.value);
    if (open) {
      if (open.busy.value || open.status.value !== 'ready') return false;
      open.send(text, newKey());
      return true;
    }
    if (creating.value) return false;
    creating.value = true;
    try {
      const session = await createSession();
      list.update(session);
      const made = conversations.openNew(session.id);
      moveDraft(session.id, text);
      if (route.sessionId.value === null) route.go(session.id);
      made.send(text, newKey());
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      void toasts.show({
        text: isAway(error) && !error.detail ? 'keptInBox' : 'notSent',
        detail: error.detail,
      });
      return false;
    } finally {
      creating.value = false;
    }
  }

  /** What was typed while the new session was made goes along with it; what was sent does not. */
  function moveDraft(id: string, sent: string): void {
    const typed = drafts.read('new');
    drafts.keep('new', '');
    drafts.keep(id, typed.startsWith(sent) ? typed.slice(sent.length).trimStart() : typed);
  }

  return {
    settings,
    connection,
    route,
    list,
    conversations,
    current,
    drafts,
    toasts,
    announcer,
    creating,
    handed: signal<string | null>(null),
    dialog: signal<'help' | null>(null),
    drawerOpen: signal(false),
    renaming: signal<string | null>(null),
    send,
    newSession: () => route.go(null),
    async rename(id, name) {
      try {
        await list.rename(id, name);
        tabs.tell({ kind: 'sessions' });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        void toasts.show({ text: 'notRenamed', detail: error.detail });
      }
    },
    remove(id) {
      const wasOpen = route.sessionId.value === id;
      if (wasOpen) route.go(null, { replace: true });
      const name = list.find(id)?.name ?? '';
      void deletions.begin(id, name, () => {
        if (wasOpen && route.sessionId.value === null) route.go(id, { replace: true });
      });
    },
  };
}
