// What is said to readers who do not see the page: one polite sentence at a time.
import { type Signal, signal } from '@preact/signals';

export type Announcer = {
  said: Signal<string>;
  say: (sentence: string) => void;
  /** What was said is of no concern any more. */
  forget: () => void;
};

const longest = 400;

export function createAnnouncer(): Announcer {
  const said = signal('');
  return {
    said,
    say(sentence) {
      const text = sentence.length > longest ? `${sentence.slice(0, longest)}…` : sentence;
      // The same sentence twice is still two announcements.
      said.value = text === said.value ? `${text}\u00a0` : text;
    },
    forget() {
      said.value = '';
    },
  };
}
