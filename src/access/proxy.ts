// The way `proxy`: a login stands before the server, and says in a header who calls.
import { Failure } from '../chat/failure.ts';
import type { Log } from '../log.ts';
import { isOwnerName } from '../words/access.ts';
import { isWithin, type Network } from './addresses.ts';
import { createSeldom } from './seldom.ts';

export type ProxySettings = {
  /** The header that names the owner, in lower case. */
  header: string;
  /** Whose word counts: addresses and networks. */
  from: readonly string[];
};

/**
 * Gives what reads the owner's name out of the header: undefined where no proxy of ours says one, so that the header is
 * nothing. Throws a Failure where ours says what cannot be a name.
 */
export function createProxyWay(from: readonly Network[], log: Log) {
  const seldom = createSeldom();
  return (peer: string | undefined, value: string | undefined): string | undefined => {
    const name = value?.trim();
    if (!name) return undefined;
    if (!isWithin(peer, from)) {
      seldom(() =>
        log.warn('a request brought the header of the login’s proxy from an address not in AUTH_PROXY_FROM', {
          address: peer ?? 'unknown',
        }),
      );
      return undefined;
    }
    // A header that comes twice has its values joined so: one of them may be the caller's own.
    const reason = name.includes(',')
      ? 'it has a comma, or came twice'
      : isOwnerName(name)
        ? undefined
        : 'it is too long, or has control characters';
    if (reason === undefined) return name;
    seldom(() => log.warn('the header of the login’s proxy names nobody', { reason }));
    throw new Failure('unauthorized');
  };
}
