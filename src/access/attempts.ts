// How often somebody tried to get in with what is wrong, by the address they came from, in this process.
import type { Log } from '../log.ts';
import { newest } from './known.ts';

const windowMs = 60_000;

/** Of one address: how much was wrong, until when that counts, and what is looked at or waits for it. */
type Tried = { wrong: number; until: number; looking: number; waiting: (() => void)[] };

export type Attempts = ReturnType<typeof createAttempts>;

/**
 * After `most` in a minute an address has to wait for its end, and no more than that are looked at together, however many
 * come at once. `what` is tried, as the log says.
 */
export function createAttempts({ log, most, what }: { log: Log; most: number; what: string }) {
  const all = newest<Tried>();

  function of(network: string): Tried {
    const tried = all.get(network) ?? { wrong: 0, until: 0, looking: 0, waiting: [] };
    if (tried.until <= performance.now()) tried.wrong = 0;
    return tried;
  }
  const waitOf = (tried: Tried): number | undefined =>
    tried.wrong < most ? undefined : Math.max(1, Math.ceil((tried.until - performance.now()) / 1000));

  return {
    /** In how many seconds an address may try again; undefined while it may. */
    waitOf: (address: string | undefined): number | undefined => waitOf(of(networkOf(address))),

    /**
     * A place to look at what came in: resolves to what gives it back, once as few are looked at as may be wrong yet, or to
     * in how many seconds the address may try again.
     */
    async place(address: string | undefined): Promise<number | (() => void)> {
      const network = networkOf(address);
      for (;;) {
        const tried = of(network);
        const seconds = waitOf(tried);
        if (seconds !== undefined) return seconds;
        if (tried.wrong + tried.looking < most) {
          tried.looking++;
          all.set(network, tried);
          return () => {
            tried.looking--;
            // Whoever is woken asks for a place again; where nobody looks any more, there is nobody to wake the rest.
            const free =
              waitOf(tried) === undefined && tried.looking > 0
                ? most - tried.wrong - tried.looking
                : tried.waiting.length;
            for (const next of tried.waiting.splice(0, free)) next();
            if (tried.wrong + tried.looking === 0 && all.get(network) === tried) all.delete(network);
          };
        }
        await new Promise<void>((next) => tried.waiting.push(next));
      }
    },

    /** Notes one, and tells the `first`, and the `last`, after which the address has to wait. */
    failed(address: string | undefined): 'first' | 'last' | undefined {
      const network = networkOf(address);
      const tried = of(network);
      if (tried.wrong === 0) tried.until = performance.now() + windowMs;
      tried.wrong++;
      all.set(network, tried);
      if (tried.wrong === most) {
        log.warn(`too many wrong ${what} came from one address: it has to wait`, { address: network });
        return 'last';
      }
      return tried.wrong === 1 ? 'first' : undefined;
    },
  };
}

/** Of IPv6 the first half: whoever has one address of a network has them all. */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  if (!address.includes(':') || address.startsWith('::ffff:')) return address.replace('::ffff:', '');
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  if (tail !== undefined) {
    const after = tail.split(':').length;
    while (groups.length < 8 - after) groups.push('0');
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
