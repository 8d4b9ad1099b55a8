// How often somebody tried to get in with what is wrong, by the address they came from, in this process.
import type { Log } from '../log.ts';

const windowMs = 60_000;
const mostFailures = 10;
const mostAddresses = 10_000;

export type Attempts = ReturnType<typeof createAttempts>;

export function createAttempts(log: Log) {
  const failures = new Map<string, { count: number; until: number }>();

  const current = (address: string) => {
    const found = failures.get(address);
    if (found && found.until <= performance.now()) failures.delete(address);
    return failures.get(address);
  };

  return {
    /** In how many seconds an address may try again; undefined while it may. */
    waitOf(address: string | undefined): number | undefined {
      const found = current(networkOf(address));
      if (!found || found.count < mostFailures) return undefined;
      return Math.max(1, Math.ceil((found.until - performance.now()) / 1000));
    },

    /** Notes one; true of the first, and of the one after which the address has to wait. */
    failed(address: string | undefined): boolean {
      const network = networkOf(address);
      const found = current(network) ?? { count: 0, until: performance.now() + windowMs };
      found.count++;
      failures.delete(network);
      failures.set(network, found);
      if (found.count === mostFailures)
        log.warn('too many wrong keys or tokens came from one address: it has to wait', { address: network });
      for (const oldest of failures.keys()) {
        if (failures.size <= mostAddresses) break;
        failures.delete(oldest);
      }
      return found.count === 1 || found.count === mostFailures;
    },
  };
}

/** Of IPv6 the first half: whoever has one address of a network has them all. */
function networkOf(address: string | undefined): string {
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
