// Who of the pages that want to stream has a place. Each page asks for itself, and all know the same of each other.

/** A page that wants to stream. Times are the browser's clock, in milliseconds. */
export type Contender = {
  id: string;
  /** Whether it streams, and since when it does or waits. */
  holds: boolean;
  since: number;
  /** When the reader last turned to it. */
  attendedAt: number;
};

export const mostStreams = 3;
/** A place is kept so long at least: a stream that is left has to be opened again. */
export const keptMs = 2000;

/**
 * Whether `self`, one of `all`, is to have a place now. The page that the reader uses keeps its own; of the others the
 * longest waiting come in, and for them the longest streaming go.
 */
export function hasPlace(self: Contender, all: readonly Contender[], now: number): boolean {
  const attended = [...all].sort((a, b) => b.attendedAt - a.attendedAt || byId(a, b))[0];
  const inOrder = (holds: boolean) =>
    all
      .filter((one) => one.holds === holds)
      .sort((a, b) => first(a === attended, b === attended) || a.since - b.since || byId(a, b));
  const [holders, waiters] = [inOrder(true), inOrder(false)];
  const free = mostStreams - holders.length;
  if (!self.holds) return waiters.indexOf(self) < free;
  if (holders.indexOf(self) >= mostStreams) return false;
  const isUrgent = waiters[0] === attended;
  const goers = holders.filter((one) => one !== attended && (isUrgent || now - one.since >= keptMs));
  const place = goers.indexOf(self);
  return place === -1 || place >= (isUrgent ? 1 : waiters.length) - free;
}

const first = (a: boolean, b: boolean): number => Number(b) - Number(a);
const byId = (a: Contender, b: Contender): number => (a.id < b.id ? -1 : 1);
