// What else may be said in a place of a conversation, or answered there, and which of it is shown. What was there stays, as
// another version.
import type { ReadonlySignal, Signal } from '@preact/signals';
import { Problem } from '../api/problem.ts';
import { regenerate, showVersion, turnOfReply } from '../api/versions.ts';
import type { ConversationParts } from './conversation.ts';
import type { ConversationRuns } from './conversation-runs.ts';
import {
  findByMessage,
  type Item,
  type ItemMaker,
  parentOf,
  type ReplyItem,
  type UserItem,
} from './items.ts';
import { newKey, type Said } from './outbox.ts';

export type ConversationVersions = {
  /** Says something else in the place of a message, with the files that came with that. */
  sayInstead: (item: UserItem, text: string) => void;
  /** Lets what a reply answers be answered again. */
  answerAgain: (item: ReplyItem) => void;
  /** Goes to another version of a message; false where that did not work. */
  show: (messageId: string) => Promise<boolean>;
};

export type VersionsParts = Pick<ConversationParts, 'model' | 'changed' | 'complain' | 'connection'> & {
  items: Signal<Item[]>;
  make: ItemMaker;
  runs: Pick<ConversationRuns, 'follow' | 'leave' | 'untilAnswered'>;
  busy: ReadonlySignal<boolean>;
  hasEarlier: ReadonlySignal<boolean>;
  send: (said: Said, parentId: string | null) => void;
  load: () => Promise<void>;
  /** Reads the newest messages, whether or not there is news. */
  reread: () => Promise<void>;
  loadEarlier: () => Promise<void>;
};

/** So many pages are read at most until the message is among them that was gone to. */
const mostPages = 50;

export function createVersions(id: string, parts: VersionsParts): ConversationVersions {
  const { items, make, runs, busy } = parts;

  /** Shows no more from this place on. */
  function cut(from: number): void {
    const gone = items.value.slice(from);
    items.value = items.value.slice(0, from);
    runs.leave(gone);
  }

  return {
    sayInstead(item, text) {
      const message = item.message.value;
      if (!message || busy.value) return;
      const place = items.value.indexOf(item);
      const parentId =
        place === 0 && parts.hasEarlier.value ? message.parentId : parentOf(items.value, place);
      cut(place);
      parts.send({ text, files: item.files }, parentId);
    },

    answerAgain({ asked, reply }) {
      const message = reply.message.value;
      if (!asked || !message || busy.value) return;
      cut(items.value.indexOf(asked) + 1);
      const item = make.reply(asked);
      items.value = [...items.value, item];
      const wish = { key: newKey(), model: parts.model() };
      runs.follow(asked, {
        turnId: null,
        quiet: false,
        fromBeginning: true,
        isVersion: true,
        async begin(signal) {
          const answer = async () => {
            const turnId = await turnOfReply(id, message.id);
            if (turnId === null) throw new Problem({ status: 404, detail: '' });
            return regenerate(id, turnId, wish, signal);
          };
          return runs.untilAnswered(item, answer, signal);
        },
        onBegun: () => parts.changed('begun'),
        onRefused(problem) {
          parts.complain('cannotAskAgain', problem);
          void parts.load();
        },
      });
    },

    async show(messageId) {
      try {
        await showVersion(id, messageId);
        await parts.reread();
        for (let page = 0; page < mostPages && !findByMessage(items.value, messageId); page++) {
          if (!parts.hasEarlier.value) break;
          await parts.loadEarlier();
        }
        parts.changed('ended');
        return true;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        parts.connection.suspect(error);
        parts.complain('cannotShowVersion', error);
        return false;
      }
    },
  };
}
