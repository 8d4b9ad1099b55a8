// Where requests come from: addresses and networks of both kinds, and which proxies may say that they pass one on.
import ipaddr from 'ipaddr.js';
import { newest } from './known.ts';

type Address = ReturnType<typeof ipaddr.process>;
export type Network = [address: Address, bits: number];

/** `10.0.0.0/8`, `fd00::/8`, or one address alone; undefined for what is none of these. */
export function readNetwork(text: string): Network | undefined {
  const [, name = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const address = parsed(name);
  if (address === undefined) return undefined;
  const most = address.kind() === 'ipv4' ? 32 : 128;
  // `::ffff:10.0.0.0/104` speaks of IPv4, which it is read as.
  const bits = length === undefined ? most : Number(length) - (most === 32 && name.includes(':') ? 96 : 0);
  return bits >= 0 && bits <= most ? [address, bits] : undefined;
}

export const networksOf = (texts: readonly string[]): Network[] =>
  texts.map(readNetwork).filter((network) => network !== undefined);

/** An address as every runtime and proxy writes it: IPv4 also inside IPv6, with a zone, in brackets, with a port. */
export function readAddress(text: string | undefined): Address | undefined {
  const [, bracketed, plain] = /^\s*"?(?:\[([^\]]*)\](?::\d+)?|([^[\]"]*?))"?\s*$/.exec(text ?? '') ?? [];
  const name = (bracketed ?? plain ?? '').replace(/%.*$/, '');
  return parsed(name) ?? parsed(name.replace(/:\d+$/, ''));
}

/** Strictly: `010.1` and the like are addresses to some programs, and other ones to others. */
function parsed(name: string): Address | undefined {
  const isAddress = name.includes(':') ? ipaddr.IPv6.isValid(name) : ipaddr.IPv4.isValidFourPartDecimal(name);
  return isAddress ? ipaddr.process(name) : undefined;
}

export function isWithin(text: string | undefined, networks: readonly Network[]): boolean {
  const address = readAddress(text);
  return (
    address !== undefined &&
    networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
  );
}

/** More proxies stand nowhere behind each other. */
const mostProxies = 50;

/**
 * Who called the first of our proxies. `peer` is where the connection comes from; only what a trusted proxy says of
 * `X-Forwarded-For` counts, from its end: what stands further in front, anybody may have written there.
 */
export function callerBehind(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: readonly Network[],
): string | undefined {
  let caller = readAddress(peer)?.toString() ?? peer;
  const passed = (forwardedFor ?? '').split(',').slice(-mostProxies).reverse();
  for (const text of passed) {
    if (!isWithin(caller, trusted)) break;
    const address = readAddress(text);
    if (address === undefined) break;
    caller = address.toString();
  }
  return caller;
}

/** The same, remembered: reading an address costs more than most of what stands before a request. */
export function createCallers(trusted: readonly Network[]) {
  const known = newest<string>(1000);
  return (peer: string | undefined, forwardedFor: string | undefined): string | undefined => {
    const name = `${peer}\n${forwardedFor}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const caller = callerBehind(peer, forwardedFor, trusted);
    if (caller !== undefined && name.length < 200) known.set(name, caller);
    return caller;
  };
}
