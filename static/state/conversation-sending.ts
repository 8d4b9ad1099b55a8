// What the reader says in a conversation, on its way to the server. What is said while a reply is being written waits in the
// queue, where it can be taken back; the outbox has it from the start.
import { effect, type ReadonlySignal, type Signal } from '@preact/signals';
import { sendMessage } from '../api/turns.ts';
import type { ConversationParts } from './conversation.ts';
import type { ConversationRuns } from './conversation-runs.ts';
import { endBehind, type Item, type ItemMaker, messageOf, repliesTo, type UserItem } from './items.ts';
import type { Outgoing, Said } from './outbox.ts';
import { clearReply } from './reply.ts';

export type ConversationSending = {
  send: (message: Omit<Outgoing, 'sessionId'>) => void;
  /** What was not sent when the page was left. */
  sendOutbox: () => void;
  /** A message that was not sent goes again, with its key. */
  sendAgain: (item: UserItem) => void;
  /** Takes back a message that was not sent; what is in it. */
  takeBack: (item: UserItem) => Said;
  /** Something is to be sent that the server does not have yet. */
  isSending: () => boolean;
};

export type SendingParts = Pick<ConversationParts, 'outbox' | 'announce' | 'changed'> & {
  items: Signal<Item[]>;
  make: ItemMaker;
  runs: ConversationRuns;
  /** Whether it has been read and nothing runs in it. */
  isIdle: ReadonlySignal<boolean>;
  /** Reads the newest messages, whether or not there is news. */
  reread: () => Promise<void>;
};

/** `life` ends it. */
export function createSending(id: string, parts: SendingParts, life: AbortSignal): ConversationSending {
  const { items, make, runs, outbox, isIdle } = parts;

  const firstHeld = () =>
    items.value.find((item): item is UserItem => item.kind === 'user' && item.held.value);

  const stop = effect(() => {
    const next = isIdle.value ? firstHeld() : undefined;
    // Not within the change that lets it go.
    if (next) queueMicrotask(() => isIdle.peek() && release(next));
  });
  life.addEventListener('abort', stop);

  function release(user: UserItem): void {
    if (life.aborted || !user.held.value || !items.value.includes(user)) return;
    user.held.value = false;
    items.value = items.value.toSpliced(items.value.indexOf(user) + 1, 0, make.reply(user));
    deliver(user);
  }

  function send(message: Omit<Outgoing, 'sessionId'>): void {
    outbox.put({ ...message, sessionId: id });
    const user = make.sent(message);
    user.held.value = runs.busy.value || firstHeld() !== undefined;
    if (user.held.value) {
      items.value = [...items.value, user];
      parts.announce('inLine');
    } else {
      items.value = [...items.value, user, make.reply(user)];
      deliver(user);
    }
  }

  function deliver(user: UserItem): void {
    const [item] = repliesTo(items.value, user);
    const { sendKey } = user;
    if (!item || sendKey === null) return;
    const { model, parentId } = outbox.of(id).find(({ key }) => key === sendKey) ?? {};
    user.refused.value = null;
    clearReply(item.reply);
    parts.announce('sending');
    runs.follow(user, {
      turnId: null,
      quiet: false,
      fromBeginning: true,
      isVersion: parentId !== undefined,
      // Sent again and again, with its key it is one message all the same.
      begin: (signal) =>
        runs.untilAnswered(
          item,
          () => sendMessage(id, { ...user, key: sendKey, model, parentId }, signal),
          signal,
        ),
      onBegun(message) {
        outbox.remove(sendKey);
        const other = items.value.find((one) => one !== user && messageOf(one)?.id === message.id);
        // It had arrived before, and is here already.
        if (other) return drop(user);
        user.message.value = message;
        parts.changed('begun');
        if (parentId !== undefined) void parts.reread();
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
    send,
    sendOutbox() {
      for (const message of outbox.of(id)) {
        if (items.value.some((item) => item.kind === 'user' && item.sendKey === message.key)) continue;
        items.value = items.value.slice(0, endBehind(items.value, message.parentId));
        send(message);
      }
    },
    sendAgain: deliver,
    takeBack(user) {
      const sent = outbox.of(id).find(({ key }) => key === user.sendKey);
      if (user.sendKey) outbox.remove(user.sendKey);
      drop(user);
      // What it was to stand for is shown again.
      if (sent?.parentId !== undefined) void parts.reread();
      return user;
    },
    isSending: () => runs.isSending() || firstHeld() !== undefined,
  };
}
