// One session's conversation: the messages that were read, and the turns that run in it. It goes on undisturbed while
// the reader looks at another session.
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { messagesBefore } from '../api/history.ts';
import { Problem } from '../api/problem.ts';
import { latestTurns, sendMessage } from '../api/turns.ts';
import { isActive, type Turn } from '../api/wire.ts';
import type { Connection } from './connection.ts';
import { createRuns } from './conversation-runs.ts';
import {
  arrange,
  createItemMaker,
  findByMessage,
  firstStoredId,
  type Item,
  leftOver,
  messageOf,
  type ReplyItem,
  repliesTo,
  stepPlaces,
  type UserItem,
} from './items.ts';
import { readNewest } from './newest-page.ts';
import { newKey, type Outbox } from './outbox.ts';
import { clearReply } from './reply.ts';

export type ConversationParts = {
  connection: Connection;
  outbox: Outbox;
  /** The model that messages are answered with from now on, where one is chosen. */
  model: () => string | undefined;
  /** Whether its replies may be streamed: it is in view, and the browser has a connection for it. */
  mayStream: ReadonlySignal<boolean>;
  /** A turn began or ended: the list of sessions has changed. */
  changed: (news: 'begun' | 'ended') => void;
  /** For readers who do not see the page. */
  announce: (
    what: 'sending' | 'replied' | 'cancelled' | 'cancelledEmpty' | 'failed' | 'unsent',
    text?: string,
  ) => void;
  /** Something that the reader asked for did not work. */
  complain: (what: 'cannotStop' | 'cannotLoadEarlier', problem: Problem) => void;
};

export type Conversation = {
  id: string;
  items: Signal<Item[]>;
  status: Signal<'loading' | 'ready' | Problem>;
  hasEarlier: Signal<boolean>;
  loadingEarlier: Signal<boolean>;
  busy: ReadonlySignal<boolean>;
  canStop: ReadonlySignal<boolean>;
  /** Something is to be sent that the server does not have yet. */
  isSending: () => boolean;
  /** Reads it all anew, then joins the turns that run. */
  load: () => Promise<void>;
  /** Looks whether something changed elsewhere, and takes it in. */
  refresh: () => Promise<void>;
  loadEarlier: () => Promise<void>;
  /** Leaves only the newest messages: those before them are loaded when the reader scrolls to them again. */
  forgetEarlier: () => void;
  send: (text: string, key: string) => void;
  /** Says the same thing once more, as a message of its own. */
  askAgain: (text: string) => void;
  /** A message that was not sent goes again, with its key. */
  sendAgain: (item: UserItem) => void;
  /** Takes back a message that was not sent; its text. */
  takeBack: (item: UserItem) => string;
  retry: (item: ReplyItem) => void;
  stop: () => void;
  dispose: () => void;
};

const pageSize = 40;

