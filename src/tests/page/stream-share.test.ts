// Which pages stream where more want to than may: simulated, with what they say on its way for a moment.
import { expect, test } from 'bun:test';
import { type Contender, hasPlace, keptMs, mostStreams } from '../../../static/state/stream-places.ts';

const tickMs = 400;
/** How long what one page says is on its way to the others. */
const delayMs = 20;

type Change = { id: string; at: number; holds: boolean };

/** Runs pages that all want to stream, each deciding for itself; `attend` tells to which the reader turns, and when. */
function simulate(ids: readonly string[], forMs: number, attend: Record<number, string> = {}) {
  const pages = ids.map((id, n) => ({ id, holds: false, since: n * 7, attendedAt: n === 0 ? 1 : 0 }));
  const told: { at: number; page: Contender }[] = [];
  const known = new Map<string, Contender>(pages.map((page) => [page.id, { ...page }]));
  const changes: Change[] = [];
  let most = 0;
  const tell = (page: Contender, now: number) => told.push({ at: now + delayMs, page: { ...page } });
  for (let now = 100; now < forMs; now += 10) {
    const heard = told.splice(0, told.findLastIndex(({ at }) => at <= now) + 1);
    for (const { page } of heard) known.set(page.id, page);
    for (const [n, page] of pages.entries()) {
      if (attend[now] === page.id) {
        page.attendedAt = now;
        tell(page, now);
      }
      if (heard.length === 0 && (now + n * 50) % tickMs !== 0) continue;
      const all = [...known.values()].map((one) => (one.id === page.id ? page : one));
      const holds = hasPlace(page, all, now);
      if (holds === page.holds) continue;
      Object.assign(page, { holds, since: now });
      tell(page, now);
      changes.push({ id: page.id, at: now, holds });
    }
    most = Math.max(most, pages.filter(({ holds }) => holds).length);
  }
  return { pages, changes, most };
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `page ${n}`);

/** How long each stay, or each absence, lasted that came to an end. */
function lengths(changes: readonly Change[], id: string, holds: boolean): number[] {
  const own = changes.filter((change) => change.id === id);
  return own.flatMap((change, n) =>
    change.holds === holds && own[n + 1] ? [(own[n + 1]?.at ?? 0) - change.at] : [],
  );
}

test('as many pages as may stream do so without a change', () => {
  const { changes, most } = simulate(names(mostStreams), 60_000);
  expect(changes).toHaveLength(mostStreams);
  expect(most).toBe(mostStreams);
});

for (const count of [4, 5, 8, 20]) {
  test(`of ${count} pages no more stream than may, each for a while, and each again soon`, () => {
    const { pages, changes, most } = simulate(names(count), 120_000);
    expect(most).toBe(mostStreams);
    // Two places go round: each page waits until they have gone to all before it.
    const fairMs = Math.ceil((count - mostStreams) / (mostStreams - 1)) * (keptMs + tickMs) + tickMs;
    for (const { id } of pages.slice(1)) {
      const [stays, absences] = [lengths(changes, id, true), lengths(changes, id, false)];
      expect(Math.min(stays.length, absences.length)).toBeGreaterThan(3);
      expect(Math.min(...stays)).toBeGreaterThanOrEqual(keptMs);
      expect(Math.max(...absences)).toBeLessThanOrEqual(fairMs);
    }
    // The one that the reader uses never has to go.
    expect(changes.filter(({ id }) => id === 'page 0')).toHaveLength(1);
  });
}

test('the page that the reader turns to streams at once, and goes on', () => {
  const turnsAt = 30_500;
  const { changes, most } = simulate(names(8), 60_000, { [turnsAt]: 'page 5' });
  expect(most).toBe(mostStreams);
  const since = changes.filter(({ id, at }) => id === 'page 5' && at > turnsAt + 5 * delayMs);
  expect(since).toEqual([]);
  expect(changes.filter(({ id, at }) => id === 'page 5' && at <= turnsAt + 5 * delayMs).at(-1)?.holds).toBe(
    true,
  );
});
