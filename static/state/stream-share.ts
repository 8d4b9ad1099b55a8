// Which pages of a browser may keep a stream open. A browser opens six connections to a server for all its pages, and
// what readers do needs some of them. So only a page that is seen streams; and where more pages are seen than may, they
// take turns. A turn's events can be read on from anywhere, so who has to wait loses nothing.
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { record, textOf } from '../api/json.ts';
import { newKey } from './outbox.ts';
import { type Contender, hasPlace } from './stream-places.ts';

const times = { tickMs: 400, sayAgainMs: 1000, believedMs: 3000 };

/** Whether this page may stream now. `wants`: it has something to stream. */
export function shareStreams(wants: ReadonlySignal<boolean>): ReadonlySignal<boolean> {
  const self: Contender = { id: newKey(), holds: false, since: 0, attendedAt: 0 };
  /** The other pages that want to, and when they last said so: a page may die without a word. */
  const others = new Map<string, { page: Contender; heardAt: number }>();
  // Whoever's pages: connections are counted by origin.
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('agentchat.streams');
  const isSeen = signal(document.visibilityState === 'visible');
  const may = signal(false);
  let takesPart = false;
  let saidAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function say(): void {
    saidAt = Date.now();
    const { id, ...rest } = self;
    channel?.postMessage({ page: id, wants: takesPart, ...rest });
  }

  function decide(): void {
    const now = Date.now();
    for (const [id, { heardAt }] of others) if (now - heardAt > times.believedMs) others.delete(id);
    const all = [self, ...[...others.values()].map(({ page }) => page)];
    hold(takesPart && hasPlace(self, all, now));
  }

  function hold(holds: boolean): void {
    if (self.holds === holds) return;
    Object.assign(self, { holds, since: Date.now() });
    say();
    may.value = holds;
  }

  function tick(): void {
    decide();
    if (Date.now() - saidAt >= times.sayAgainMs) say();
    timer = setTimeout(tick, times.tickMs);
  }

  function attend(): void {
    self.attendedAt = Date.now();
    if (!takesPart) return;
    say();
    decide();
  }

  channel?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const said = record(data);
    const id = textOf(said.page);
    const isNew = !others.has(id);
    const page = {
      id,
      holds: said.holds === true,
      since: Number(said.since),
      attendedAt: Number(said.attendedAt),
    };
    if (said.wants === true) others.set(id, { page, heardAt: Date.now() });
    else others.delete(id);
    if (!takesPart) return;
    // Who has only just come is to know of everybody.
    if (isNew && said.wants === true) say();
    decide();
  });
  document.addEventListener('visibilitychange', () => {
    isSeen.value = document.visibilityState === 'visible';
  });
  if (document.hasFocus()) attend();
  for (const event of ['focus', 'pointerdown']) addEventListener(event, attend);
  effect(() => {
    if (takesPart === (wants.value && isSeen.value)) return;
    takesPart = !takesPart;
    clearTimeout(timer);
    self.since = Date.now();
    say();
    if (takesPart) tick();
    else decide();
  });
  return may;
}
