// The page's state, put together: what the view reads and what it may do.
import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals';
import { type Account, getAccount, signOut } from '../api/access.ts';
import { isAway, Problem, wantsSignIn } from '../api/problem.ts';
import { createSession } from '../api/sessions.ts';
import type { Instructed } from '../api/wire.ts';
import { type Announcer, createAnnouncer } from './announcer.ts';
import { type Connection, createConnection } from './connection.ts';
import { type Conversation, createConversation } from './conversation.ts';
import { type Conversations, createConversations } from './conversations.ts';
import { createDeletions } from './deletions.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { keepFresh } from './keep-fresh.ts';
import { createOutbox, newKey, type Said } from './outbox.ts';
import { createRoute, type Route } from './route.ts';
import { createSessionList, type SessionList } from './session-list.ts';
import type { Settings } from './settings.ts';
import { browserStorage, type Storage } from './storage.ts';
import { shareStreams } from './stream-share.ts';
import type { Tabs } from './tabs.ts';
import { createToasts, type Toasts } from './toasts.ts';
import { createWaiting, type Waiting } from './waiting.ts';

export type App = {
  settings: Settings;
  /** Whose page this is. */
  account: Signal<Account>;
  /** Whether they may do more than read. */
  canWrite: ReadonlySignal<boolean>;
  connection: Connection;
  route: Route;
  list: SessionList;
  /** What waits for them to allow it. */
  waiting: Waiting;
  conversations: Conversations;
  /** The conversation in view; null is a session that does not exist yet. */
  current: ReadonlySignal<Conversation | null>;
  drafts: Drafts;
  toasts: Toasts;
  announcer: Announcer;
  /** Who answers, as the reader chose. */
  who: Signal<Who>;
  /** What the session in view says to who answers. */
  instructed: () => Instructed;
  /** The same of the next new session. */
  newInstructed: Signal<Instructed>;
  /** What agents are called, by their names. */
  agentLabels: Signal<ReadonlyMap<string, string>>;
  storage: Storage;
  tabs: Tabs;
  /** A new session is being made for what was sent. */
  creating: Signal<boolean>;
  /** What is to go into the message box, asked for elsewhere on the page; it takes it and clears this. */
  handed: Signal<Said | null>;
  /** Which of the reader's messages is being said otherwise, by the key of its item. */
  editing: Signal<string | null>;
  dialog: Signal<'help' | 'signOut' | 'waiting' | 'instructions' | 'context' | 'model' | null>;
  /** The session whose links are shown. */
  sharing: Signal<string | null>;
  drawerOpen: Signal<boolean>;
  /** Which session's name is being changed in the list. */
  renaming: Signal<string | null>;
  /** Sends into the session in view, or into a new one. False: not now, the text stays where it is. */
  send: (text: string) => Promise<boolean>;
  newSession: () => void;
  rename: (id: string, name: string) => Promise<void>;
  remove: (id: string) => void;
  /** Somebody has signed in again on this page. */
  signedIn: (account: Account) => void;
  /** Brings what is known of the account up to date. */
  readAccount: () => Promise<void>;
  /** What of the reader's is only in this browser. */
  unsent: () => { drafts: number; messages: number };
  /** Leaves nothing of the reader's in this browser. Resolves only where it could not be done. */
  signOut: () => Promise<void>;
};

/** `agent`: in a new session; `model`: what is sent now; `choosing`: until the server knows of a choice. */
export type Who = { agent?: string; model?: string; choosing?: Promise<unknown> };

export type AppParts = { settings: Settings; tabs: Tabs; account: Account; startAnew: () => void };

const nothing: Instructed = { instructions: '', temperature: null };

export function createApp({ settings, tabs, account: first, startAnew }: AppParts): App {
  const { owner } = first;
  const account = signal(first);
  const storage = browserStorage(first.way === 'none' ? null : owner);
  const connection = createConnection(owner, startAnew);
  const route = createRoute();
  const list = createSessionList(connection);
  const toasts = createToasts();
  const announcer = createAnnouncer();
  const drafts = createDrafts(storage);
  const outbox = createOutbox(storage);
  const creating = signal(false);
  const who = signal<Who>({});
  const newInstructed = signal(nothing);
  const { t } = settings;
  const waiting = createWaiting(connection, (count) => announcer.say(t('nowWaiting', { count })));

  const current = signal<Conversation | null>(null);
  const mayStream = shareStreams(computed(() => current.value?.busy.value ?? false));
  const conversations = createConversations((id, isNew) =>
    createConversation(id, isNew, {
      connection,
      outbox,
      model: () => who.value.model,
      mayStream: computed(() => mayStream.value && route.sessionId.value === id),
      changed() {
        void list.refresh();
        void waiting.refresh();
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
    drafts.files(id).value = [];
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
  keepFresh({ connection, list, waiting, tabs, conversations, current });

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
    const { choosing } = who.value;
    if (choosing) await choosing;
    const open = untracked(() => current.value);
    if (open) {
      if (open.status.value !== 'ready') return false;
      open.send({ text, files: drafts.takeFiles(open.id) }, newKey());
      return true;
    }
    if (creating.value) return false;
    creating.value = true;
    try {
      const session = await createSession({ agent: who.value.agent, ...newInstructed.value });
      newInstructed.value = nothing;
      list.update(session);
      const made = conversations.openNew(session.id);
      const files = drafts.takeFiles('new');
      moveDraft(session.id, text);
      if (route.sessionId.value === null) route.go(session.id);
      made.send({ text, files }, newKey());
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
    drafts.files(id).value = drafts.files('new').value;
    drafts.files('new').value = [];
  }

  tabs.listen((news) => {
    if (news.kind === 'signedOut' && news.owner === owner) startAnew();
    if (news.kind === 'account') connection.lookAgain();
  });

  async function leave(): Promise<void> {
    try {
      await deletions.settle();
      // Whose sign-in has ended already has what they wanted.
      const next = await signOut().catch(unlessSignedOut);
      storage.clear();
      tabs.tell({ kind: 'signedOut', owner });
      if (next === null) startAnew();
      else location.replace(next);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      void toasts.show({ text: 'notSignedOut', detail: error.detail });
    }
  }

  return {
    settings,
    account,
    canWrite: computed(() => account.value.role !== 'viewer'),
    connection,
    route,
    list,
    waiting,
    conversations,
    current,
    drafts,
    toasts,
    announcer,
    who,
    instructed: () => {
      const id = route.sessionId.value;
      return id === null ? newInstructed.value : (list.find(id) ?? nothing);
    },
    newInstructed,
    agentLabels: signal<ReadonlyMap<string, string>>(new Map()),
    storage,
    tabs,
    creating,
    handed: signal<Said | null>(null),
    editing: signal<string | null>(null),
    dialog: signal<ReturnType<App['dialog']['peek']>>(null),
    sharing: signal<string | null>(null),
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
    signedIn(read) {
      tabs.tell({ kind: 'account', owner: read.owner });
      if (read.owner === owner) account.value = read;
      connection.signedIn(read);
    },
    async readAccount() {
      const read = await getAccount().catch(() => undefined);
      if (read?.owner === owner) account.value = read;
    },
    unsent: () => ({ drafts: drafts.count(), messages: outbox.count() }),
    signOut: leave,
  };
}

function unlessSignedOut(error: unknown): null {
  if (wantsSignIn(error)) return null;
  throw error;
}
