// Which pages of a browser may keep a stream open. A browser opens six connections to a server for all its pages, and
// what readers do needs some of them. So only a page that is seen streams; and where more pages are seen than may, they
// take turns. A turn's events can be read on from anywhere, so who has to wait loses nothing.
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { record, textOf } from '../api/json.ts';
import { newKey } from './outbox.ts';

const mostStreams = 3;
/** The pages share one clock: at each tick of it the longest streaming one leaves, and the next one goes on. */
const times = { tickMs: 400, sayAgainMs: 1000, believedMs: 3000 };

/** Whether this page may stream now. `wants`: it has something to stream. */
export function shareStreams(wants: ReadonlySignal<boolean>): ReadonlySignal<boolean> {
  const self = newKey();
  /** The other pages that want to, and when they last said so: a page may die without a word. */
  const others = new Map<string, number>();
  // Whoever's pages: connections are counted by origin.
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('agentchat.streams');
  const isSeen = signal(document.visibilityState === 'visible');
  const may = signal(false);
  let takesPart = false;
  let saidAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function say(): void {
    saidAt = Date.now();
    channel?.postMessage({ page: self, wants: takesPart });
  }

  function decide(): void {
    const now = Date.now();
    for (const [page, at] of others) if (now - at > times.believedMs) others.delete(page);
    const pages = [...others.keys(), self].sort();
    const place = (pages.indexOf(self) + Math.floor(now / times.tickMs)) % pages.length;
    may.value = takesPart && place < mostStreams;
  }

  function tick(): void {
    decide();
    if (Date.now() - saidAt >= times.sayAgainMs) say();
    timer = setTimeout(tick, times.tickMs - (Date.now() % times.tickMs));
  }

  channel?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const said = record(data);
    const page = textOf(said.page);
    const isNew = !others.has(page);
    if (said.wants === true) others.set(page, Date.now());
    else others.delete(page);
    if (!takesPart) return;
    // Who has only just come is to know of everybody.
    if (isNew && said.wants === true) say();
    decide();
  });
  document.addEventListener('visibilitychange', () => {
    isSeen.value = document.visibilityState === 'visible';
  });
  effect(() => {
    if (takesPart === (wants.value && isSeen.value)) return;
    takesPart = !takesPart;
    clearTimeout(timer);
    say();
    if (takesPart) tick();
    else decide();
  });
  return may;
}
