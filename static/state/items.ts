// What a conversation shows, one below the other: messages of the reader's and replies, each step of one an item. An item
// stays the same object from its first piece to the stored message, so that what shows it is never drawn anew.
import { type Signal, signal } from '@preact/signals';
import type { Problem } from '../api/problem.ts';
import type { FileRef, Message, Turn } from '../api/wire.ts';
import type { Outgoing } from './outbox.ts';
import { createReply, type Reply, settleReply } from './reply.ts';
import type { StepPlaces } from './turn-writer.ts';

export type UserItem = {
  kind: 'user';
  key: string;
  text: string;
  files: readonly FileRef[];
  /** The stored message, once it is stored. */
  message: Signal<Message | null>;
  /** It waits in the page until what runs is over. */
  held: Signal<boolean>;
  /** Why the server did not take it. */
  refused: Signal<Problem | null>;
  /** What it is sent with; null for one from the history. */
  sendKey: string | null;
};
export type ReplyItem = { kind: 'reply'; key: string; reply: Reply; asked: UserItem | null };
export type Item = UserItem | ReplyItem;

/** Items made with the keys of messages, or with keys of their own. */
export type ItemMaker = {
  sent: (message: Pick<Outgoing, 'text' | 'files' | 'key'>) => UserItem;
  stored: (message: Message, asked: UserItem | null) => Item;
  reply: (asked: UserItem | null) => ReplyItem;
};

export function createItemMaker(): ItemMaker {
  let made = 0;
  const ownKey = () => `own-${made++}`;
  return {
    sent: ({ text, files, key: sendKey }) => ({
      kind: 'user',
      key: ownKey(),
      text,
      files,
      message: signal(null),
      held: signal(false),
      refused: signal(null),
      sendKey,
    }),
    stored: (message, asked) =>
      message.role === 'user'
        ? {
            kind: 'user',
            key: message.id,
            text: message.content,
            files: message.files,
            message: signal<Message | null>(message),
            held: signal(false),
            refused: signal(null),
            sendKey: null,
          }
        : { kind: 'reply', key: message.id, reply: createReply(message), asked },
    reply: (asked) => ({ kind: 'reply', key: ownKey(), reply: createReply(null), asked }),
  };
}

export const messageOf = (item: Item): Message | null =>
  item.kind === 'user' ? item.message.value : item.reply.message.value;

/** The stored message that comes first, to page backwards from. */
export const firstStoredId = (items: readonly Item[]): string | null => {
  for (const item of items) {
    const message = messageOf(item);
    if (message) return message.id;
  }
  return null;
};

export const findByMessage = (items: readonly Item[], id: string): Item | undefined =>
  items.find((item) => messageOf(item)?.id === id);

/** What is said at a place stands behind this message; null where that is the beginning, or what was imported. */
export function parentOf(items: readonly Item[], place: number): string | null {
  const before = items.slice(0, place).findLast((item) => messageOf(item) !== null);
  const message = before && messageOf(before);
  return message && !message.imported ? message.id : null;
}

/** How many items are shown with what is said behind this message, null for the beginning; all where that is at the end. */
export function endBehind(items: readonly Item[], parentId: string | null | undefined): number {
  if (parentId === undefined) return items.length;
  const place = items.findIndex((item) => {
    const message = messageOf(item);
    return parentId === null ? message && !message.imported : message?.id === parentId;
  });
  if (place < 0) return items.length;
  return parentId === null ? place : place + 1;
}

/** What was said to it so far, step by step. */
export const repliesTo = (items: readonly Item[], asked: UserItem | null): ReplyItem[] =>
  items.filter((item): item is ReplyItem => asked !== null && item.kind === 'reply' && item.asked === asked);

