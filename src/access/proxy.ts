// The way `proxy`: a login stands before the server, and says in a header who calls.
import type { Log } from '../log.ts';
import { isLocal, localName } from '../words/access.ts';
import { nameFault } from '../words/owner-name.ts';
import { isWithin, networksOf } from './addresses.ts';
import { createSeldom } from './seldom.ts';

export type ProxySettings = {
  /** The header that names the owner, in lower case. */
  header: string;
  /** Whose word counts: addresses and networks. */
  from: readonly string[];
};

/** What the header says: who calls, or why not. `isOurs`: our proxy says so, or else it comes from anywhere. */
type Said = { name: string } | { reason: string; isOurs: boolean };

export type ProxyWay = ReturnType<typeof createProxyWay>;

/** Gives what reads the header of a request from `peer`; undefined where there is none. */
export function createProxyWay({ header, from }: ProxySettings, log: Log) {
  const networks = networksOf(from);
  const seldom = createSeldom();
  return (peer: string | undefined, said: (header: string) => string | undefined): Said | undefined => {
    const name = said(header);
    if (!name) return undefined;
    if (!isWithin(peer, networks)) {
      if (seldom('elsewhere'))
        log.warn('a request brought the header of the login’s proxy from an address not in AUTH_PROXY_FROM', {
          address: peer ?? 'unknown',
        });
      return { reason: 'the proxy’s header came from an address not in AUTH_PROXY_FROM', isOurs: false };
    }
    const reason = faultOf(name);
    if (reason === undefined) return { name };
    if (seldom('nobody')) log.warn('the header of the login’s proxy names nobody', { reason });
    return { reason: `the proxy’s header names nobody: ${reason}`, isOurs: true };
  };
}

function faultOf(name: string): string | undefined {
  // A header that comes twice has its values joined so: one of them may be the caller's own.
  if (name.includes(',')) return 'it has a comma, or came twice';
  const fault = nameFault(name);
  if (fault) return `it ${fault.en}`;
  return name === localName ? isLocal : undefined;
}
