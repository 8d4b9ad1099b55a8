// Keeps what is shown as the server has it: after a change in another tab, when the reader comes back to the page,
// when the server comes back, and now and then while the page is looked at.
import { effect, type ReadonlySignal, untracked } from '@preact/signals';
import type { Connection } from './connection.ts';
import type { Conversation } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import type { SessionList } from './session-list.ts';
import type { Tabs } from './tabs.ts';
import type { Waiting } from './waiting.ts';

export type Fresh = {
  connection: Connection;
  list: SessionList;
  waiting: Waiting;
  tabs: Tabs;
  conversations: Conversations;
  current: ReadonlySignal<Conversation | null>;
};

const everyMs = 10_000;

export function keepFresh({ connection, list, waiting, tabs, conversations, current }: Fresh): void {
  /** When each conversation was last brought up to date, as its session told. */
  const seen = new Map<string, string>();

  async function refresh(): Promise<void> {
    // It is asked for often enough whether somebody has signed in.
    if (connection.status.value === 'signIn') return;
    void waiting.refresh();
    await list.refresh();
    const conversation = current.value;
    if (!conversation) return;
    const updatedAt = list.find(conversation.id)?.updatedAt ?? '';
    const isListed = list.sessions.value.some(({ id }) => id === conversation.id);
    if (isListed && seen.get(conversation.id) === updatedAt) return;
    seen.set(conversation.id, updatedAt);
    await conversation.refresh();
  }

  tabs.listen((news) => {
    if (news.kind === 'account' || news.kind === 'signedOut') return;
    if (news.kind === 'decided') return void waiting.refresh();
    void refresh();
    if (news.kind === 'turn') void conversations.find(news.sessionId)?.refresh();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void refresh();
  });
  addEventListener('focus', () => void refresh());
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) void refresh();
  });
  setInterval(() => {
    if (document.visibilityState === 'visible' && connection.status.value !== 'away') void refresh();
  }, everyMs);
  effect(() => {
    if (connection.returns.value === 0) return;
    untracked(() => {
      void list.refresh();
      void waiting.refresh();
      for (const conversation of conversations.all()) void conversation.refresh();
    });
  });
  void list.refresh();
  void waiting.refresh();
}
