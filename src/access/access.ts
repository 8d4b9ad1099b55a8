// The one who is asked who calls, put together from what each way needs. What they may then do stands at the chat's door.
import type { Caller, Principal } from '../chat/principal.ts';
import type { Store } from '../db/store.ts';
import type { Log } from '../log.ts';
import type { Way } from '../words/access.ts';
import { createCallers, isWithin, networksOf } from './addresses.ts';
import { type Admin, createAdmin } from './admin.ts';
import { type AllowanceOf, createAllowances } from './allowance.ts';
import type { Credentials, Identified } from './credentials.ts';
import { createIdentify, onlyForServices, unauthorized } from './identify.ts';
import type { OidcSettings } from './oidc/oidc-settings.ts';
import { createPageSignIn, type PageSignIn } from './oidc/page-sign-in.ts';
import { createProvider, type ProviderMemory } from './oidc/provider.ts';
import { createTokenWay } from './oidc/tokens.ts';
import { createProxyWay, type ProxySettings } from './proxy.ts';
import { createRefusals } from './refusals.ts';
import { createSignIns, noProvider } from './sign-ins.ts';
import { createWhileGood, type WhileGood } from './while-good.ts';

export type Access = ReturnType<typeof createSignIns> & {
  /** The ways in, in their order. */
  ways: readonly Way[];
  /** Throws a Failure: `unauthorized`, `not_allowed`, `too_many_attempts` or `provider_away`. */
  identify(credentials: Credentials): Promise<Identified>;
  /** Calls when the key or the sign-in that somebody came by is taken back. */
  whileGood: WhileGood;
  /** What an admin looks after. Throws a Failure for others. */
  admin(caller: Caller): Admin;
  /** What limits leave to an owner, by a key. */
  allowance: AllowanceOf;
  /** Where a request comes from: its connection, or what trusted proxies say in `X-Forwarded-For`. */
  addressOf(peer: string | undefined, forwardedFor: string | undefined): string | undefined;
  /** Whether a connection from there is a trusted proxy's. */
  isTrusted(peer: string | undefined): boolean;
  /** The page's sign-in at the provider; undefined where there is none. */
  page?: PageSignIn | undefined;
};

/** How callers say who they are, and what each way needs. */
export type AccessSettings = {
  ways: readonly Way[];
  /** Owners who are admins by `oidc` and `proxy`. */
  admins?: readonly string[];
  oidc?: OidcSettings | undefined;
  proxy?: ProxySettings | undefined;
  trustedProxies?: readonly string[];
};

/** Everybody is the same one, whatever a request brings. */
export const everybodyIs = (principal: Principal, store: Store): Access => ({
  ways: ['none'],
  identify: async ({ owner }) => {
    if (owner !== undefined) throw onlyForServices();
    return principal;
  },
  whileGood: () => () => {},
  signIn: async () => {
    throw unauthorized();
  },
  signOut: async () => undefined,
  admin: createAdmin(store),
  allowance: createAllowances(store),
  addressOf: (peer) => peer,
  isTrusted: () => false,
  signInAtProvider: async () => {
    throw noProvider();
  },
});

export function createAccess(parts: {
  store: Store;
  log: Log;
  settings: AccessSettings;
  /** What is known of the provider, where that outlives these parts. */
  providerMemory?: ProviderMemory | undefined;
}): Access {
  const { store, log, settings, providerMemory } = parts;
  const { ways, oidc, proxy, admins = [] } = settings;
  const trusted = networksOf(settings.trustedProxies ?? proxy?.from ?? []);
  const provider = oidc && createProvider(oidc.issuer, log, providerMemory);
  const { clientId } = oidc ?? {};
  const page =
    oidc && provider && clientId !== undefined
      ? createPageSignIn({ settings: { ...oidc, clientId }, provider, log })
      : undefined;
  const refusals = createRefusals(store, log);
  const identify = createIdentify({
    ...{ store, log, refusals, ways, admins },
    tokenWay: oidc && provider && createTokenWay(oidc, provider),
    proxyWay: proxy && createProxyWay(proxy, log),
  });

  return {
    ...createSignIns({ store, ways, page, identify, refusals }),
    ways,
    page,
    identify: identify.identify,
    whileGood: createWhileGood(store, identify.forget, log),
    admin: createAdmin(store),
    allowance: createAllowances(store),
    addressOf: createCallers(trusted),
    isTrusted: (peer) => isWithin(peer, trusted),
  };
}
