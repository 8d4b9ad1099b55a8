// What the tabs of one browser tell each other, so that a change in one shows in the others at once.
import { installName } from './install.ts';

export type TabNews =
  /** Sessions were made, named, deleted or brought up to date. */
  | { kind: 'sessions' }
  /** A turn began or ended in a session. */
  | { kind: 'turn'; sessionId: string }
  /** Something that waited for a person was decided. */
  | { kind: 'decided' }
  /** Somebody signed in. */
  | { kind: 'account'; owner: string }
  | { kind: 'signedOut'; owner: string };

export type Tabs = { tell: (news: TabNews) => void; listen: (heard: (news: TabNews) => void) => void };

export function createTabs(): Tabs {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => {}, listen: () => {} };
  const channel = new BroadcastChannel(installName);
  return {
    tell: (news) => channel.postMessage(news),
    listen(heard) {
      channel.addEventListener('message', ({ data }: MessageEvent<TabNews>) => heard(data));
    },
  };
}
