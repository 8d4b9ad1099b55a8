// One session's conversation: the messages that were read, and the turns that run in it. It goes on undisturbed while
// the reader looks at another session.
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { messagesBefore } from '../api/history.ts';
import { Problem, unreachable } from '../api/problem.ts';
import { latestTurns } from '../api/turns.ts';
import { isActive, type Turn } from '../api/wire.ts';
import type { Connection } from './connection.ts';
import { createRuns } from './conversation-runs.ts';
import { type ConversationSending, createSending } from './conversation-sending.ts';
import type { ConversationVersions } from './conversation-versions.ts';
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
import { newKey, type Outbox, type Said } from './outbox.ts';
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
    what: 'sending' | 'inLine' | 'replied' | 'cancelled' | 'cancelledEmpty' | 'failed' | 'unsent',
    text?: string,
  ) => void;
  /** Something that the reader asked for did not work. */
  complain: (
    what: 'cannotStop' | 'cannotLoadEarlier' | 'cannotAskAgain' | 'cannotShowVersion',
    problem: Problem,
  ) => void;
};

export type Conversation = Pick<ConversationSending, 'isSending' | 'sendAgain' | 'takeBack'> & {
  /** Loaded when it is first asked for; throws a Problem where that cannot be. */
  versions: () => Promise<ConversationVersions>;
  /** Lets what a reply answers be answered again. */
  answerAgain: (item: ReplyItem) => Promise<void>;
  id: string;
  items: Signal<Item[]>;
  status: Signal<'loading' | 'ready' | Problem>;
  hasEarlier: Signal<boolean>;
  loadingEarlier: Signal<boolean>;
  busy: ReadonlySignal<boolean>;
  canStop: ReadonlySignal<boolean>;
  /** Reads it all anew, then joins the turns that run. */
  load: () => Promise<void>;
  /** Looks whether something changed elsewhere, and takes it in. */
  refresh: () => Promise<void>;
  loadEarlier: () => Promise<void>;
  /** Leaves only the newest messages: those before them are loaded when the reader scrolls to them again. */
  forgetEarlier: () => void;
  send: (said: Said, key: string) => void;
  retry: (item: ReplyItem) => void;
  stop: () => void;
  dispose: () => void;
};

const pageSize = 40;

/** `isNew`: it has no messages yet. */
export function createConversation(id: string, isNew: boolean, parts: ConversationParts): Conversation {
  const { connection } = parts;
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
  const sending = createSending(
    id,
    {
      ...parts,
      items,
      make,
      runs,
      isIdle: computed(() => status.value === 'ready' && !runs.busy.value),
      reread,
    },
    life.signal,
  );
  let refreshing: Promise<void> | null = null;

  async function load(): Promise<void> {
    status.value = 'loading';
    try {
      await takeNewest();
      status.value = 'ready';
      sending.sendOutbox();
    } catch (error) {
      if (life.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      status.value = error;
    }
  }

  /** `known`: the newest turns, and how many had ended when they were asked for. */
  async function takeNewest(known?: { turns: readonly Turn[]; ends: number }): Promise<void> {
    const ends = known?.ends ?? runs.ends();
    const page = await readNewest(id, pageSize, known?.turns);
    // What was begun since is not in it, and is looked at again once it ends.
    if (life.signal.aborted || (known && runs.isSending())) return;
    // What has ended since would be taken for one that goes on.
    if (runs.ends() !== ends) return known ? reread() : takeNewest();
    batch(() => {
      const arranged = arrange(items.value, page.messages, page.turns, make);
      if (!arranged.connected || items.value.length === 0) hasEarlier.value = page.hasEarlier;
      items.value = arranged.items;
    });
    const answered = page.turns.flatMap(({ userMessage, reply }) => (reply ? [userMessage.id] : []));
    runs.leave(items.value.filter((item) => answered.includes(messageOf(item)?.id ?? '')));
    join(page.turns);
  }

  async function reread(): Promise<void> {
    const ends = runs.ends();
    await takeNewest({ turns: await latestTurns(id), ends });
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
      const isVersion = isOpen;
      runs.follow(asked, { turnId: turn.id, quiet: !isOpen, isVersion, fromBeginning: false, begin: null });
    }
  }

  function refresh(withoutNews = false): Promise<void> {
    if (status.value !== 'ready') return status.value === 'loading' ? Promise.resolve() : load();
    // What is just being read may be from before.
    if (refreshing && withoutNews) return refreshing.then(() => refresh(true));
    refreshing ??= lookAgain(withoutNews).finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  async function lookAgain(withoutNews: boolean): Promise<void> {
    // What is just being sent would be seen twice.
    if (runs.isSending()) return;
    try {
      const ends = runs.ends();
      const turns = await latestTurns(id);
      if (life.signal.aborted || runs.isSending()) return;
      if (withoutNews || turns.some(isNews)) await takeNewest({ turns, ends });
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

  async function versions(): Promise<ConversationVersions> {
    const loaded = await import('./conversation-versions.ts').catch(() => {
      throw unreachable();
    });
    return loaded.createVersions(id, {
      ...parts,
      items,
      make,
      runs,
      busy,
      hasEarlier,
      send: (said, parentId) => sending.send({ ...said, key: newKey(), model: parts.model(), parentId }),
      load,
      reread,
      loadEarlier,
    });
  }

  return {
    versions,
    async answerAgain(item) {
      try {
        (await versions()).answerAgain(item);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        parts.complain('cannotAskAgain', error);
      }
    },
    id,
    items,
    status,
    hasEarlier,
    loadingEarlier,
    busy,
    canStop: runs.canStop,
    isSending: sending.isSending,
    load,
    refresh: () => refresh(),
    loadEarlier,
    forgetEarlier() {
      const most = 2 * pageSize;
      if (items.value.length <= most) return;
      items.value = items.value.slice(-most);
      hasEarlier.value = true;
    },
    send: (said, key) => sending.send({ ...said, key, model: parts.model() }),
    sendAgain: sending.sendAgain,
    takeBack: sending.takeBack,
    retry: runs.retry,
    stop: runs.stop,
    dispose: () => life.abort(new DOMException('left', 'AbortError')),
  };
}