/** `isNew`: it has no messages yet. */
export function createConversation(id: string, isNew: boolean, parts: ConversationParts): Conversation {
  const { connection, outbox } = parts;
  const life = new AbortController();
  const make = createItemMaker();
  const items = signal<Item[]>([]);
  const status = signal<Conversation['status']['value']>(isNew ? 'ready' : 'loading');
  const hasEarlier = signal(false);
  const loadingEarlier = signal(false);
  const runs = createRuns(
    id,
    {
      ...parts,
      load,
      refresh,
      position: (item) => items.value.indexOf(item),
      places: (asked) => stepPlaces(items, asked, make),
    },
    life.signal,
  );
  const busy = computed(() => status.value === 'loading' || runs.busy.value);
  let refreshing: Promise<void> | null = null;

  async function load(): Promise<void> {
    status.value = 'loading';
    try {
      await takeNewest();
      status.value = 'ready';
      for (const { key, text, model } of outbox.of(id))
        if (!items.value.some((item) => item.kind === 'user' && item.sendKey === key)) send(text, key, model);
    } catch (error) {
      if (life.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      status.value = error;
    }
  }

  async function takeNewest(known?: readonly Turn[]): Promise<void> {
    const page = await readNewest(id, pageSize, known);
    if (life.signal.aborted) return;
    batch(() => {
      const arranged = arrange(items.value, page.messages, page.turns, make);
      if (!arranged.connected || items.value.length === 0) hasEarlier.value = page.hasEarlier;
      items.value = arranged.items;
    });
    const answered = page.turns.flatMap(({ userMessage, reply }) => (reply ? [userMessage.id] : []));
    runs.leave(items.value.filter((item) => answered.includes(messageOf(item)?.id ?? '')));
    join(page.turns);
  }

  /** Follows the turns that run, and those that came to no reply: their streams have what was said until then. */
  function join(turns: readonly Turn[]): void {
    for (const turn of [...turns].reverse()) {
      const isOpen = isActive(turn.status);
      // Of one that is not the newest, the history has the steps.
      const isUnread = turn.status === 'failed' || (turn === turns[0] && turn.status === 'cancelled');
      const asked = findByMessage(items.value, turn.userMessage.id);
      if (turn.reply || !(isOpen || isUnread) || asked?.kind !== 'user' || runs.isFollowed(asked)) continue;
      const open = repliesTo(items.value, asked).find((item) => !messageOf(item));
      if (!open) continue;
      if (open.reply.outcome.value instanceof Problem) {
        if (!isOpen) continue;
        clearReply(open.reply);
      }
      runs.follow(asked, { turnId: turn.id, quiet: !isOpen, fromBeginning: false, begin: null });
    }
  }

  function refresh(): Promise<void> {
    if (status.value !== 'ready') return status.value === 'loading' ? Promise.resolve() : load();
    refreshing ??= lookAgain().finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  async function lookAgain(): Promise<void> {
    // What is just being sent would be seen twice.
    if (runs.isSending()) return;
    try {
      const turns = await latestTurns(id);
      if (life.signal.aborted || runs.isSending()) return;
      if (turns.some(isNews)) await takeNewest(turns);
    } catch (error) {
      if (life.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      if (error.status === 404) status.value = error;
    }
  }

  function isNews(turn: Turn): boolean {
    // Its own events bring everything, and go on where they were.
    if (runs.follows(turn.id)) return false;
    if (!findByMessage(items.value, turn.userMessage.id)) {
      const oldest = items.value.map(messageOf).find((message) => message !== null);
      return !oldest || turn.userMessage.createdAt >= oldest.createdAt;
    }
    if (turn.reply) return !findByMessage(items.value, turn.reply.id);
    return isActive(turn.status);
  }

  async function loadEarlier(): Promise<void> {
    const before = firstStoredId(items.value);
    if (!hasEarlier.value || loadingEarlier.value || before === null) return;
    loadingEarlier.value = true;
    try {
      const { messages, open, more } = await messagesBefore(id, before, pageSize);
      if (life.signal.aborted || firstStoredId(items.value) !== before) return;
      batch(() => {
        let asked: UserItem | null = null;
        const earlier = messages.flatMap((message): Item[] => {
          const item = make.stored(message, asked);
          if (item.kind === 'reply') return [item];
          asked = item;
          return [item, ...leftOver(item, make)];
        });
        const [first] = items.value;
        // What was done for it was read only now.
        if (first?.kind === 'reply') first.reply.rounds.value = [...open, ...first.reply.rounds.value];
        items.value = [...earlier, ...items.value];
        hasEarlier.value = more;
      });
    } catch (error) {
      if (life.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      parts.complain('cannotLoadEarlier', error);
      // Not again at once: the reader scrolls once more, or the server comes back.
      await new Promise((resolve) => setTimeout(resolve, 2000));
    } finally {
      loadingEarlier.value = false;
    }
  }

  function send(text: string, key: string, model = parts.model()): void {
    outbox.put({ key, sessionId: id, text, model });
    const user = make.sent(text, key);
    items.value = [...items.value, user, make.reply(user)];
    deliver(user);
  }

  function deliver(user: UserItem): void {
    const [item] = repliesTo(items.value, user);
    const { sendKey } = user;
    if (!item || sendKey === null) return;
    const model = outbox.of(id).find(({ key }) => key === sendKey)?.model;
    user.refused.value = null;
    clearReply(item.reply);
    parts.announce('sending');
    runs.follow(user, {
      turnId: null,
      quiet: false,
      fromBeginning: true,
      // Sent again and again, with its key it is one message all the same.
      begin: (signal) =>
        runs.untilAnswered(
          item,
          () => sendMessage(id, { text: user.text, key: sendKey, model }, signal),
          signal,
        ),
      onBegun(message) {
        outbox.remove(sendKey);
        const other = items.value.find((one) => one !== user && messageOf(one)?.id === message.id);
        // It had arrived before, and is here already.
        if (other) return drop(user);
        user.message.value = message;
        parts.changed('begun');
      },
      onRefused(problem) {
        user.refused.value = problem;
        item.reply.phase.value = 'ended';
        parts.announce('unsent');
      },
    });
  }

  /** Takes away a message, and what answers it. */
  function drop(user: UserItem): void {
    runs.leave([user]);
    items.value = items.value.filter(
      (item) => item !== user && !(item.kind === 'reply' && item.asked === user),
    );
  }

  return {
    id,
    items,
    status,
    hasEarlier,
    loadingEarlier,
    busy,
    canStop: runs.canStop,
    isSending: runs.isSending,
    load,
    refresh,
    loadEarlier,
    forgetEarlier() {
      const most = 2 * pageSize;
      if (items.value.length <= most) return;
      items.value = items.value.slice(-most);
      hasEarlier.value = true;
    },
    send: (text, key) => send(text, key),
    askAgain(text) {
      if (!busy.value) send(text, newKey());
    },
    sendAgain: deliver,
    takeBack(user) {
      if (user.sendKey) outbox.remove(user.sendKey);
      drop(user);
      return user.text;
    },
    retry: runs.retry,
    stop: runs.stop,
    dispose: () => life.abort(new DOMException('left', 'AbortError')),
  };
}