export const stepPlaces = (items: Signal<Item[]>, asked: UserItem, make: ItemMaker): StepPlaces => ({
  all: () => repliesTo(items.value, asked),
  add() {
    const item = make.reply(asked);
    const before = items.value.findLastIndex(
      (one) => one === asked || (one.kind === 'reply' && one.asked === asked),
    );
    // Of what is shown no longer, nobody sees it.
    if (before >= 0) items.value = items.value.toSpliced(before + 1, 0, item);
    return item;
  },
  keep(count) {
    const gone: Item[] = repliesTo(items.value, asked).slice(count);
    if (gone.length > 0) items.value = items.value.filter((item) => !gone.includes(item));
  },
});

/**
 * The items for the newest page of messages, with those that are there already, and a place for each reply that is
 * still to come. `connected`: the page reaches back to what was there, which stays above it.
 */
export function arrange(
  items: readonly Item[],
  page: readonly Message[],
  turns: readonly Turn[],
  make: ItemMaker,
): { items: Item[]; connected: boolean } {
  const [first] = page;
  const start = first ? items.findIndex((item) => messageOf(item)?.id === first.id) : -1;
  const arranged: Item[] = start > 0 ? items.slice(0, start) : [];
  let asked: UserItem | null = null;
  for (const [place, message] of page.entries()) {
    const known = findByMessage(items, message.id);
    if (known) takeVersions(known, message);
    const item: Item = known ?? settled(items, asked, message) ?? make.stored(message, asked);
    arranged.push(item);
    if (item.kind === 'user') asked = item;
    if (asked && page[place + 1]?.role !== 'assistant') {
      const turn = turns.find(({ userMessage }) => userMessage.id === asked?.message.value?.id);
      arranged.push(...unsettled(items, arranged, asked, turn, make));
    }
  }
  const placed = new Set(arranged);
  const unsent = items.filter((item) => !placed.has(item) && isUnsent(item));
  return { items: [...arranged, ...unsent], connected: start >= 0 || items.length === unsent.length };
}

/** Others may have been said in its place since. */
function takeVersions(item: Item, { parentId, versions }: Message): void {
  const message = item.kind === 'user' ? item.message : item.reply.message;
  if (message.value && message.value.versions.join() !== versions.join())
    message.value = { ...message.value, parentId, versions };
}

/** A message of the reader's that the server does not have yet, and the place of its reply. */
function isUnsent(item: Item): boolean {
  const user = item.kind === 'user' ? item : item.asked;
  return user !== null && user.message.value === null && (item.kind === 'user' || messageOf(item) === null);
}

/** The place of a step that was being waited for, and has come another way. */
function settled(items: readonly Item[], asked: UserItem | null, message: Message): ReplyItem | undefined {
  if (message.role === 'user') return undefined;
  const waiting = repliesTo(items, asked).find((item) => messageOf(item) === null);
  if (waiting) settleReply(waiting.reply, message);
  return waiting;
}

/** What was done for a question that came to no reply, if anything. */
export function leftOver(asked: UserItem, make: ItemMaker): ReplyItem[] {
  const rounds = asked.message.value?.rounds ?? [];
  if (rounds.length === 0) return [];
  const item = make.reply(asked);
  item.reply.rounds.value = rounds;
  item.reply.phase.value = 'ended';
  return [item];
}

/** What follows the messages of a turn without a reply: one is being written, failed, or nothing is known of it. */
function unsettled(
  items: readonly Item[],
  arranged: readonly Item[],
  asked: UserItem,
  turn: Turn | undefined,
  make: ItemMaker,
): ReplyItem[] {
  if (turn?.reply) return [];
  // Steps of the newest turn come with its events.
  const known = repliesTo(items, asked).filter((item) => !arranged.includes(item));
  if (known.some((item) => messageOf(item) === null)) return known;
  // Turns older than those that were read: what became of them is history.
  if (!turn) return known.length > 0 ? known : leftOver(asked, make);
  const item = make.reply(asked);
  item.reply.rounds.value = asked.message.value?.rounds ?? [];
  if (turn.status === 'cancelled' || turn.status === 'completed') {
    item.reply.phase.value = 'ended';
    item.reply.outcome.value = turn.status === 'completed' ? 'missing' : 'cancelled';
  }
  return [...known, item];
}
