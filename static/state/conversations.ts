// The conversations that are kept: the one in view, those that still have something to send, and a few that were left.
import type { Conversation } from './conversation.ts';

export type Conversations = {
  /** The one that is kept, or a new one, which is loaded. */
  open: (id: string) => Conversation;
  /** One that was only just made, and has nothing to load. */
  openNew: (id: string) => Conversation;
  find: (id: string) => Conversation | undefined;
  all: () => Conversation[];
  forget: (id: string) => void;
};

const mostKept = 6;

export function createConversations(make: (id: string, isNew: boolean) => Conversation): Conversations {
  /** Least recently opened first. */
  const kept = new Map<string, Conversation>();

  function leaveSome(): void {
    for (const [id, conversation] of [...kept].slice(0, -mostKept)) {
      if (conversation.isSending()) continue;
      conversation.dispose();
      kept.delete(id);
    }
  }

  function keep(id: string, conversation: Conversation): Conversation {
    kept.delete(id);
    kept.set(id, conversation);
    leaveSome();
    return conversation;
  }

  return {
    open(id) {
      const known = kept.get(id);
      const conversation = keep(id, known ?? make(id, false));
      // It is shown from its end, at once however much of it was read.
      known?.forgetEarlier();
      void (known ? known.refresh() : conversation.load());
      return conversation;
    },
    openNew: (id) => keep(id, make(id, true)),
    find: (id) => kept.get(id),
    all: () => [...kept.values()],
    forget(id) {
      kept.get(id)?.dispose();
      kept.delete(id);
    },
  };
}
